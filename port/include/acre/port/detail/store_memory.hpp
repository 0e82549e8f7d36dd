// SPDX-License-Identifier: MIT
// store_memory: what a store that serves all threads keeps beside its blocks (records, tables, a part for each
// thread), in regions of its own from the source. Nothing is given back before everything is: who frees may
// still look at a record when what it describes is gone.
#pragma once

#include <stddef.h>

#include <acre/detail/api.h>
#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/region.hpp>

namespace acre::inline ACRE_ABI::detail {

inline constexpr size_t cache_line = 64;

/// A source, as calls.
class source_calls {
 public:
  template <region_source Source>
  requires(!same_as<Source, source_calls>) explicit constexpr source_calls(Source& source) noexcept
      : operations_(&operations_for<Source>), source_(&source) {}

  [[nodiscard]] region acquire(size_t bytes) const noexcept {
    return operations_->acquire(source_, bytes);
  }
  void release(region memory) const noexcept {
    operations_->release(source_, memory);
  }
  [[nodiscard]] size_t granularity() const noexcept {
    return operations_->granularity(source_);
  }

 private:
  struct operations {
    region (*acquire)(void* source, size_t bytes) noexcept;
    void (*release)(void* source, region memory) noexcept;
    size_t (*granularity)(void* source) noexcept;
  };
  template <class Source>
  static constexpr operations operations_for{
      [](void* source, size_t bytes) noexcept -> region {
        return static_cast<Source*>(source)->acquire(bytes);
      },
      [](void* source, region memory) noexcept { static_cast<Source*>(source)->release(memory); },
      [](void* source) noexcept -> size_t { return static_cast<Source*>(source)->granularity(); }};

  const operations* operations_;
  void* source_;
};

/// Under the lock of the store.
class ACRE_API store_memory {
 public:
  explicit constexpr store_memory(source_calls source) noexcept : source_(source) {}
  store_memory(const store_memory&) = delete;
  store_memory& operator=(const store_memory&) = delete;

  /// Memory that begins with a cache line of its own, and is not cleared. Null iff the source has none.
  [[nodiscard]] void* take(size_t bytes) noexcept;
  /// Everything, to the source.
  void release_all() noexcept;
  /// What the regions have, in all.
  [[nodiscard]] size_t bytes() const noexcept {
    return bytes_;
  }
  [[nodiscard]] const source_calls& source() const noexcept {
    return source_;
  }

 private:
  struct piece {
    piece* next;
    region memory;
  };

  source_calls source_;
  piece* pieces_ = nullptr;
  region left_;
  size_t bytes_ = 0;
};

}  // namespace acre::detail
