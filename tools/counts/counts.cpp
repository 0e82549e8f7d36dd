// SPDX-License-Identifier: MIT
// counts: how many instructions each allocator's public calls execute, hunted over scenarios that
// were written to make them slow. The calls are out of line and take the allocator as an argument,
// as a product's would; see meter.hpp for what is counted.
//
// One line a scenario and operation goes to the console, for tools/counts.py to read:
//   count|allocator|level|operation|scenario|calls|least|most|sum
// With ACRE_COUNTS_TRACE each call prints its own line, and there are few: the driver compares them
// with a trace of every instruction.
#include <stddef.h>
#include <stdint.h>

#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/config.hpp>
#include <acre/platform/console.hpp>
#include <acre/pool.hpp>
#include <acre/slab.hpp>
#include <acre/stack.hpp>

#include "meter.hpp"

namespace {

using acre::check_level;
using acre::status;

#if defined(ACRE_COUNTS_TRACE)
constexpr bool tracing = true;
#else
constexpr bool tracing = false;
#endif

constexpr size_t region_bytes = ACRE_COUNTS_REGION;
constexpr size_t block_limit = region_bytes / 16;
constexpr size_t smallest_slab = 512;
// A region that begins 16 bytes behind a round address: the worst for buddy, whose tree then spans
// twice the region.
constexpr size_t unaligned_by = 16;
constexpr unsigned steady_steps = tracing ? 20 : ACRE_COUNTS_STEPS;
constexpr size_t traced_blocks = 8;  // the most that are live at a time while tracing

alignas(region_bytes) unsigned char memory[region_bytes + unaligned_by];

// Text ---------------------------------------------------------------------------------------------

void print(const char* text) {
  size_t length = 0;
  while (text[length] != '\0') {
    ++length;
  }
  acre::platform::console_write(text, length);
}

void print(uint64_t number) {
  char digits[21];
  size_t first = sizeof digits;
  do {
    digits[--first] = static_cast<char>('0' + static_cast<char>(number % 10));
    number /= 10;
  } while (number != 0);
  acre::platform::console_write(digits + first, sizeof digits - first);
}

// What is counted ----------------------------------------------------------------------------------

struct subject {
  const char* name;
  const char* level;
  void* object;
  void (*init)();
  void (*allocate)();
  void (*deallocate)();
  const uint16_t* sizes;  // what to ask for; increasing
  unsigned size_count;
  size_t skip = 0;          // where in `memory` the region begins
  unsigned slab_shift = 0;  // log2 of the bytes of a slab; 0: no slabs
};

// A slab that is taken or given back in the course of a call makes it another operation.
enum operation : unsigned {
  init,
  allocate,
  allocate_slab,
  exhaust,
  deallocate,
  deallocate_slab,
  other,
  operation_count
};

constexpr const char* operation_names[operation_count] = {
    "init", "allocate", "allocate + slab", "exhausted", "deallocate", "deallocate + slab", "other"};

struct tally {
  uint32_t calls;
  uint32_t least;
  uint32_t most;
  uint64_t sum;
};

tally tallies[operation_count];
uint16_t live_in_slab[region_bytes / smallest_slab];  // blocks
const char* other_name = "";
int failures = 0;

template <class Function>
acre::counts::metered_call call_of(Function* function, const void* object, uintptr_t a = 0,
                                   uintptr_t b = 0, uintptr_t c = 0) {
  return {
      reinterpret_cast<const void*>(function), {reinterpret_cast<uintptr_t>(object), a, b, c}, 0};
}

void note(operation op, uint32_t instructions) {
  tally& t = tallies[op];
  t.least = t.calls == 0 || instructions < t.least ? instructions : t.least;
  t.most = instructions > t.most ? instructions : t.most;
  t.sum += instructions;
  ++t.calls;
  if constexpr (tracing) {
    print("call|");
    print(uint64_t{instructions});
    print("\n");
  }
}

void end_scenario(const subject& s, const char* scenario) {
  for (unsigned op = 0; op < operation_count; ++op) {
    tally& t = tallies[op];
    if (t.calls != 0) {
      const char* const fields[] = {
          "count|", s.name,  "|", s.level, "|", op == other ? other_name : operation_names[op],
          "|",      scenario};
      for (const char* field : fields) {
        print(field);
      }
      const uint64_t values[] = {t.calls, t.least, t.most, t.sum};
      for (const uint64_t value : values) {
        print("|");
        print(value);
      }
      print("\n");
    }
    t = {};
  }
}

uint16_t& slab_of(const subject& s, const void* block) {
  const size_t offset = reinterpret_cast<uintptr_t>(block) - reinterpret_cast<uintptr_t>(memory);
  return live_in_slab[offset >> s.slab_shift];
}

void do_init(const subject& s) {
  for (auto& count : live_in_slab) {
    count = 0;
  }
  auto call = call_of(s.init, s.object, reinterpret_cast<uintptr_t>(memory) + s.skip, region_bytes);
  note(init, acre::counts::instructions_of(call));
  failures += static_cast<status>(call.result) == status::ok ? 0 : 1;
}

void* do_allocate(const subject& s, size_t size) {
  auto call = call_of(s.allocate, s.object, size, acre::default_alignment);
  const uint32_t instructions = acre::counts::instructions_of(call);
  void* block = reinterpret_cast<void*>(call.result);
  if (block == nullptr) {
    note(exhaust, instructions);
  } else if (s.slab_shift != 0 && slab_of(s, block)++ == 0) {
    note(allocate_slab, instructions);
  } else {
    note(allocate, instructions);
  }
  return block;
}

void do_deallocate(const subject& s, void* block, size_t size) {
  auto call = call_of(s.deallocate, s.object, reinterpret_cast<uintptr_t>(block), size,
                      acre::default_alignment);
  const uint32_t instructions = acre::counts::instructions_of(call);
  const bool empties = s.slab_shift != 0 && --slab_of(s, block) == 0;
  note(empties ? deallocate_slab : deallocate, instructions);
  failures += static_cast<status>(call.result & 0xFF) == status::ok ? 0 : 1;
}

// Live blocks --------------------------------------------------------------------------------------

struct live_block {
  void* block;
  size_t size;
};

live_block live[block_limit];
size_t live_count = 0;

uint32_t seed = 1;

uint32_t random() {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return seed;
}

size_t random_below(size_t limit) {
  return static_cast<size_t>(uint64_t{random()} * limit >> 32);
}

// Smaller sizes are more frequent: each is as frequent as all larger ones together.
size_t some_size(const subject& s) {
  unsigned i = 0;
  while (i + 1 < s.size_count && random_below(2) == 0) {
    ++i;
  }
  return s.sizes[i];
}

bool take(const subject& s, size_t size) {
  void* block = do_allocate(s, size);
  if (block == nullptr) {
    return false;
  }
  live[live_count++] = {block, size};
  return true;
}

void give(const subject& s, size_t index) {
  const live_block gone = live[index];
  live[index] = live[--live_count];
  do_deallocate(s, gone.block, gone.size);
}

void fill(const subject& s, size_t size) {
  const size_t limit = tracing ? traced_blocks : block_limit;
  while (live_count < limit && take(s, size)) {
  }
}

void shuffle() {
  for (size_t i = live_count; i > 1; --i) {
    const size_t j = random_below(i);
    const live_block swapped = live[i - 1];
    live[i - 1] = live[j];
    live[j] = swapped;
  }
}

// Scenarios ----------------------------------------------------------------------------------------

void restart(const subject& s) {
  live_count = 0;
  do_init(s);
  tallies[init] = {};
}

void give_all_newest_first(const subject& s) {
  while (live_count != 0) {
    give(s, live_count - 1);
  }
}

void give_all_oldest_first(const subject& s) {
  for (size_t i = 0; i < live_count; ++i) {
    do_deallocate(s, live[i].block, live[i].size);
  }
  live_count = 0;
}

void run_init(const subject& s) {
  for (unsigned i = 0; i < 3; ++i) {
    live_count = 0;
    do_init(s);
  }
  end_scenario(s, "whole region");
}

// For each size: fill a fresh heap, free in an order, fill again.
void run_orders(const subject& s) {
  for (unsigned i = 0; i < s.size_count; ++i) {
    restart(s);
    fill(s, s.sizes[i]);
    end_scenario(s, "fill a fresh heap");
    give_all_newest_first(s);
    end_scenario(s, "free newest first");
    fill(s, s.sizes[i]);
    end_scenario(s, "fill after newest first");
    give_all_oldest_first(s);
    end_scenario(s, "free oldest first");
    fill(s, s.sizes[i]);
    end_scenario(s, "fill after oldest first");
    shuffle();
    give_all_newest_first(s);
    end_scenario(s, "free at random");
    fill(s, s.sizes[i]);
    end_scenario(s, "fill after random");
    // Every second one, then the others: no two neighbours free, then all merge.
    for (size_t at = live_count; at >= 2; at -= 2) {
      give(s, at - 2);
    }
    end_scenario(s, "free every second");
    give_all_oldest_first(s);
    end_scenario(s, "free the others");
  }
}

// One block in an empty heap: the deepest split, and the free that merges everything.
void run_single(const subject& s) {
  for (unsigned i = 0; i < s.size_count; ++i) {
    restart(s);
    for (unsigned again = 0; again < 2; ++again) {
      if (take(s, s.sizes[i])) {
        give(s, 0);
      }
    }
  }
  end_scenario(s, "one block in an empty heap");
}

// A full heap of small blocks with one hole, at every place.
void run_one_hole(const subject& s) {
  for (unsigned i = 0; i < s.size_count; ++i) {
    restart(s);
    fill(s, s.sizes[i]);
    for (unsigned op = 0; op < operation_count; ++op) {
      tallies[op] = {};
    }
    for (size_t at = 0; at < live_count; ++at) {
      do_deallocate(s, live[at].block, live[at].size);
      live[at].block = do_allocate(s, live[at].size);
    }
    end_scenario(s, "one hole in a full heap");
  }
}

// All blocks of one size free except one, at some places; that one is freed last, so that
// everything merges; and before, a block is taken and given beside it.
void run_last_one(const subject& s) {
  for (unsigned round = 0; round < (tracing ? 1 : 24); ++round) {
    restart(s);
    fill(s, s.sizes[0]);
    const size_t keep = round < 4 ? round * (live_count - 1) / 3 : random_below(live_count);
    const live_block kept = live[keep];
    live[keep] = live[--live_count];
    shuffle();
    give_all_newest_first(s);
    for (unsigned i = 0; i < s.size_count; ++i) {
      if (take(s, s.sizes[i])) {
        give(s, 0);
      }
    }
    live[live_count++] = kept;
    give(s, 0);
  }
  end_scenario(s, "all but one freed, then that one");
}

// A full heap of the smallest, in which the blocks in the place of one larger block are freed: each
// larger size finds exactly one hole, at the place that the search reaches last.
void run_runs(const subject& s) {
  for (unsigned i = 1; i < s.size_count; ++i) {
    for (unsigned round = 0; round < (tracing ? 1 : 32); ++round) {
      restart(s);
      fill(s, s.sizes[0]);
      const uintptr_t size = s.sizes[i];
      const size_t holes = region_bytes / size;
      const size_t hole = round == 0 ? 0 : round == 1 ? holes - 2 : random_below(holes);
      for (size_t at = live_count; at-- > 0;) {
        if (reinterpret_cast<uintptr_t>(live[at].block) / size ==
            reinterpret_cast<uintptr_t>(memory) / size + hole) {
          give(s, at);
        }
      }
      if (take(s, size)) {
        give(s, live_count - 1);
      }
      if (take(s, s.sizes[0])) {
        give(s, live_count - 1);
      }
    }
  }
  end_scenario(s, "one hole of a larger size");
}

// Heaps that grow until they are full and shrink until they are empty, with all sizes mixed.
void run_waves(const subject& s) {
  for (unsigned wave = 0; wave < (tracing ? 1 : 12); ++wave) {
    restart(s);
    for (unsigned misses = 0; misses < 8 && live_count < (tracing ? traced_blocks : block_limit);) {
      misses += take(s, some_size(s)) ? 0 : 1;
      if (live_count != 0 && random_below(4) == 0) {
        give(s, random_below(live_count));
      }
    }
    while (live_count != 0) {
      give(s, random_below(live_count));
      if (random_below(4) == 0) {
        take(s, some_size(s));
      }
    }
  }
  end_scenario(s, "waves of all sizes");
}

// The mean that is reported: up to half of the heap live, each block for a random time.
void run_steady(const subject& s) {
  restart(s);
  size_t bytes = 0;
  for (unsigned step = 0; step < steady_steps; ++step) {
    if (live_count != 0 && (bytes > region_bytes / 2 || random_below(2) == 0)) {
      const size_t at = random_below(live_count);
      bytes -= live[at].size;
      give(s, at);
    } else {
      const size_t size = some_size(s);
      if (take(s, size)) {
        bytes += size;
      }
    }
  }
  end_scenario(s, "steady");
}

void run_heap(const subject& s) {
  run_init(s);
  run_orders(s);
  run_single(s);
  run_one_hole(s);
  run_last_one(s);
  run_runs(s);
  run_waves(s);
  run_steady(s);
}

// Last in, first out.
void run_lifo(const subject& s) {
  run_init(s);
  restart(s);
  for (unsigned round = 0; round < (tracing ? 1 : 4); ++round) {
    for (unsigned misses = 0; misses < 2 && live_count < (tracing ? traced_blocks : block_limit);) {
      misses += take(s, 1 + random_below(200)) ? 0 : 1;
    }
    give_all_newest_first(s);
  }
  end_scenario(s, "steady");
}

// The out-of-line calls ----------------------------------------------------------------------------

template <class A>
struct calls {
  [[gnu::noipa]] static status init(A& a, void* begin, size_t size) {
    return a.init({begin, size});
  }
  [[gnu::noipa]] static void* allocate(A& a, size_t size, size_t align) {
    return a.allocate(size, align);
  }
  [[gnu::noipa]] static status deallocate(A& a, void* block, size_t size, size_t align) {
    return a.deallocate(block, size, align);
  }
};

// The size and the alignment are constants of the caller's.
template <class A, size_t Size>
struct fixed_calls : calls<A> {
  [[gnu::noipa]] static void* allocate(A& a) {
    return a.allocate(Size);
  }
  [[gnu::noipa]] static status deallocate(A& a, void* block) {
    return a.deallocate(block, Size);
  }
};

template <class A>
struct pool_calls : calls<A> {
  [[gnu::noipa]] static void* allocate(A& a) {
    return a.allocate();
  }
  [[gnu::noipa]] static status deallocate(A& a, void* block) {
    return a.deallocate(block);
  }
};

template <class A>
struct resettable_calls : calls<A> {
  [[gnu::noipa]] static void reset(A& a) {
    a.reset();
  }
};

template <uint16_t... Sizes>
struct size_list {
  static constexpr uint16_t values[] = {Sizes...};
};

template <class A, class Calls, class Sizes>
subject subject_of(const char* name, const char* level) {
  static constinit A object;
  return {name,
          level,
          &object,
          reinterpret_cast<void (*)()>(&Calls::init),
          reinterpret_cast<void (*)()>(&Calls::allocate),
          reinterpret_cast<void (*)()>(&Calls::deallocate),
          Sizes::values,
          sizeof(Sizes::values) / sizeof(uint16_t)};
}

template <check_level Level>
using at_level = acre::policies<acre::no_lock, acre::checks<Level>, acre::no_observer>;

// The driver builds this twice; only pools differ.
constexpr bool pools_only = acre::config::pool_state_bytes;

template <check_level Level>
void run_pools(const char* level) {
  using p32 = acre::pool<32, at_level<Level>>;
  using p40 = acre::pool<40, at_level<Level>>;
  if constexpr (Level == check_level::none) {
    run_heap(subject_of<p32, pool_calls<p32>, size_list<32>>("pool<32>", level));
    run_heap(subject_of<p40, pool_calls<p40>, size_list<40>>("pool<40>", level));
  } else {
    run_heap(subject_of<p32, pool_calls<p32>, size_list<32>>(
        pools_only ? "pool<32>, bytes" : "pool<32>, bits", level));
    run_heap(subject_of<p40, pool_calls<p40>, size_list<40>>(
        pools_only ? "pool<40>, bytes" : "pool<40>, bits", level));
  }
}

using board_classes = acre::size_classes<16, 32, 48, 64, 80, 96, 112, 128>;
using board_sizes = size_list<16, 32, 48, 64, 80, 96, 112, 128>;

template <class A>
void run_slab(const char* name, const char* level) {
  subject s = subject_of<A, calls<A>, board_sizes>(name, level);
  s.slab_shift = acre::detail::floor_log2(A::slab_bytes);
  run_heap(s);
}

template <check_level Level>
void run_others(const char* level) {
  using arena = acre::arena<at_level<Level>>;
  const subject a = subject_of<arena, resettable_calls<arena>, size_list<16>>("arena", level);
  run_lifo(a);
  auto reset = call_of(&resettable_calls<arena>::reset, a.object);
  other_name = "reset";
  note(other, acre::counts::instructions_of(reset));
  end_scenario(a, "one chunk");

  using stack = acre::stack<at_level<Level>>;
  run_lifo(subject_of<stack, calls<stack>, size_list<16>>("stack", level));

  using buddy = acre::buddy<16, at_level<Level>>;
  using buddy_sizes = size_list<16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768>;
  subject b = subject_of<buddy, calls<buddy>, buddy_sizes>("buddy<16>", level);
  run_heap(b);
  b.name = "buddy<16>, unaligned";
  b.skip = unaligned_by;
  run_heap(b);

  using in_slab = acre::slab<board_classes, at_level<Level>, 512, acre::slab_metadata::in_slab>;
  run_slab<in_slab>("slab 512 B", level);
  subject fixed =
      subject_of<in_slab, fixed_calls<in_slab, 64>, size_list<64>>("slab 512 B, fixed size", level);
  fixed.slab_shift = acre::detail::floor_log2(in_slab::slab_bytes);
  run_heap(fixed);
  using apart = acre::slab<board_classes, at_level<Level>, 512, acre::slab_metadata::out_of_band>;
  run_slab<apart>("slab 512 B, out of band", level);
  using wide = acre::slab<board_classes, at_level<Level>, 4096, acre::slab_metadata::in_slab>;
  run_slab<wide>("slab 4 KiB", level);
}

template <check_level Level>
void run_level(const char* level) {
  run_pools<Level>(level);
  if constexpr (!pools_only) {
    run_others<Level>(level);
  }
}

}  // namespace

extern "C" int acre_main() {
  acre::counts::start_meter();
  if constexpr (!pools_only) {
    run_level<check_level::none>("none");
  }
  run_level<check_level::basic>("basic");
  if constexpr (!tracing) {
    run_level<check_level::full>("full");
  }
  print(failures == 0 ? "end|ok\n" : "end|failures\n");
  return failures == 0 ? 0 : 1;
}
