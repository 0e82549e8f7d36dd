// SPDX-License-Identifier: MIT
#include "model/model.hpp"

#include "support/counting_lock.hpp"
#include "support/fault_recorder.hpp"
#include "support/report.hpp"

#include <gtest/gtest.h>

namespace acre::test {

namespace {

block live_blocks[blocks_max];

// For each word of the test memory: 1 + the index of the block that begins there. Allocators that
// begin blocks at odd addresses (arena) give nothing back one by one, so nobody looks them up.
uint16_t index_of_word[(sizeof test_memory) / sizeof(void*)];
static_assert(blocks_max < UINT16_MAX);

uint16_t* slot_of(const void* p) noexcept {
  const size_t offset = reinterpret_cast<uintptr_t>(p) - reinterpret_cast<uintptr_t>(&test_memory);
  return offset < sizeof test_memory && offset % sizeof(void*) == 0
             ? &index_of_word[offset / sizeof(void*)]
             : nullptr;
}

}  // namespace

uint32_t decisions::next() noexcept {
  if (stream_ != nullptr) {
    return stream_->next();
  }
  uint32_t value = 0;
  for (int i = 0; i < 4 && left_ != 0; ++i, --left_) {
    value = value << 8 | *bytes_++;
  }
  return value;
}

model::model(const subject& allocator) noexcept : allocator_(allocator) {
  for (uint16_t& slot : index_of_word) {
    slot = 0;
  }
}

const block& model::at(size_t index) const noexcept {
  return live_blocks[index];
}

size_t model::find(const void* p) const noexcept {
  const uint16_t* slot = slot_of(p);
  return slot == nullptr || *slot == 0 ? count_ : *slot - 1U;
}

const block* model::containing(const void* p) const noexcept {
  for (size_t i = 0; i < count_; ++i) {
    if (live_blocks[i].contains(p)) {
      return &live_blocks[i];
    }
  }
  return nullptr;
}

size_t model::bytes_in_use() const noexcept {
  return allocator_.ops->bytes_in_use(allocator_.memory, live_blocks, count_);
}

void* model::allocate(layout wanted) {
  void* p = allocator_.allocate(wanted);
  if (p == nullptr) {
    return nullptr;
  }
  const auto begin = reinterpret_cast<uintptr_t>(p);
  const size_t size = wanted.size == 0 ? 1 : wanted.size;
  EXPECT_EQ(begin % wanted.align, 0U) << "misaligned block";
  EXPECT_TRUE(allocator_.memory.contains(p) &&
              allocator_.memory.contains(static_cast<unsigned char*>(p) + (size - 1)))
      << "the block is not inside the region";
  EXPECT_LT(count_, blocks_max);
  if (count_ == blocks_max || ::testing::Test::HasFailure()) {
    return nullptr;
  }
  live_blocks[count_] = {static_cast<unsigned char*>(p), wanted.size, wanted.align, next_tag_++};
  if (uint16_t* slot = slot_of(p); slot != nullptr) {
    *slot = static_cast<uint16_t>(count_ + 1);
  }
  fill_pattern(p, wanted.size, live_blocks[count_].tag);
  ++count_;
  return p;
}

void model::forget(size_t index) noexcept {
  if (uint16_t* slot = slot_of(live_blocks[index].begin); slot != nullptr) {
    *slot = 0;
  }
  --count_;
  if (index != count_) {
    live_blocks[index] = live_blocks[count_];
    if (uint16_t* slot = slot_of(live_blocks[index].begin); slot != nullptr) {
      *slot = static_cast<uint16_t>(index + 1);
    }
  }
}

void model::free_at(size_t index) {
  const block gone = live_blocks[index];
  EXPECT_TRUE(holds_pattern(gone.begin, gone.size, gone.tag)) << "contents were not kept";
  EXPECT_EQ(allocator_.deallocate(gone.begin, gone.request()), status::ok) << "false alarm";
  forget(index);
}

size_t model::choose(decisions& choice) const noexcept {
  return allocator_.ops->order == giving::any_order ? choice.below(count_) : count_ - 1;
}

void model::free_all(decisions& choice) {
  if (allocator_.ops->order == giving::all_at_once) {
    check_contents();
    allocator_.reset();
    while (count_ != 0) {
      forget(count_ - 1);
    }
    return;
  }
  while (count_ != 0) {
    free_at(choose(choice));
  }
}

void model::free_all() {
  decisions none(nullptr, 0);
  free_all(none);
}

status model::bad_free(void* p, layout given) {
  const uint32_t told = fault_recorder::total();
  const status result = allocator_.deallocate(p, given);
  if (!is_misuse(result) || fault_recorder::total() != told + 1 ||
      fault_recorder::last().code != result || fault_recorder::last().address != p ||
      fault_recorder::last().allocator == nullptr || fault_recorder::last().call_site == nullptr) {
    ADD_FAILURE() << "a bad free of " << p << ", region at " << allocator_.memory.begin << ", size "
                  << given.size << " align " << given.align << " returned "
                  << static_cast<unsigned>(result)
                  << "; faults told: " << fault_recorder::total() - told;
  }
  return result;
}

void model::check() const {
  const usage used = allocator_.usage();
  const size_t expected = bytes_in_use();
  EXPECT_EQ(used.bytes_in_use, expected);
  EXPECT_EQ(used.blocks_in_use, count_);
  EXPECT_LE(used.bytes_in_use + used.bytes_free, allocator_.memory.size);
  EXPECT_EQ(allocator_.observed().bytes_in_use, expected);
  EXPECT_EQ(allocator_.observed().blocks_in_use, count_);
  EXPECT_GE(allocator_.observed().bytes_peak, expected);
  EXPECT_EQ(allocator_.validate(), status::ok);
  EXPECT_EQ(allocator_.validate_step(1 + next_tag_ % 3), status::ok) << "in steps";
  EXPECT_EQ(counting_lock::held, 0U);
}

void model::check_contents() const {
  for (size_t i = 0; i < count_; ++i) {
    EXPECT_TRUE(holds_pattern(live_blocks[i].begin, live_blocks[i].size, live_blocks[i].tag));
  }
}

void run_model(const subject& allocator, decisions& choice, uint32_t steps, uint32_t check_every) {
  fault_recorder faults;
  model shadow(allocator);
  shadow.check();
  uint32_t growth = 5;  // of 8: the runs drift between full and empty
  for (uint32_t step = 0; step < steps && !choice.ended(); ++step) {
    current_step = step;
    if (step % 64 == 0) {
      growth = 2 + choice.below(6);
    }
    const uint32_t what = choice.below(64);
    if (what == 0) {
      EXPECT_EQ(allocator.deallocate(nullptr, allocator.ops->typical), status::ok);
    } else if (what == 1) {
      EXPECT_EQ(allocator.allocate({allocator.memory.size + 1, 1}), nullptr);
    } else if (what == 2 && shadow.count() > 0 && allocator.checked() &&
               allocator.ops->order != giving::all_at_once) {
      const block victim = shadow.at(shadow.choose(choice));  // a double free
      shadow.free_at(shadow.find(victim.begin));
      shadow.bad_free(victim.begin, victim.request());
    } else if (what == 3 && allocator.ops->order == giving::all_at_once) {
      shadow.free_all(choice);
    } else if (what % 8 < growth) {
      const layout wanted = allocator.ops->shape(choice.next());
      if (shadow.allocate(wanted) == nullptr && allocator.ops->order == giving::all_at_once &&
          choice.below(4) == 0) {
        shadow.free_all(choice);
      }
    } else if (shadow.count() > 0 && allocator.ops->order != giving::all_at_once) {
      shadow.free_at(shadow.choose(choice));
    }
    if (step % check_every == 0) {
      shadow.check();
    }
    if (::testing::Test::HasFailure()) {
      return;
    }
  }
  shadow.check_contents();
  shadow.free_all(choice);
  shadow.check();
  EXPECT_TRUE(test_memory.guards_intact());
}

}  // namespace acre::test
