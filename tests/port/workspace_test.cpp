// SPDX-License-Identifier: MIT
// workspace: every call, moves, scopes, leaks, and sources that have nothing or little.
#include <acre/port/workspace.hpp>

#include <acre/port/process_lock.hpp>
#include "support/fault_recorder.hpp"
#include "support/random.hpp"
#include "support/sources.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace acre::test {

namespace {

/// A handle to a source that counts and can fail.
class source_handle {
 public:
  using counted = failing_source<24, 262144>;

  source_handle() noexcept = default;
  explicit source_handle(counted& target) noexcept : target_(&target) {}

  [[nodiscard]] region acquire(size_t bytes) noexcept {
    return target_->acquire(bytes);
  }
  void release(region given) noexcept {
    target_->release(given);
  }
  [[nodiscard]] size_t granularity() const noexcept {
    return target_->granularity();
  }

 private:
  counted* target_ = nullptr;
};

using counted_workspace = basic_workspace<source_handle>;

struct tracked {
  static inline int alive = 0;
  explicit tracked(int n = 0) noexcept : value(n) {
    ++alive;
  }
  ~tracked() {
    --alive;
  }
  tracked(const tracked&) = delete;
  tracked& operator=(const tracked&) = delete;
  int value;
};

class workspace_of : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(source_->outstanding(), 0U);
    EXPECT_EQ(source_->wrong_releases(), 0U);
    EXPECT_EQ(tracked::alive, 0);
  }

  std::unique_ptr<source_handle::counted> source_ = std::make_unique<source_handle::counted>();
  source_handle from_{*source_};
};

TEST_F(workspace_of, nothing_takes_nothing) {
  counted_workspace w(from_);
  EXPECT_EQ(w.usage(), usage());
  EXPECT_EQ(w.validate(), status::ok);
  EXPECT_FALSE(w.owns(&w));
  EXPECT_EQ(w.trim(), 0U);
  EXPECT_EQ(w.close(), usage());
  w.reset();
  EXPECT_EQ(w.deallocate_bytes(nullptr, 10), status::ok);
  EXPECT_EQ(source_->calls(), 0U);
}

TEST_F(workspace_of, every_size_and_alignment_is_served_and_comes_back) {
  counted_workspace w(from_);
  random numbers(20);
  struct block {
    void* at;
    size_t size;
    size_t align;
  };
  std::vector<block> live;
  for (int i = 0; i < 3000; ++i) {
    if (live.size() < 80 && !numbers.one_in(3)) {
      const size_t size = numbers.below(numbers.one_in(10) ? 20000 : 700);
      const size_t align = size_t{1} << numbers.below(9);
      void* at = w.allocate_bytes(size, align);
      ASSERT_NE(at, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(at) % align, 0U);
      EXPECT_TRUE(w.owns(at));
      __builtin_memset(at, static_cast<int>(live.size()), size);
      live.push_back({at, size, align});
    } else if (!live.empty()) {
      const size_t which = numbers.below(live.size());
      EXPECT_EQ(w.deallocate_bytes(live[which].at, live[which].size, live[which].align),
                status::ok);
      live[which] = live.back();
      live.pop_back();
    }
    if (i % 100 == 0) {
      EXPECT_EQ(w.validate(), status::ok);
      EXPECT_EQ(w.usage().blocks_in_use, live.size());
    }
  }
  for (const block& each : live) {
    EXPECT_EQ(w.deallocate_bytes(each.at, each.size, each.align), status::ok);
  }
  EXPECT_EQ(w.usage().blocks_in_use, 0U);
  EXPECT_GT(w.trim(), 0U);
  EXPECT_EQ(source_->outstanding(), 1U) << "the first region holds the workspace itself";
}

