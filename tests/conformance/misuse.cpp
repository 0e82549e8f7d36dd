// SPDX-License-Identifier: MIT
#include "conformance/misuse.hpp"

#include "model/model.hpp"
#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/report.hpp"

#include <gtest/gtest.h>

namespace acre::test::misuse {

namespace {

void begin(subject& s, size_t offset = 0) {
  s.create();
  ASSERT_EQ(s.init(test_memory.carve(offset)), status::ok);
}

void fill_half(const subject& s, model& shadow, random& stream) {
  for (uint32_t failures = 0; failures < 4 && shadow.count() < blocks_max;) {
    failures += shadow.allocate(s.ops->shape(stream.next())) == nullptr ? 1U : 0U;
  }
  decisions choice(stream);
  for (size_t i = shadow.count() / 2; i != 0; --i) {
    shadow.free_at(shadow.choose(choice));
  }
}

/// Frees that the allocator can't tell from a good one: a live block, with a layout that fits it.
bool is_good(const subject& s, const model& shadow, const void* p, layout given) {
  const size_t index = shadow.find(p);
  return index != shadow.count() && s.ops->accepts(shadow.at(index), given) &&
         (s.ops->order == giving::any_order || index + 1 == shadow.count());
}

/// What a bad free of an address in a live block must be called.
status expected_code(const subject& s, const model& shadow, const block& live, const void* p) {
  if (p != live.begin) {
    return reinterpret_cast<uintptr_t>(p) % s.ops->interior_align(live) != 0
               ? status::misaligned_pointer
               : status::interior_pointer;
  }
  return s.ops->order == giving::newest_first && shadow.find(live.begin) + 1 != shadow.count()
             ? status::out_of_order
             : status::wrong_size;
}

struct unchanged {
  const subject& s;
  usage before;
  size_t largest;

  explicit unchanged(const subject& of) : s(of), before(of.usage()), largest(of.largest_free()) {}
  ~unchanged() {
    EXPECT_TRUE(s.usage() == before);
    EXPECT_EQ(s.largest_free(), largest);
    EXPECT_EQ(s.validate(), status::ok);
  }
};

}  // namespace

void a_double_free_is_refused(subject s) {
  fault_recorder faults;
  random stream;
  decisions choice(stream);
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  // At once, with nothing else in use.
  void* p = shadow.allocate(s.ops->typical);
  ASSERT_NE(p, nullptr);
  shadow.free_at(0);
  {
    unchanged state(s);
    EXPECT_EQ(shadow.bad_free(p, s.ops->typical), status::double_free);
    EXPECT_EQ(shadow.bad_free(p, s.ops->typical), status::double_free);
  }
  // With others in use, before and behind; and later, after more frees.
  fill_half(s, shadow, stream);
  for (uint32_t round = 0; round < (on_host ? 200U : 30U) && shadow.count() > 1; ++round) {
    current_step = round;
    const block victim = shadow.at(shadow.choose(choice));
    shadow.free_at(shadow.find(victim.begin));
    unchanged state(s);
    const status code = shadow.bad_free(victim.begin, victim.request());
    EXPECT_EQ(code, status::double_free);
  }
  const block last = shadow.at(0);
  shadow.free_all(choice);
  shadow.check();
  EXPECT_EQ(shadow.bad_free(last.begin, last.request()), status::double_free);
  shadow.check();
  EXPECT_EQ(faults.count(status::double_free), faults.total());
}

void a_foreign_block_is_refused(subject s) {
  static int in_bss = 0;
  fault_recorder faults;
  random stream;
  ASSERT_NO_FATAL_FAILURE(begin(s, 64));
  model shadow(s);
  fill_half(s, shadow, stream);
  int on_stack = 0;
  auto* const first = static_cast<unsigned char*>(s.memory.begin);
  void* const foreign[] = {
      &on_stack, &in_bss, s.object, first - 1, first - 4, first - 16, first - 64,
      first + s.memory.size, first + s.memory.size + 1, first + s.memory.size + 16,
      first + s.memory.size + 64,
      // The ends of the address space, and the region's mirror image in its upper half.
      reinterpret_cast<void*>(uintptr_t{1}), reinterpret_cast<void*>(uintptr_t{8}),
      reinterpret_cast<void*>(UINTPTR_MAX), reinterpret_cast<void*>(UINTPTR_MAX - 7),
      reinterpret_cast<void*>(UINTPTR_MAX - 15),
      reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(first) ^ (UINTPTR_MAX / 2 + 1)),
      reinterpret_cast<void*>(~reinterpret_cast<uintptr_t>(first))};
  for (void* p : foreign) {
    unchanged state(s);
    EXPECT_EQ(shadow.bad_free(p, s.ops->typical), status::foreign_pointer) << p;
  }
  shadow.check();
  shadow.check_contents();
}

void an_interior_address_is_refused(subject s) {
  fault_recorder faults;
  random stream;
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  fill_half(s, shadow, stream);
  ASSERT_GT(shadow.count(), 0U);
  uint32_t tried = 0;
  for (size_t i = 0; i < shadow.count(); i += 1 + shadow.count() / 16) {
    const block& live = shadow.at(i);
    for (size_t inside = 1; inside < live.size; ++inside) {
      EXPECT_EQ(shadow.bad_free(live.begin + inside, live.request()),
                expected_code(s, shadow, live, live.begin + inside))
          << "block of " << live.size << " at " << inside;
      ++tried;
    }
  }
  EXPECT_GT(tried, 0U);
  shadow.check();
  shadow.check_contents();
}

