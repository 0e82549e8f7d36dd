// SPDX-License-Identifier: MIT
#include "conformance/laws.hpp"

#include "model/model.hpp"
#include "support/counting_lock.hpp"
#include "support/fault_recorder.hpp"
#include "support/guarded_memory.hpp"
#include "support/limits.hpp"
#include "support/report.hpp"

#include <gtest/gtest.h>

namespace acre::test::laws {

namespace {

void begin(subject& s, size_t offset = 0, size_t size = region_bytes) {
  s.create();
  ASSERT_EQ(s.init(test_memory.carve(offset, size)), status::ok);
}

/// How many typical requests fit; they stay live in `shadow`.
size_t fill(const subject& s, model& shadow) {
  const size_t before = shadow.count();
  while (shadow.allocate(s.ops->typical) != nullptr && !::testing::Test::HasFailure()) {
  }
  return shadow.count() - before;
}

void expect_uninitialised(const subject& s) {
  EXPECT_EQ(s.allocate(s.ops->typical), nullptr);
  EXPECT_EQ(s.allocate({0, 1}), nullptr);
  EXPECT_EQ(s.deallocate(nullptr, s.ops->typical), status::ok);
  EXPECT_EQ(s.validate(), status::not_initialised);
  EXPECT_EQ(s.largest_free(), 0U);
  EXPECT_TRUE(s.usage() == usage{});
  EXPECT_FALSE(s.owns(&s));
  EXPECT_FALSE(s.owns(nullptr));
  EXPECT_FALSE(s.owns(test_memory.lent().begin));
  s.reset();
  EXPECT_EQ(s.validate(), status::not_initialised);
  EXPECT_EQ(counting_lock::held, 0U);
}

}  // namespace

void blocks_are_aligned_as_requested(subject s) {
  ASSERT_NO_FATAL_FAILURE(begin(s, 8));
  model shadow(s);
  random stream;
  for (uint32_t i = 0; i < (on_host ? 2000U : 200U); ++i) {
    if (shadow.allocate(s.ops->shape(stream.next())) == nullptr) {  // checks the alignment
      shadow.free_all();
    }
  }
  EXPECT_TRUE(test_memory.guards_intact());
}

void blocks_are_disjoint_and_keep_their_contents(subject s) {
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  random stream;
  decisions choice(stream);
  for (int round = 0; round < 4; ++round) {
    uint32_t failures = 0;
    while (failures < 8) {
      failures += shadow.allocate(s.ops->shape(stream.next())) == nullptr ? 1U : 0U;
    }
    shadow.check_contents();
    for (size_t i = shadow.count() / 2; i != 0 && s.ops->order != giving::all_at_once; --i) {
      shadow.free_at(shadow.choose(choice));  // checks the contents
    }
    shadow.check_contents();
  }
  shadow.free_all(choice);
  EXPECT_TRUE(test_memory.guards_intact());
}

void exhaustion_is_followed_by_recovery(subject s) {
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  random stream;
  decisions choice(stream);
  const size_t count = fill(s, shadow);
  ASSERT_GT(count, 0U);
  EXPECT_EQ(s.allocate(s.ops->typical), nullptr);
  shadow.check();
  const usage full = s.usage();
  for (int round = 0; round < 4; ++round) {
    switch (round) {
      case 0:
        shadow.free_all();  // in the order of allocation, more or less
        break;
      case 1:
        while (shadow.count() != 0 && s.ops->order != giving::all_at_once) {
          shadow.free_at(shadow.count() - 1);  // newest first
        }
        break;
      default:
        break;
    }
    shadow.free_all(choice);
    shadow.check();
    EXPECT_EQ(s.usage().blocks_in_use, 0U);
    EXPECT_EQ(fill(s, shadow), count);
    EXPECT_TRUE(s.usage() == full);
    shadow.check();
  }
  EXPECT_TRUE(test_memory.guards_intact());
}

void usage_and_validate_agree_with_a_model_after_each_step(subject s) {
  ASSERT_NO_FATAL_FAILURE(begin(s));
  random stream(17);
  decisions choice(stream);
  run_model(s, choice, on_host ? 1500 : on_small_board ? 120 : 250);
}

void long_random_runs_agree_with_the_model(subject s) {
  for (uint32_t run = 0; run < 4 && !::testing::Test::HasFailure(); ++run) {
    ASSERT_NO_FATAL_FAILURE(begin(s, run * 4));
    random stream(100 + run);
    decisions choice(stream);
    run_model(s, choice, random_steps, 16);
  }
  // From bytes, as a fuzzer gives them.
  static constexpr uint8_t bytes[] = {5, 0, 1, 200, 17, 3,  44,  250, 9, 9, 9, 9, 0, 0, 0, 1,
                                      2, 4, 8, 16,  32, 64, 128, 255, 3, 1, 4, 1, 5, 9, 2, 6};
  ASSERT_NO_FATAL_FAILURE(begin(s));
  decisions choice(bytes, sizeof bytes);
  run_model(s, choice, 100);
  EXPECT_TRUE(choice.ended());
}

// The same requests twice over the same memory; the second time with calls in between that fail.
void a_failed_call_changes_nothing(subject s) {
  constexpr size_t steps = on_host ? 300 : 60;
  static uint16_t where[steps];
  fault_recorder faults;
  for (int run = 0; run < 2; ++run) {
    ASSERT_NO_FATAL_FAILURE(begin(s));
    model shadow(s);
    random stream(5);
    decisions choice(stream);
    for (size_t i = 0; i < steps; ++i) {
      current_step = static_cast<uint32_t>(i);
      if (run == 1) {
        const usage before = s.usage();
        const size_t largest = s.largest_free();
        const uint32_t told = faults.total();
        EXPECT_EQ(s.allocate({region_bytes + 1, 1}), nullptr);
        EXPECT_EQ(s.allocate({SIZE_MAX, 1}), nullptr);
        EXPECT_EQ(s.allocate({SIZE_MAX / 2, 1}), nullptr);
        EXPECT_EQ(s.allocate({1, SIZE_MAX / 2 + 1}), nullptr);
        EXPECT_EQ(s.allocate({1, 3}), nullptr);
        if (largest < s.ops->typical.size) {
          EXPECT_EQ(s.allocate(s.ops->typical), nullptr);
        }
        EXPECT_EQ(faults.total(), told) << "exhaustion is not a fault";
        if (s.checked()) {
          int elsewhere = 0;
          EXPECT_TRUE(is_misuse(s.deallocate(&elsewhere, s.ops->typical)));
          if (shadow.count() != 0) {
            const block& live = shadow.at(0);
            EXPECT_TRUE(is_misuse(s.deallocate(live.begin, {SIZE_MAX, 1})));
          }
        }
        EXPECT_TRUE(s.usage() == before);
        EXPECT_EQ(s.largest_free(), largest);
        shadow.check();
      }
      const bool give =
          s.ops->order != giving::all_at_once && shadow.count() != 0 && choice.below(3) == 0;
      size_t offset = 0;
      if (give) {
        shadow.free_at(shadow.choose(choice));
      } else if (void* p = shadow.allocate(s.ops->shape(choice.next())); p != nullptr) {
        offset = static_cast<size_t>(static_cast<unsigned char*>(p) -
                                     static_cast<unsigned char*>(s.memory.begin)) +
                 1;
      }
      if (run == 0) {
        where[i] = static_cast<uint16_t>(offset);
      } else if (!s.ops->keeps_blocks) {
        ASSERT_EQ(where[i], offset) << "the next result is another one";
      }
    }
  }
}

void largest_free_is_exact(subject s) {
  random stream;
  decisions choice(stream);
  const size_t align = s.ops->natural_align;
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  for (uint32_t i = 0; i < (on_host ? 600U : 60U); ++i) {
    current_step = i;
    const size_t largest = s.largest_free();
    EXPECT_EQ(s.allocate({largest + 1, align}), nullptr);
    if (largest != 0) {
      void* p = shadow.allocate({largest, align});
      ASSERT_NE(p, nullptr) << "largest_free() is " << largest;
      if (s.ops->order == giving::all_at_once) {
        EXPECT_EQ(s.largest_free(), 0U);
        shadow.free_all();
        for (uint32_t n = choice.below(16); n != 0; --n) {
          static_cast<void>(shadow.allocate(s.ops->shape(choice.next())));
        }
        continue;
      }
      shadow.free_at(shadow.find(p));
      // A heap looks at the first block of a bin: a larger one may be the first now.
      EXPECT_GE(s.largest_free(), largest);
    }
    if (largest == 0 || choice.below(16) == 0) {
      shadow.free_all(choice);
    }
    if (shadow.count() != 0 && choice.below(3) == 0) {
      shadow.free_at(shadow.choose(choice));
    } else {
      static_cast<void>(shadow.allocate(s.ops->shape(choice.next())));
    }
  }
}

void a_null_free_does_nothing(subject s) {
  fault_recorder faults;
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  static_cast<void>(shadow.allocate(s.ops->typical));
  const usage before = s.usage();
  EXPECT_EQ(s.deallocate(nullptr, s.ops->typical), status::ok);
  EXPECT_EQ(s.deallocate(nullptr, {0, 1}), status::ok);
  EXPECT_EQ(s.deallocate(nullptr, {SIZE_MAX, 3}), status::ok);
  EXPECT_TRUE(s.usage() == before);
  EXPECT_EQ(faults.total(), 0U);
  shadow.check();
}

void a_zero_size_is_served_as_one_byte(subject s) {
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  void* const first = shadow.allocate({0, 1});
  void* const second = shadow.allocate({0, 1});
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_NE(first, second);
  shadow.check();
  const usage two = s.usage();
  shadow.free_all();
  shadow.check();
  EXPECT_NE(shadow.allocate({1, 1}), nullptr);
  EXPECT_NE(shadow.allocate({1, 1}), nullptr);
  EXPECT_TRUE(s.usage() == two);
  shadow.free_all();
}

void layouts_that_are_not_valid_are_refused(subject s) {
  constexpr layout not_valid[] = {{8, 0},
                                  {8, 3},
                                  {8, 24},
                                  {0, 0},
                                  {SIZE_MAX / 2 + 1, 1},
                                  {SIZE_MAX, 1},
                                  {SIZE_MAX, 16},
                                  {SIZE_MAX - 7, 8},
                                  {1, SIZE_MAX},
                                  {SIZE_MAX, SIZE_MAX},
                                  layout::array_of<uint64_t>(SIZE_MAX / 4)};
  constexpr layout too_large[] = {{1, SIZE_MAX / 2 + 1}, {0, SIZE_MAX / 2 + 1},
                                  {SIZE_MAX / 2, 1},     {SIZE_MAX / 2, SIZE_MAX / 2 + 1},
                                  {SIZE_MAX / 2 - 7, 8}, {region_bytes + 1, 1}};
  fault_recorder faults;
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  void* const p = shadow.allocate(s.ops->typical);
  ASSERT_NE(p, nullptr);
  for (const layout& wanted : not_valid) {
    EXPECT_FALSE(wanted.valid());
    EXPECT_EQ(s.allocate(wanted), nullptr) << wanted.size << " " << wanted.align;
  }
  for (const layout& wanted : too_large) {
    EXPECT_EQ(s.allocate(wanted), nullptr) << wanted.size << " " << wanted.align;
  }
  EXPECT_EQ(faults.total(), 0U);
  shadow.check();
  if (s.checked()) {
    for (const layout& given : not_valid) {
      if (!s.ops->accepts(shadow.at(0), given)) {
        EXPECT_TRUE(is_misuse(shadow.bad_free(p, given))) << given.size << " " << given.align;
      }
    }
    shadow.check();
  }
  shadow.free_all();
  shadow.check();
}

void without_init_every_function_is_safe(subject s) {
  fault_recorder faults;
  s.create();
  expect_uninitialised(s);
  EXPECT_EQ(faults.total(), 0U);
  if (s.checked()) {
    int elsewhere = 0;
    EXPECT_TRUE(is_misuse(s.deallocate(&elsewhere, s.ops->typical)));
    EXPECT_TRUE(is_misuse(s.deallocate(test_memory.lent().begin, s.ops->typical)));
    EXPECT_EQ(faults.total(), 2U);
  }
}

void init_refuses_regions_that_cannot_serve(subject s) {
  const region good = test_memory.carve();
  const region wrong[] = {{},
                          {nullptr, 4096},
                          {good.begin, 0},
                          {good.begin, SIZE_MAX},
                          {good.begin, SIZE_MAX - reinterpret_cast<uintptr_t>(good.begin) + 2}};
  for (const region& bad : wrong) {
    s.create();
    EXPECT_EQ(s.init(bad), status::invalid_argument);
    expect_uninitialised(s);
  }
  EXPECT_TRUE(test_memory.untouched());
  // From one byte up, until the first that serves.
  for (size_t offset = 0; offset < 17; offset += 8) {
    bool served = false;
    for (size_t size = 1; size <= region_bytes && !served; ++size) {
      const region small = test_memory.carve(offset, size);
      s.create();
      const status result = s.init(small);
      if (result == status::ok) {
        served = true;
        EXPECT_EQ(s.validate(), status::ok);
        EXPECT_NE(s.allocate({1, 1}), nullptr) << "a region that is accepted holds a block";
      } else {
        EXPECT_EQ(result, status::region_too_small);
        expect_uninitialised(s);
        EXPECT_TRUE(test_memory.untouched() || s.ops->failed_init_writes);
      }
      EXPECT_TRUE(test_memory.guards_intact());
      if (::testing::Test::HasFailure()) {
        return;
      }
    }
    EXPECT_TRUE(served);
  }
  // A failed init leaves nothing of the one before.
  s.create();
  ASSERT_EQ(s.init(test_memory.carve()), status::ok);
  EXPECT_NE(s.allocate(s.ops->typical), nullptr);
  EXPECT_EQ(s.init(region{}), status::invalid_argument);
  expect_uninitialised(s);
}

void any_begin_and_size_of_a_region_will_do(subject s) {
  random stream(3);
  decisions choice(stream);
  for (uint32_t round = 0; round < (on_host ? 160U : on_small_board ? 20U : 30U); ++round) {
    current_step = round;
    const size_t offset = round < 65 ? round : choice.below(65);
    const size_t size = stream.between(1, region_bytes);
    s.create();
    const region memory = test_memory.carve(offset, size);
    if (s.init(memory) != status::ok) {
      EXPECT_LT(size, region_bytes / 2) << "refused";
      continue;
    }
    model shadow(s);
    const size_t count = fill(s, shadow);
    shadow.check();
    shadow.check_contents();
    shadow.free_all(choice);
    shadow.check();
    EXPECT_EQ(fill(s, shadow), count);
    EXPECT_TRUE(test_memory.guards_intact());
    if (::testing::Test::HasFailure()) {
      print_line("offset ", uint64_t{offset}, " size ", uint64_t{size});
      return;
    }
  }
}

void required_bytes_are_enough(subject s) {
  constexpr size_t aligns[] = {1, 4, default_alignment, 64};
  for (const size_t align : aligns) {
    for (size_t count = 1; count < blocks_max; count += 1 + count / 3) {
      const size_t size = s.ops->required(count, align);
      ASSERT_GT(size, 0U);
      if (size > region_bytes) {
        break;
      }
      // The worst begin that has this alignment, and the best one.
      const size_t offsets[] = {align % 64, 0};
      for (const size_t offset : offsets) {
        s.create();
        ASSERT_EQ(s.init(test_memory.carve(offset, size)), status::ok)
            << count << " blocks, begin aligned to " << align;
        model shadow(s);
        for (size_t i = 0; i < count; ++i) {
          ASSERT_NE(shadow.allocate(s.ops->typical), nullptr)
              << "block " << i << " of " << count << ", begin aligned to " << align;
        }
        shadow.check();
        EXPECT_TRUE(test_memory.guards_intact());
      }
      EXPECT_LE(size, s.ops->required(count + 1, align));
    }
    EXPECT_EQ(s.ops->required(SIZE_MAX / 2, align), SIZE_MAX);
  }
}

void init_again_forgets_all_blocks(subject s) {
  ASSERT_NO_FATAL_FAILURE(begin(s));
  size_t count = 0;
  {
    model shadow(s);
    count = fill(s, shadow);
  }
  ASSERT_EQ(s.init(s.memory), status::ok);
  {
    model shadow(s);
    shadow.check();
    EXPECT_EQ(s.observed().bytes_peak, 0U);
    EXPECT_EQ(s.observed().exhausted_count, 0U);
    EXPECT_EQ(fill(s, shadow), count);
    shadow.check();
  }
  // Over a part of it, with what is left as a guard.
  const region part{static_cast<unsigned char*>(s.memory.begin) + 64, region_bytes / 2};
  auto* const behind = static_cast<unsigned char*>(part.begin) + part.size;
  const size_t rest = region_bytes - 64 - part.size;
  s.create();
  fill_pattern(behind, rest, 77);
  ASSERT_EQ(s.init(part), status::ok);
  model shadow(s);
  EXPECT_LT(fill(s, shadow), count);
  shadow.check();
  EXPECT_TRUE(holds_pattern(behind, rest, 77));
  EXPECT_TRUE(test_memory.guards_intact());
}

void owns_is_true_for_blocks_and_false_outside(subject s) {
  ASSERT_NO_FATAL_FAILURE(begin(s));
  model shadow(s);
  random stream(11);
  for (uint32_t failures = 0; failures < 8;) {
    failures += shadow.allocate(s.ops->shape(stream.next())) == nullptr ? 1U : 0U;
  }
  for (size_t i = 0; i < shadow.count(); ++i) {
    const block& live = shadow.at(i);
    EXPECT_TRUE(s.owns(live.begin));
    EXPECT_TRUE(s.owns(live.begin + (live.size == 0 ? 0 : live.size - 1)));
  }
  const auto* first = static_cast<const unsigned char*>(s.memory.begin);
  EXPECT_FALSE(s.owns(first - 1));
  EXPECT_FALSE(s.owns(first + s.memory.size));
  EXPECT_FALSE(s.owns(nullptr));
  EXPECT_FALSE(s.owns(&stream));
  shadow.free_all();
}

}  // namespace acre::test::laws