TEST_F(workspace_of, arrays_and_objects_have_types) {
  counted_workspace w(from_);
  double* d = w.allocate<double>(100);
  ASSERT_NE(d, nullptr);
  d[99] = 1.0;
  EXPECT_EQ(w.deallocate(d, 100), status::ok);
  int* one = w.allocate<int>();
  EXPECT_EQ(w.deallocate(one), status::ok);
  tracked* t = w.construct<tracked>(42);
  ASSERT_NE(t, nullptr);
  EXPECT_EQ(t->value, 42);
  EXPECT_EQ(w.destroy(t), status::ok);
  EXPECT_EQ(w.destroy(static_cast<tracked*>(nullptr)), status::ok);
  tracked* many = w.construct_array<tracked>(50);
  EXPECT_EQ(tracked::alive, 50);
  EXPECT_EQ(w.destroy_array(many, 50), status::ok);
  EXPECT_EQ(w.usage().blocks_in_use, 0U);
}

TEST_F(workspace_of, owners_give_back) {
  counted_workspace w(from_);
  {
    auto p = w.make_unique<tracked>(1);
    static_assert(std::is_same_v<decltype(p), counted_workspace::pointer<tracked>>);
    ASSERT_TRUE(p);
    auto q = std::move(p);
    EXPECT_EQ(q->value, 1);
    EXPECT_EQ(w.usage().blocks_in_use, 1U);
  }
  EXPECT_EQ(w.usage().blocks_in_use, 0U);
}

TEST_F(workspace_of, why_there_is_no_block_is_told) {
  counted_workspace w(from_);
  status why = status::corrupted;
  int* p = w.allocate<int>(10, why);
  EXPECT_EQ(why, status::ok);
  EXPECT_EQ(w.allocate<int>(10'000'000, why), nullptr);
  EXPECT_EQ(why, status::exhausted);
  EXPECT_EQ(w.allocate<int>(SIZE_MAX / 2, why), nullptr);
  EXPECT_EQ(why, status::invalid_argument);
  EXPECT_EQ(w.allocate_bytes(10, 3, why), nullptr);
  EXPECT_EQ(why, status::invalid_argument);
  EXPECT_EQ(w.deallocate(p, 10), status::ok);
}

TEST_F(workspace_of, bad_frees_are_refused_and_told) {
  fault_recorder faults;
  counted_workspace w(from_);
  int local = 0;
  EXPECT_EQ(w.deallocate(hidden(&local)), status::foreign_pointer);  // nothing was allocated yet
  for (const size_t count : {8U, 4000U}) {
    int* p = w.allocate<int>(count);
    EXPECT_EQ(w.deallocate(hidden(p + 4), count), status::interior_pointer);
    EXPECT_EQ(w.deallocate(hidden(&local), count), status::foreign_pointer);
    EXPECT_EQ(w.deallocate(p, count), status::ok);
    EXPECT_EQ(w.deallocate(hidden(p), count), status::double_free);
  }
  EXPECT_GE(faults.total(), 6U);
  EXPECT_EQ(w.validate(), status::ok);
}

TEST_F(workspace_of, a_move_takes_everything_along) {
  counted_workspace first(from_);
  auto owned = first.make_unique<tracked>(7);
  std::vector<int, std_allocator<int>> v(first.get_allocator<int>());
  v.assign(1000, 5);
  counted_workspace second(std::move(first));
  EXPECT_TRUE(second.owns(v.data()) && second.owns(owned.get()));
  EXPECT_EQ(first.usage(), usage());  // NOLINT(bugprone-use-after-move): that is the point
  v.push_back(6);
  owned.reset();
  EXPECT_EQ(second.usage().blocks_in_use, 1U);
  // What was moved from begins anew.
  int* fresh = first.allocate<int>(3);
  EXPECT_TRUE(first.owns(fresh) && !second.owns(fresh));
  EXPECT_EQ(first.deallocate(fresh, 3), status::ok);
  // Assignment closes what the target had.
  first = std::move(second);
  EXPECT_TRUE(first.owns(v.data()));
  v = std::vector<int, std_allocator<int>>(first.get_allocator<int>());
  auto& itself = first;
  first = std::move(itself);
  EXPECT_EQ(first.usage().blocks_in_use, 0U);
}

