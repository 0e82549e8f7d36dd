// SPDX-License-Identifier: MIT
#include "climb.hpp"

#include "random.hpp"
#include "record.hpp"
#include "session.hpp"
#include "text.hpp"

namespace acre::certify {

namespace {

enum class deed : uint8_t {
  take,
  take_aligned,
  give_newest,
  give_scattered,  // each third or so
  give_every_second,
  give_all_but_one,
  resize,
};
constexpr unsigned deed_count = 7;

struct gene {
  deed what;
  uint8_t count;
  uint16_t size;
};

constexpr unsigned gene_count = 24;
constexpr unsigned climbs = 4;        // from different beginnings
constexpr unsigned calls_max = 1500;  // of a sequence, about

struct sequence {
  gene genes[gene_count];
};

size_t some_size(const subject& s) {
  if (s.any_size && random_below(2) == 0) {
    return log_uniform(s.sizes.largest());
  }
  return s.sizes.values[random_below(s.sizes.count)];
}

gene some_gene(const subject& s) {
  gene g{};
  // As many genes take as give.
  const auto what = random_below(2) == 0 ? 0U : static_cast<unsigned>(random_below(deed_count));
  g.what = static_cast<deed>(what);
  if ((g.what == deed::take_aligned && s.allocate_aligned == nullptr) ||
      (g.what == deed::resize && s.try_resize == nullptr)) {
    g.what = deed::take;
  }
  if (s.last_in_first_out && g.what != deed::take) {
    g.what = deed::give_newest;
  }
  // 1 to 255, small ones more often.
  g.count = static_cast<uint8_t>(1U + (random() & 0xFEU) / (1U << random_below(8)));
  g.size = static_cast<uint16_t>(some_size(s));
  return g;
}

size_t scattered(size_t n, size_t count) {
  return n * 0x9E37U % count;
}

unsigned perform(session& session, gene g) {
  unsigned calls = 0;
  switch (g.what) {
    case deed::take:
    case deed::take_aligned: {
      const size_t align = g.what == deed::take ? default_alignment : 64;
      while (calls < g.count && session.take(g.size, align)) {
        ++calls;
      }
      break;
    }
    case deed::give_newest:
    case deed::give_scattered:
      while (calls < g.count && session.count() != 0) {
        const size_t newest = session.count() - 1;
        session.give(g.what == deed::give_newest ? newest : scattered(calls + g.size, newest + 1));
        ++calls;
      }
      break;
    case deed::give_every_second:
      calls = static_cast<unsigned>(session.count() / 2);
      session.give_every_second();
      break;
    case deed::give_all_but_one:
      if (session.count() != 0) {
        calls = static_cast<unsigned>(session.count());
        session.keep_only(scattered(g.count, session.count()));
      }
      break;
    case deed::resize:
      for (; calls < g.count && session.count() != 0; ++calls) {
        session.resize(scattered(calls + g.count, session.count()), g.size);
      }
      break;
  }
  return calls;
}

void perform(const subject& s, const sequence& q) {
  session session(s);
  session.restart();
  unsigned calls = 0;
  for (const gene& g : q.genes) {
    if (calls < calls_max) {
      calls += perform(session, g);
    }
  }
}

sequence some_sequence(const subject& s) {
  sequence q{};
  for (gene& g : q.genes) {
    g = some_gene(s);
  }
  return q;
}

sequence changed(const subject& s, sequence q) {
  for (size_t n = 1 + random_below(3); n != 0; --n) {
    gene& g = q.genes[random_below(gene_count)];
    switch (random_below(4)) {
      case 0:
        g = some_gene(s);
        break;
      case 1:
        g.count = some_gene(s).count;
        break;
      case 2:
        g.size = static_cast<uint16_t>(some_size(s));
        break;
      default: {
        gene& other = q.genes[random_below(gene_count)];
        const gene moved = other;
        other = g;
        g = moved;
        break;
      }
    }
  }
  return q;
}

counts worst[operation_count];

// What the search makes larger.
uint32_t height_of(const counts& call) {
  return call.masked != 0 ? call.masked : call.instructions;
}

// Runs a sequence; the height of the highest call of `op`.
uint32_t measure(const subject& s, const sequence& q, operation op) {
  // Whatever else the sequence found counts as well.
  perform(s, q);
  for (unsigned i = 0; i < operation_count; ++i) {
    worst[i].raise_to(worst_of(static_cast<operation>(i)));
  }
  const uint32_t result = height_of(worst_of(op));
  discard();
  return result;
}

bool is_searched(const subject& s, operation op) {
  switch (op) {
    case operation::allocate:
    case operation::exhausted:
      return true;
    case operation::allocate_slab:
    case operation::deallocate_slab:
      return s.slab_shift != 0;
    case operation::allocate_aligned:
      return s.allocate_aligned != nullptr;
    case operation::deallocate:
      return s.deallocate != s.deallocate_unsized;
    case operation::deallocate_unsized:
      return s.deallocate == s.deallocate_unsized;
    case operation::try_resize:
    case operation::reallocate:
      return s.try_resize != nullptr;
    case operation::init:
    case operation::reset:
      return false;
  }
  return false;
}

}  // namespace

void run_climb(const subject& s) {
  uint64_t tried = 0;
  for (counts& w : worst) {
    w = {};
  }
  for (unsigned i = 0; i < operation_count; ++i) {
    const auto op = static_cast<operation>(i);
    for (unsigned climb = 0; climb < climbs && is_searched(s, op); ++climb) {
      seed_random(100 * i + climb + 3);
      sequence best = some_sequence(s);
      uint32_t height = measure(s, best, op);
      ++tried;
      for (unsigned n = 0; n < settings::tries / climbs / s.effort; ++n) {
        const sequence next = changed(s, best);
        const uint32_t reached = measure(s, next, op);
        ++tried;
        if (reached >= height) {
          best = next;
          height = reached;
        }
      }
    }
  }
  for (unsigned i = 0; i < operation_count; ++i) {
    if (worst[i].instructions != 0 && static_cast<operation>(i) != operation::init) {
      note(static_cast<operation>(i), worst[i]);
    }
  }
  end_scenario(s, "search");
  print_line("tried", s.name, s.level, tried);
}

}  // namespace acre::certify
