// SPDX-License-Identifier: MIT
// lockfree_buckets: a few block sizes over one region, each with a lock-free pool of its own.
//
// Use it for messages or buffers of different sizes that interrupts, threads and cores share. A request
// takes the smallest block that is large enough, and a larger one where those are gone.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/fault.hpp>
#include <acre/lockfree_pool.hpp>

namespace acre::inline ACRE_ABI {

namespace detail {

/// One pool for each size, the smallest first: this one, and `rest`.
template <class Checks, size_t... Sizes>
struct bucket_row {
  static constexpr size_t smallest = SIZE_MAX;
  static constexpr size_t bytes_for(const size_t*) noexcept {
    return 0;
  }
  status init(unsigned char*, const size_t*) noexcept {
    return status::ok;
  }
  void* allocate(layout) noexcept {
    return nullptr;
  }
  template <class Visitor>
  void until(Visitor&&) const noexcept {}
};

template <class Checks, size_t Size, size_t... Larger>
struct bucket_row<Checks, Size, Larger...> {
  using pool_type = lockfree_pool<Size, Checks>;
  using rest_type = bucket_row<Checks, Larger...>;
  static constexpr size_t smallest = Size;
  static_assert(Size < rest_type::smallest, "each size is larger than the one before it");

  /// What one pool takes of the region, and where the next one begins.
  static constexpr size_t share_of(size_t blocks) noexcept {
    const size_t bytes = pool_type::required_bytes(blocks);
    return bytes == SIZE_MAX ? SIZE_MAX : round_up(bytes, default_alignment);
  }
  static constexpr size_t bytes_for(const size_t* blocks) noexcept {
    const size_t mine = share_of(*blocks);
    const size_t others = rest_type::bytes_for(blocks + 1);
    return mine > SIZE_MAX - others ? SIZE_MAX : mine + others;
  }
  /// `begin` null: makes all pools empty.
  status init(unsigned char* begin, const size_t* blocks) noexcept {
    const size_t mine = begin == nullptr ? 0 : share_of(*blocks);
    const status result = pool.init({begin, mine});
    if (mine != 0 && result != status::ok) {
      return result;
    }
    return rest.init(begin == nullptr ? nullptr : begin + mine, blocks + 1);
  }
  void* allocate(layout wanted) noexcept {
    void* const block = pool.allocate(wanted);
    return block != nullptr ? block : rest.allocate(wanted);
  }
  /// Calls visit(pool) for one pool after another until it answers true.
  template <class Visitor>
  void until(Visitor&& visit) noexcept {
    if (!visit(pool)) {
      rest.until(visit);
    }
  }
  template <class Visitor>
  void until(Visitor&& visit) const noexcept {
    if (!visit(pool)) {
      rest.until(visit);
    }
  }

  pool_type pool;
  [[no_unique_address]] rest_type rest;
};

}  // namespace detail

/// Blocks of `Sizes` bytes, increasing; each is aligned as a pool of its size is: at least to a pointer,
/// at most to default_alignment.
///
/// Threads and interrupts, misuse and its levels: as lockfree_pool. Cost of allocate and deallocate: that
/// of a lockfree_pool and a comparison or two for each size that is passed over: O(sizes).
template <check_policy Checks, size_t... Sizes>
class lockfree_buckets {
  static_assert(sizeof...(Sizes) > 0, "name the block sizes");
  using row = detail::bucket_row<Checks, Sizes...>;

 public:
  using policies_type = policies<lock_free, Checks, no_observer>;
  static constexpr size_t sizes = sizeof...(Sizes);

  constexpr lockfree_buckets() noexcept = default;
  lockfree_buckets(const lockfree_buckets&) = delete;
  lockfree_buckets& operator=(const lockfree_buckets&) = delete;

