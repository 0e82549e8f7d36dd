// SPDX-License-Identifier: MIT
// general_memory: an allocator for every size, composed of slab, heap and growing. What acre::workspace and the
// default of acre::allocator are made of; take it yourself where an allocator object is wanted.
#pragma once

#include <acre/detail/abi.hpp>
#include <acre/growing.hpp>
#include <acre/heap.hpp>
#include <acre/port/doubling_source.hpp>
#include <acre/size_router.hpp>
#include <acre/slab.hpp>

namespace acre::inline ACRE_ABI {

/// Requests of up to 512 bytes are packed into slabs, larger ones get blocks of a heap; both grow from
/// `Source` in chunks that double. Not copyable; constinit, and without a destructor, so that a static object
/// outlives every user: release_all() gives the memory back.
///
/// Finds bad frees as slab and heap do at the check level of `Policies`. The lock of `Policies` exists twice,
/// for small requests and for large ones.
///
/// Cost: allocate and deallocate O(chunks), of which there are about log2(bytes in use / 64 KiB); the chunk
/// that served last is asked first. A heap block costs 4 bytes and 1 bit for 16 (on 64-bit hosts), an object
/// in a slab 1 bit.
template <region_source Source, class Policies = policies<>>
class general_memory {
  using part_policies = policies<no_lock, checks<Policies::level>, no_observer>;
  using classes = large_size_classes;
  using small_part = slab<classes, part_policies, 4096>;
  using large_part = heap<size_t{1} << (sizeof(void*) == 8 ? 32 : 28), part_policies, 0>;
  // What every class has: their sizes are multiples of 16.
  static constexpr size_t small_align = default_alignment;
  static_assert(small_part::block_bytes({1, small_align}) == classes::sizes[0]);

 public:
  static constexpr size_t small_limit = classes::largest;
  using policies_type = Policies;

  constexpr general_memory() noexcept = default;
  /// Takes the first chunk of the small ones from `first`, which is not given back to the source.
  general_memory(const Source& source, region first) noexcept {
    small_.source() = doubling_source<Source>(source, first);
    large_.source() = doubling_source<Source>(source);
  }
  general_memory(const general_memory&) = delete;
  general_memory& operator=(const general_memory&) = delete;

  /// Null iff the source has no more, or the layout is not valid() or too large for a heap.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return router_.allocate(wanted);
  }
  /// Returns ok, or the misuse that was found; then nothing has changed.
  status deallocate(void* block, layout given) noexcept {
    return router_.deallocate(block, given);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return router_.owns(p);
  }
  /// True iff deallocate(p, given) would succeed now and `p` is not null. O(chunks).
  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept requires
      liveness_checking_allocator<small_part> {
    return router_.is_live(p, given);
  }
  /// The sum over all chunks. O(chunks * slabs and blocks in them).
  [[nodiscard]] acre::usage usage() const noexcept {
    acre::usage sum = small_.usage();
    return sum += large_.usage();
  }
  /// The largest request that is served without asking the source. O(chunks).
  [[nodiscard]] size_t largest_free() const noexcept {
    return detail::max_of(small_.largest_free(), large_.largest_free());
  }
  /// Checks every invariant of every chunk, reading only.
  [[nodiscard]] status validate() const noexcept {
    const status found = small_.validate();
    return found != status::ok ? found : large_.validate();
  }
  /// Gives chunks with nothing in use back to the source. Returns the bytes given back.
  size_t trim() noexcept {
    return small_.trim() + large_.trim();
  }
  /// Gives everything back to the source, whatever is live.
  void release_all() noexcept {
    small_.release_all();
    large_.release_all();
  }

 private:
  using small_memory = growing<small_part, doubling_source<Source>, typename Policies::lock>;
  using large_memory = growing<large_part, doubling_source<Source>, typename Policies::lock>;

  small_memory small_;
  large_memory large_;
  size_router<small_limit, small_memory, large_memory, small_align> router_{small_, large_};
};

}  // namespace acre