usage leaked;

TEST_F(workspace_of, the_end_gives_everything_back_and_tells_of_leaks) {
  leaked = {};
  {
    counted_workspace w(from_);
    w.on_leak([](const usage& live) noexcept { leaked = live; });
    EXPECT_NE(w.allocate<int>(10), nullptr);
    EXPECT_NE(w.allocate_bytes(10000), nullptr);
    counted_workspace moved(std::move(w));
  }
  EXPECT_EQ(leaked.blocks_in_use, 2U);
  EXPECT_GE(leaked.bytes_in_use, 10040U);
  leaked = {};
  {
    counted_workspace w(from_);
    w.on_leak([](const usage& live) noexcept { leaked = live; });
    EXPECT_NE(w.allocate<int>(10), nullptr);
    w.reset();
    EXPECT_EQ(w.usage().blocks_in_use, 0U);
    EXPECT_NE(w.allocate<int>(10), nullptr);
    EXPECT_EQ(w.close().blocks_in_use, 1U);
    EXPECT_EQ(w.close().blocks_in_use, 0U);
    leaked = {};
  }
  EXPECT_EQ(leaked, usage());
}

TEST_F(workspace_of, a_source_that_fails_is_exhaustion_at_every_call) {
  // The n-th acquire fails, for every n: nothing is lost, and the next request is served.
  for (uint32_t n = 1;; ++n) {
    source_->fail_at(n);
    counted_workspace w(from_);
    int failures = 0;
    std::vector<void*> live;
    for (const size_t size : {16U, 5000U, 100U, 200000U, 16U, 100000U, 100000U}) {
      void* p = w.allocate_bytes(size);
      if (p == nullptr) {
        ++failures;
        p = w.allocate_bytes(size);  // only one call of the source fails
      }
      ASSERT_NE(p, nullptr);
      __builtin_memset(p, 1, size);
      live.push_back(p);
    }
    EXPECT_EQ(w.validate(), status::ok);
    EXPECT_EQ(w.usage().blocks_in_use, live.size());
    if (source_->failures() == 0) {
      EXPECT_EQ(failures, 0);
      EXPECT_GT(n, 2U);
      break;
    }
    EXPECT_EQ(failures, 1);
  }
}

TEST_F(workspace_of, a_source_with_nothing_is_exhaustion_everywhere) {
  basic_workspace<no_source> w;
  EXPECT_EQ(w.allocate<int>(1), nullptr);
  EXPECT_EQ(w.construct<tracked>(), nullptr);
  EXPECT_FALSE(w.make_unique<tracked>());
  EXPECT_EQ(w.ref(), allocator_ref());
  basic_workspace<no_source>::scope s(w);
  EXPECT_EQ(s.allocate<int>(1), nullptr);
  EXPECT_EQ(s.construct<tracked>(), nullptr);
  EXPECT_EQ(w.close(), usage());
}

// --- scopes ---------------------------------------------------------------------------------------

TEST_F(workspace_of, a_scope_gives_back_all_that_was_taken_in_it) {
  counted_workspace w(from_);
  {
    counted_workspace::scope s(w);
    EXPECT_EQ(w.usage().blocks_in_use, 0U);
    for (int i = 0; i < 1000; ++i) {
      ASSERT_NE(s.allocate<int>(10), nullptr);
    }
    ASSERT_NE(s.allocate_bytes(20000, 256), nullptr);
    EXPECT_GT(w.usage().blocks_in_use, 2U);
    EXPECT_NE(s.construct<tracked>(1), nullptr);
    EXPECT_NE(s.construct<int>(1), nullptr);
    EXPECT_EQ(tracked::alive, 1);
    std::vector<int, std_allocator<int>> v(s.get_allocator<int>());
    v.assign(1000, 5);
    EXPECT_TRUE(s.owns(v.data()));
    EXPECT_EQ(s.allocate<int>(SIZE_MAX / 2), nullptr);
    EXPECT_EQ(s.allocate_bytes(8, 3), nullptr);
  }
  EXPECT_EQ(tracked::alive, 0);
  EXPECT_EQ(w.usage().blocks_in_use, 0U);
}