  /// The size of a region, wherever it begins, that holds blocks[0] blocks of the first size, blocks[1] of
  /// the second and so on. SIZE_MAX if no region is large enough, or a pool can't have so many.
  static constexpr size_t required_bytes(const size_t (&blocks)[sizes]) noexcept {
    const size_t bytes = row::bytes_for(blocks);
    return bytes > SIZE_MAX - (default_alignment - 1) ? SIZE_MAX : bytes + default_alignment - 1;
  }

  /// Divides `memory`; what is left over is not used. Returns ok; or invalid_argument (null, empty or wraps
  /// the address space) or region_too_small (not that many blocks fit, or no block is asked for), after
  /// which the allocator is as if never initialised. O(blocks). Before anyone else calls.
  [[nodiscard]] status init(region memory, const size_t (&blocks)[sizes]) noexcept {
    static_cast<void>(row_.init(nullptr, blocks));
    if (!memory.valid()) {
      return status::invalid_argument;
    }
    const region usable = memory.aligned(default_alignment);
    const size_t bytes = row::bytes_for(blocks);
    if (bytes == 0 || bytes > usable.size) {
      return status::region_too_small;
    }
    return row_.init(static_cast<unsigned char*>(usable.begin), blocks);
  }

  /// A block for `wanted`, from the first pool that can serve it. Null iff all whose blocks are large
  /// enough are empty, or none is, or init() has not succeeded. Any thread, interrupt or core.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return row_.allocate(wanted);
  }
  [[nodiscard]] void* allocate(size_t size, size_t align = 1) noexcept {
    return row_.allocate({size, align});
  }

  /// Gives `block` back to its pool; null does nothing. Returns ok, or the misuse that was found; then
  /// nothing has changed. Any thread, interrupt or core.
  status deallocate(void* block) noexcept {
    return give_back(block, [&](auto& pool) { return pool.deallocate(block); });
  }
  status deallocate(void* block, layout given) noexcept {
    return give_back(block, [&](auto& pool) { return pool.deallocate(block, given); });
  }

  /// True iff `p` points into a block, live or not. Any context. O(sizes).
  [[nodiscard]] bool owns(const void* p) const noexcept {
    bool found = false;
    row_.until([&](const auto& pool) { return found = pool.owns(p); });
    return found;
  }

  /// True iff deallocate(p, given) would succeed now and `p` is not null. Not at level none. O(sizes).
  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept
      requires(Checks::level != check_level::none) {
    bool found = false;
    row_.until([&](const auto& pool) { return found = pool.is_live(p, given); });
    return found;
  }

  /// The sum of the pools', as exact as theirs. O(blocks).
  [[nodiscard]] acre::usage usage() const noexcept {
    acre::usage sum;
    row_.until([&](const auto& pool) {
      sum += pool.usage();
      return false;
    });
    return sum;
  }

  /// The largest block that is free. Any context; O(sizes).
  [[nodiscard]] size_t largest_free() const noexcept {
    size_t largest = 0;
    row_.until([&](const auto& pool) {
      largest = detail::max_of(largest, pool.largest_free());
      return false;
    });
    return largest;
  }

  /// Checks every invariant of every pool. Returns ok, not_initialised or corrupted. O(blocks).
  [[nodiscard]] status validate() const noexcept {
    status result = status::not_initialised;
    row_.until([&](const auto& pool) {
      const status one = pool.validate();
      if (one != status::not_initialised) {  // a size of which there are no blocks
        result = one;
      }
      return result == status::corrupted;
    });
    return result;
  }

 private:
  template <class Give>
  status give_back(void* block, Give&& give) noexcept {
    if (block == nullptr) {
      return status::ok;
    }
    status result = status::foreign_pointer;
    bool found = false;
    row_.until([&](auto& pool) {
      if (pool.owns(block)) {
        result = give(pool);
        found = true;
      }
      return found;
    });
    if (!found && Checks::level != check_level::none) {
      return detail::raise_misuse(result, block, this, __builtin_return_address(0));
    }
    return result;
  }

  row row_;
};

}  // namespace acre
