// SPDX-License-Identifier: MIT
// pmr_source: regions from a std::pmr::memory_resource, so that acre's allocators can grow where a program
// already has resources.
#pragma once

#include <memory_resource>

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/meta.hpp>
#include <acre/layout.hpp>
#include <acre/port/exhaustion.hpp>

namespace acre::inline ACRE_ABI {

namespace detail {

#if defined(__cpp_exceptions)
inline void* allocate_or_null(std::pmr::memory_resource& from, layout wanted) noexcept {
  try {
    return from.allocate(wanted.size, wanted.align);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
#else
inline void* allocate_or_null(std::pmr::memory_resource& from, layout wanted) noexcept {
  return from.allocate(wanted.size, wanted.align);
}
#endif

}  // namespace detail

/// A region_source over `upstream`, which must outlive it; default: the default resource at construction.
/// Regions of at least `granularity` bytes. std::bad_alloc becomes an empty region; any other exception, and
/// without exceptions a resource that has no room, ends the program.
class pmr_source {
 public:
  explicit pmr_source(std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
                      size_t granularity = 4096) noexcept
      : upstream_(upstream), granularity_(granularity) {}

  [[nodiscard]] region acquire(size_t bytes) noexcept {
    void* block = detail::allocate_or_null(*upstream_, {bytes, default_alignment});
    return block == nullptr ? region{} : region{block, bytes};
  }
  void release(region given) noexcept {
    upstream_->deallocate(given.begin, given.size, default_alignment);
  }
  [[nodiscard]] size_t granularity() const noexcept {
    return granularity_;
  }

 private:
  std::pmr::memory_resource* upstream_;
  size_t granularity_;
};

static_assert(region_source<pmr_source>);

}  // namespace acre