TEST_F(workspace_of, a_scope_that_takes_something_invalid_first_is_usable) {
  counted_workspace w(from_);
  counted_workspace::scope s(w);
  EXPECT_EQ(s.allocate<int>(SIZE_MAX / 2), nullptr);
  EXPECT_EQ(s.allocate_bytes(SIZE_MAX / 2, SIZE_MAX / 2 + 1), nullptr);
  EXPECT_NE(s.allocate<int>(1), nullptr);
}

TEST_F(workspace_of, a_scope_has_marks) {
  counted_workspace w(from_);
  counted_workspace::scope s(w);
  EXPECT_NE(s.construct<tracked>(1), nullptr);
  const arena_mark here = s.mark();
  for (int i = 0; i < 500; ++i) {
    EXPECT_NE(s.construct<tracked>(i), nullptr);
  }
  EXPECT_EQ(tracked::alive, 501);
  const size_t grown = w.usage().blocks_in_use;
  EXPECT_EQ(s.release_to(here), status::ok);
  EXPECT_EQ(tracked::alive, 1);
  EXPECT_LT(w.usage().blocks_in_use, grown);
}

TEST_F(workspace_of, scopes_nest_and_overlap) {
  counted_workspace w(from_);
  auto outer = std::make_unique<counted_workspace::scope>(w);
  auto other = std::make_unique<counted_workspace::scope>(w);
  char* a = outer->allocate<char>(100);
  char* b = other->allocate<char>(100);
  __builtin_memset(a, 1, 100);
  __builtin_memset(b, 2, 100);
  outer.reset();
  EXPECT_EQ(b[99], 2);
  other.reset();
  EXPECT_EQ(w.usage().blocks_in_use, 0U);
}

TEST_F(workspace_of, a_scope_survives_a_move_of_its_workspace) {
  counted_workspace w(from_);
  counted_workspace moved(from_);
  {
    counted_workspace::scope s(w);
    EXPECT_NE(s.allocate<int>(10), nullptr);
    moved = std::move(w);
    EXPECT_NE(s.allocate<int>(10000), nullptr);
    EXPECT_EQ(w.usage(), usage());  // NOLINT(bugprone-use-after-move): that is the point
  }
  EXPECT_EQ(moved.usage().blocks_in_use, 0U);
}

// --- the workspace that programs have ---------------------------------------------------------------

TEST(workspace, is_large) {
  workspace w;
  char* p = w.allocate<char>(100'000'000);
  ASSERT_NE(p, nullptr);
  p[99'999'999] = 1;
  EXPECT_EQ(w.deallocate(p, 100'000'000), status::ok);
  std::map<int, std::string, std::less<>, std_allocator<std::pair<const int, std::string>>> map(
      w.get_allocator<std::pair<const int, std::string>>());
  for (int i = 0; i < 100000; ++i) {
    map[i] = "text";
  }
  EXPECT_EQ(w.usage().blocks_in_use, 100000U);
  EXPECT_EQ(w.validate(), status::ok);
}

TEST(workspace, is_shared_by_threads_with_a_lock) {
  basic_workspace<process_source, policies<process_lock>> w;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&w] {
      for (int i = 0; i < 500; ++i) {
        decltype(w)::scope s(w);
        int* a = s.allocate<int>(50);
        int* b = w.allocate<int>(static_cast<size_t>(i) + 1);
        ASSERT_TRUE(a != nullptr && b != nullptr);
        a[49] = i;
        b[i] = i;
        EXPECT_EQ(w.deallocate(b, static_cast<size_t>(i) + 1), status::ok);
        EXPECT_EQ(a[49], i);
      }
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  EXPECT_EQ(w.usage().blocks_in_use, 0U);
}

}  // namespace

}  // namespace acre::test