void a_wrong_size_is_refused(subject s) {
  fault_recorder faults;
  random stream;
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  fill_half(s, shadow, stream);
  ASSERT_GT(shadow.count(), 0U);
  uint32_t tried = 0;
  for (size_t i = 0; i < shadow.count(); ++i) {
    const block& live = shadow.at(i);
    const layout wrong[] = {{1, 1},
                            {live.size + 1, 1},
                            {2 * live.size + 1, 1},
                            {live.size / 2, 1},
                            {live.size * 64 + 1024, 1},
                            {live.size, region_bytes},
                            {SIZE_MAX / 2, 1},
                            {SIZE_MAX, 1}};
    for (const layout& given : wrong) {
      if (!s.ops->accepts(live, given) && s.ops->order == giving::any_order) {
        EXPECT_EQ(shadow.bad_free(live.begin, given), status::wrong_size)
            << given.size << " " << given.align << " for " << live.size << " " << live.align;
        ++tried;
      } else if (!s.ops->accepts(live, given)) {
        EXPECT_EQ(shadow.bad_free(live.begin, given), expected_code(s, shadow, live, live.begin));
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 0U);
  shadow.check();
  shadow.check_contents();
}

void blocks_that_were_never_handed_out_are_refused(subject s) {
  fault_recorder faults;
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  auto* const first = static_cast<unsigned char*>(s.memory.begin);
  for (size_t offset = 0; offset < s.memory.size; ++offset) {
    if (!is_misuse(shadow.bad_free(first + offset, s.ops->typical))) {
      return;
    }
  }
  shadow.check();
  const size_t told = faults.total();
  EXPECT_EQ(told, s.memory.size);
  // And after it gave something out.
  void* p = shadow.allocate(s.ops->typical);
  for (size_t offset = 0; offset < s.memory.size; ++offset) {
    if (first + offset != p && !is_misuse(shadow.bad_free(first + offset, s.ops->typical))) {
      return;
    }
  }
  shadow.check();
}

void every_address_but_a_live_block_is_refused(subject s) {
  fault_recorder faults;
  random stream(1);
  ASSERT_NO_FATAL_FAILURE(begin(s, 16));
  model shadow(s);
  for (int round = 0; round < (on_host ? 2 : 1); ++round) {
    fill_half(s, shadow, stream);
    auto* const first = static_cast<unsigned char*>(s.memory.begin);
    uint32_t refused = 0;
    unchanged state(s);
    for (size_t offset = 0; offset < s.memory.size + 32; ++offset) {
      unsigned char* const p = first - 16 + offset;
      const layout given[] = {s.ops->typical, s.ops->shape(stream.next())};
      for (const layout& wanted : given) {
        if (!is_good(s, shadow, p, wanted)) {
          ++refused;
          if (!is_misuse(shadow.bad_free(p, wanted))) {
            return;
          }
        }
      }
    }
    EXPECT_EQ(faults.total(), refused);
    faults.forget();
  }
  shadow.check();
  shadow.check_contents();
  shadow.free_all();
  shadow.check();
}

void random_bad_frees_are_all_refused(subject s) {
  fault_recorder faults;
  random stream(2);
  decisions choice(stream);
  ASSERT_NO_FATAL_FAILURE(begin(s, 8));
  model shadow(s);
  fill_half(s, shadow, stream);
  static block gone[16];  // freed lately
  size_t gone_count = 0;
  uint32_t refused = 0;
  uint32_t good = 0;
  auto* const first = static_cast<unsigned char*>(s.memory.begin);
  for (uint32_t step = 0; refused < bad_frees; ++step) {
    current_step = step;
    // One good operation for every four bad ones.
    if (step % 5 == 0) {
      const bool give = shadow.count() != 0 && choice.below(2) == 0;
      if (give || shadow.allocate(s.ops->shape(stream.next())) == nullptr) {
        if (shadow.count() != 0) {
          const size_t index = shadow.choose(choice);
          gone[gone_count++ % 16] = shadow.at(index);
          shadow.free_at(index);
          ++good;
        }
      }
    }
    void* p = nullptr;
    layout given = s.ops->shape(stream.next());
    const block* const live =
        shadow.count() == 0 ? nullptr : &shadow.at(choice.below(shadow.count()));
    switch (choice.below(6)) {
      case 0:  // anywhere in the region and around it
        p = first - 64 + choice.below(s.memory.size + 128);
        break;
      case 1:  // somewhere in a live block, or just behind
        p = live == nullptr ? first : live->begin + choice.below(live->size + 32);
        break;
      case 2:  // a live block with another layout
        p = live == nullptr ? first : static_cast<void*>(live->begin);
        break;
      case 3:  // one that was live
        if (gone_count != 0) {
          const block& old = gone[choice.below(gone_count < 16 ? gone_count : 16)];
          p = old.begin;
          given = old.request();
        }
        break;
      case 4:  // a word of the region
        p = first + choice.below(s.memory.size / sizeof(void*)) * sizeof(void*);
        break;
      default:  // anywhere at all
        p = reinterpret_cast<void*>(
            static_cast<uintptr_t>(uint64_t{stream.next()} << 32 | stream.next()));
        break;
    }
    if (p == nullptr || is_good(s, shadow, p, given)) {
      continue;
    }
    ++refused;
    if (!is_misuse(shadow.bad_free(p, given)) || ::testing::Test::HasFailure()) {
      return;
    }
    if (step % (on_host ? 50'000 : 5'000) == 0) {
      shadow.check();
      shadow.check_contents();
    }
  }
  EXPECT_EQ(faults.total(), refused);
  EXPECT_EQ(s.observed().refused_count, refused);
  EXPECT_GT(good, refused / 32) << "too few good frees between";
  shadow.check();
  shadow.check_contents();
  shadow.free_all(choice);
  shadow.check();
  print_line(s.ops->name, ": ", uint64_t{refused}, " random bad frees refused, ", uint64_t{good},
             " good frees between");
}

}  // namespace acre::test::misuse
