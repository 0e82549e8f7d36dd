// SPDX-License-Identifier: MIT
// The memory that tests of the standard library's ports run on: strategies of every kind behind one interface
// for each type of handle, so that containers are compiled once a handle and not once a strategy.
#pragma once

#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/fallback.hpp>
#include <acre/growing.hpp>
#include <acre/heap.hpp>
#include <acre/pool.hpp>
#include <acre/port/default_memory.hpp>
#include <acre/port/general_memory.hpp>
#include <acre/port/process_source.hpp>
#include <acre/port/std_allocator.hpp>
#include <acre/size_router.hpp>
#include <acre/slab.hpp>
#include "support/sources.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <type_traits>

namespace acre::test {

inline constexpr size_t memory_bytes = size_t{1} << 20;

/// A region of its own, aligned like a page.
class buffer {
 public:
  explicit buffer(size_t bytes = memory_bytes)
      : bytes_(new unsigned char[bytes + 4096]), size_(bytes) {}

  operator region() noexcept {  // NOLINT(google-explicit-constructor): a region is what it is for
    const auto skip = (0 - reinterpret_cast<uintptr_t>(bytes_.get())) & 4095U;
    return {bytes_.get() + skip, size_};
  }

 private:
  std::unique_ptr<unsigned char[]> bytes_;
  size_t size_;
};

/// A memory that containers are given by `Handle`. Two objects are two memories, unless the handle is empty.
template <class Handle>
class subject {
 public:
  using handle_type = Handle;
  /// Two subjects are the same memory.
  static constexpr bool stateless = std::is_empty_v<Handle>;

  virtual ~subject() = default;
  virtual Handle handle() noexcept = 0;
  [[nodiscard]] virtual size_t blocks_in_use() const noexcept = 0;
  [[nodiscard]] virtual status validate() const noexcept = 0;
  /// Blocks that are given back are free again.
  [[nodiscard]] virtual bool frees() const noexcept {
    return true;
  }
};

/// An allocator over a region.
template <class A, class Handle = allocator_ref>
class plain_subject : public subject<Handle> {
 public:
  plain_subject() {
    EXPECT_EQ(allocator_.init(memory_), status::ok);
  }
  Handle handle() noexcept override {
    return allocator_;
  }
  [[nodiscard]] size_t blocks_in_use() const noexcept override {
    return allocator_.usage().blocks_in_use;
  }
  [[nodiscard]] status validate() const noexcept override {
    return allocator_.validate();
  }
  [[nodiscard]] bool frees() const noexcept override {
    return !std::is_same_v<A, arena<>>;
  }

 private:
  buffer memory_;
  A allocator_;
};

/// Two allocators and what joins them.
template <class First, class Second, class Joined>
class pair_subject : public subject<allocator_ref> {
 public:
  pair_subject() {
    EXPECT_EQ(first_.init(first_memory_), status::ok);
    EXPECT_EQ(second_.init(second_memory_), status::ok);
  }
  allocator_ref handle() noexcept override {
    return joined_;
  }
  [[nodiscard]] size_t blocks_in_use() const noexcept override {
    return first_.usage().blocks_in_use + second_.usage().blocks_in_use;
  }
  [[nodiscard]] status validate() const noexcept override {
    return first_.validate() == status::ok ? second_.validate() : status::corrupted;
  }

 private:
  buffer first_memory_;
  buffer second_memory_;
  First first_;
  Second second_;
  Joined joined_{first_, second_};
};

/// An allocator that finds its own regions.
template <class A>
class growing_subject : public subject<allocator_ref> {
 public:
  ~growing_subject() override {
    allocator_->release_all();
  }
  allocator_ref handle() noexcept override {
    return *allocator_;
  }
  [[nodiscard]] size_t blocks_in_use() const noexcept override {
    return allocator_->usage().blocks_in_use;
  }
  [[nodiscard]] status validate() const noexcept override {
    return allocator_->validate();
  }

 private:
  std::unique_ptr<A> allocator_ = std::make_unique<A>();
};

/// What acre::allocator takes from.
struct default_subject : subject<default_memory> {
  default_memory handle() noexcept override {
    return {};
  }
  [[nodiscard]] size_t blocks_in_use() const noexcept override {
    return built_in_memory_usage().blocks_in_use;
  }
  [[nodiscard]] status validate() const noexcept override {
    return status::ok;
  }
};

using big_heap = heap<2 * memory_bytes>;
using direct_handle = direct_ref<big_heap>;

/// The types of handle, for typed tests.
using handles = testing::Types<allocator_ref, direct_handle, default_memory>;

/// Calls visit(a, b, name) with two memories of each strategy that has this type of handle.
template <class Handle, class Visitor>
void each_memory(Visitor&& visit) {
  const auto with = [&visit]<class S>(const S*, const char* name) {
    SCOPED_TRACE(name);
    const std::unique_ptr<subject<Handle>> a = std::make_unique<S>();
    const std::unique_ptr<subject<Handle>> b = std::make_unique<S>();
    visit(*a, *b);
  };
  if constexpr (std::is_same_v<Handle, allocator_ref>) {
    with(static_cast<plain_subject<big_heap>*>(nullptr), "heap");
    with(static_cast<plain_subject<buddy<>>*>(nullptr), "buddy");
    with(static_cast<plain_subject<arena<>>*>(nullptr), "arena");
    with(static_cast<pair_subject<pool<64>, big_heap, size_router<64, pool<64>, big_heap, 16>>*>(
             nullptr),
         "pool and heap");
    with(static_cast<pair_subject<slab<>, big_heap, fallback<slab<>, big_heap>>*>(nullptr),
         "slab, then heap");
    // In small steps, so that the edge of a chunk is met often.
    with(static_cast<growing_subject<growing<heap<131072>, failing_source<32, 65536>>>*>(nullptr),
         "growing heap");
    with(static_cast<growing_subject<general_memory<process_source>>*>(nullptr), "general memory");
  } else if constexpr (std::is_same_v<Handle, direct_handle>) {
    with(static_cast<plain_subject<big_heap, direct_handle>*>(nullptr), "heap, directly");
  } else {
    with(static_cast<default_subject*>(nullptr), "default memory");
  }
}

}  // namespace acre::test
