// SPDX-License-Identifier: MIT
#include "shapes.hpp"

#include "random.hpp"
#include "record.hpp"
#include "session.hpp"

namespace acre::certify {

namespace {

using settings::live_max;
using settings::region_bytes;
using settings::tracing;

// How often a shape with a random part is repeated.
unsigned rounds(const subject& s, unsigned most) {
  const unsigned share = most / s.effort;
  return tracing || share == 0 ? 1 : share;
}

void begin(session& session) {
  session.restart();
  discard();
}

void run_init(const subject& s) {
  session session(s);
  for (unsigned i = 0; i < 3; ++i) {
    session.restart();
  }
  end_scenario(s, "whole region");
}

// For each size: fill a fresh region, give back in an order, fill again.
void run_orders(const subject& s) {
  session session(s);
  for (unsigned i = 0; i < s.sizes.count; ++i) {
    const size_t size = s.sizes.values[i];
    begin(session);
    session.fill(size);
    end_scenario(s, "fill a fresh region");
    session.give_newest_first();
    end_scenario(s, "free newest first");
    session.fill(size);
    end_scenario(s, "fill after newest first");
    session.give_oldest_first();
    end_scenario(s, "free oldest first");
    session.fill(size);
    end_scenario(s, "fill after oldest first");
    session.shuffle();
    session.give_newest_first();
    end_scenario(s, "free at random");
    session.fill(size);
    end_scenario(s, "fill after random");
    session.give_every_second();
    end_scenario(s, "comb: free every second");
    session.give_oldest_first();
    end_scenario(s, "comb: free the others");
  }
}

// One block in an empty region: the deepest split, and the free that merges everything.
void run_single(const subject& s) {
  session session(s);
  for (unsigned i = 0; i < s.sizes.count; ++i) {
    begin(session);
    for (unsigned again = 0; again < 2; ++again) {
      if (session.take(s.sizes.values[i])) {
        session.give(0);
      }
    }
    end_scenario(s, "one block in an empty region");
  }
}

// A full region of equal blocks with one hole, at every place.
void run_one_hole(const subject& s) {
  session session(s);
  for (unsigned i = 0; i < s.sizes.count; ++i) {
    begin(session);
    session.fill(s.sizes.values[i]);
    discard();
    for (size_t at = 0; at < session.count(); at += s.effort) {
      session.replace(at, s.sizes.values[i]);
    }
    end_scenario(s, "one hole in a full region");
  }
}

// All blocks of one size free except one, at some places; that one is given back last, so that
// everything merges; and before, a block of each size is taken and given back beside it.
void run_last_one(const subject& s) {
  session session(s);
  for (unsigned round = 0; round < rounds(s, 16); ++round) {
    begin(session);
    session.fill(s.sizes.smallest());
    const size_t count = session.count();
    const size_t keep = round < 4 ? round * (count - 1) / 3 : random_below(count);
    session.keep_only(keep);
    for (unsigned i = 0; i < s.sizes.count; ++i) {
      if (session.take(s.sizes.values[i])) {
        session.give(session.count() - 1);
      }
    }
    session.give(0);
    end_scenario(s, "all but one freed, then that one");
  }
}

// A full region of the smallest, in which the blocks in the place of one larger block are given back:
// each larger size finds exactly one hole.
void run_larger_hole(const subject& s) {
  session session(s);
  for (unsigned i = 1; i < s.sizes.count; ++i) {
    const uintptr_t size = s.sizes.values[i];
    const size_t places = region_bytes / size;
    for (unsigned round = 0; round < rounds(s, 8) && places > 2; ++round) {
      begin(session);
      session.fill(s.sizes.smallest());
      const size_t place = round == 0 ? 0 : round == 1 ? places - 2 : random_below(places);
      session.give_between(place * size, (place + 1) * size);
      if (session.take(size)) {
        session.give(session.count() - 1);
      }
      if (session.take(s.sizes.smallest())) {
        session.give(session.count() - 1);
      }
      end_scenario(s, "one hole of a larger size");
    }
  }
}

// As many equal holes as fit, each between two live blocks, in the whole region or in half of it; then
// requests of every size, which find all of them useful or none, and perhaps room behind the last one.
// A search that walks a list of holes walks all of this one.
void run_flood(const subject& s) {
  session session(s);
  for (unsigned i = 0; i < 2 * s.sizes.count; ++i) {
    const size_t size = s.sizes.values[i / 2];
    begin(session);
    session.fill(size);
    if (i % 2 == 1) {
      const size_t half = session.count() / 2;
      begin(session);
      session.fill(size, half);
    }
    session.give_every_second();
    for (unsigned j = 0; j < s.sizes.count; ++j) {
      if (session.take(s.sizes.values[j])) {
        session.give(session.count() - 1);
      }
    }
    // And the holes vanish one after the other, each merging with both neighbours.
    for (size_t n = session.count() / 8; n != 0; --n) {
      session.give(random_below(session.count()));
    }
    end_scenario(s, "flood of equal holes");
  }
}

// Holes of a size with one larger hole, below all of them or above, and a request for that one.
void run_flood_with_one_fit(const subject& s) {
  session session(s);
  for (unsigned i = 0; i + 2 < 2 * s.sizes.count; ++i) {
    const size_t size = s.sizes.values[i / 2];
    const size_t larger = s.sizes.values[i / 2 + 1];
    begin(session);
    if (i % 2 == 0) {
      session.take(larger);
      session.fill(size);
    } else {
      session.fill(size, live_max - 1);
      while (session.count() != 0 && !session.take(larger)) {
        session.give(session.count() - 1);
      }
    }
    session.give_every_second();
    for (size_t at = 0; at < session.count(); ++at) {
      if (session.at(at).size == larger) {
        session.replace(at, larger);
      }
    }
    end_scenario(s, "one fit in a flood of holes");
  }
}

// One block of each size, between blocks that stay, is taken and given back: with size classes, every
// class becomes empty and then not, alone and after all others.
void run_bins(const subject& s) {
  session session(s);
  for (unsigned round = 0; round < rounds(s, 8); ++round) {
    begin(session);
    for (unsigned i = 0; i < s.sizes.count && s.sizes.values[i] < region_bytes / 16; ++i) {
      session.take(s.sizes.values[i]);
      session.take(s.sizes.smallest());
    }
    const size_t pairs = session.count() / 2;
    for (size_t n = 0; n < pairs;
         ++n) {  // every hole, and so every class, from a full region's rest
      const size_t at = 2 * (round % 2 == 0 ? n : pairs - 1 - n);
      const size_t size = session.at(at).size;
      session.replace(at, size);
    }
    while (session.fill_rest(s.sizes) != 0) {
    }
    for (size_t n = 0; n < pairs; ++n) {
      const size_t at = 2 * (round % 2 == 0 ? n : pairs - 1 - n);
      session.replace(at, session.at(at).size);
    }
    session.shuffle();
    session.give_newest_first();
    end_scenario(s, "size classes emptied and filled");
  }
}

// The last block before the free end of the region grows and shrinks, by resizing or as a new block.
void run_top(const subject& s) {
  session session(s);
  begin(session);
  session.take(s.sizes.smallest());
  for (unsigned round = 0; round < 4; ++round) {
    for (unsigned i = 0; i < s.sizes.count; ++i) {
      const unsigned at = round % 2 == 0 ? i : s.sizes.count - 1 - i;
      if (session.take(s.sizes.values[at])) {
        const size_t top = session.count() - 1;
        for (unsigned j = 0; j < s.sizes.count; ++j) {
          session.resize(top, s.sizes.values[j]);
        }
        session.give(top);
      }
    }
  }
  end_scenario(s, "grow and shrink at the top");
}

// Regions that grow until they are full and shrink until they are empty, with all sizes mixed; each
// size is as frequent as all larger ones together.
void run_waves(const subject& s) {
  session session(s);
  const auto some_size = [&] {
    unsigned i = 0;
    while (i + 1 < s.sizes.count && random_below(2) == 0) {
      ++i;
    }
    return s.sizes.values[i];
  };
  for (unsigned wave = 0; wave < rounds(s, 8); ++wave) {
    begin(session);
    for (unsigned misses = 0; misses < 8 && session.count() < live_max;) {
      misses += session.take(some_size()) ? 0 : 1;
      if (session.count() != 0 && random_below(4) == 0) {
        session.give(random_below(session.count()));
      }
    }
    while (session.count() != 0) {
      session.give(random_below(session.count()));
      if (random_below(4) == 0) {
        session.take(some_size());
      }
    }
    end_scenario(s, "waves of all sizes");
  }
}

void run_last_in_first_out(const subject& s) {
  session session(s);
  begin(session);
  for (unsigned round = 0; round < rounds(s, 4); ++round) {
    for (unsigned misses = 0; misses < 2 && session.count() < live_max;) {
      misses += session.take(1 + random_below(200)) ? 0 : 1;
    }
    session.give_newest_first();
  }
  end_scenario(s, "fill and free newest first");
}

}  // namespace

void run_shapes(const subject& s) {
  seed_random(2);
  run_init(s);
  if (s.last_in_first_out) {
    run_last_in_first_out(s);
    return;
  }
  run_orders(s);
  run_single(s);
  run_one_hole(s);
  run_last_one(s);
  run_larger_hole(s);
  run_flood(s);
  run_flood_with_one_fit(s);
  run_bins(s);
  run_top(s);
  run_waves(s);
}

}  // namespace acre::certify
