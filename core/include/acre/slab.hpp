// SPDX-License-Identifier: MIT
// slab: objects of a few sizes, packed into slabs. For objects of one type see slab_cache.
//
// Use it for many small objects of mixed sizes: it wastes neither headers nor, with well chosen size
// classes, rounding, and what one size gives back another can have, a slab at a time.
//
// At basic and above deallocate finds, before anything changes and in O(1): double_free,
// foreign_pointer, interior_pointer, misaligned_pointer and wrong_size (another size class).
#pragma once

#include <acre/basic_allocator.hpp>
#include <acre/config.hpp>
#include <acre/detail/abi.hpp>
#include <acre/engine/slab.hpp>
#include <acre/size_classes.hpp>

namespace acre::inline ACRE_ABI {

/// Where a slab's header lies: at its start, or in an array behind all slabs, out of the reach of an
/// overflow and out of the way of alignment (64 objects of 64 bytes in 4 KiB, not 63).
enum class slab_metadata : uint8_t { in_slab, out_of_band };

inline constexpr slab_metadata default_slab_metadata =
    config::slab_metadata_out_of_band ? slab_metadata::out_of_band : slab_metadata::in_slab;

namespace detail {

/// What happens to the objects of a slab that a class takes or gives back: nothing.
struct plain_objects {
  static constexpr bool retain = false;
  static constexpr void (*construct)(void*) noexcept = nullptr;
  static constexpr void (*destroy)(void*) noexcept = nullptr;
};

/// The engine for these classes, and the sizing that goes with it.
template <class Classes, check_level Level, size_t SlabBytes, slab_metadata Metadata,
          class Objects = plain_objects>
class slab_engine
    : public engine::slab<
          Level, slab_tables<Classes, SlabBytes, Metadata == slab_metadata::out_of_band>, Objects> {
  using tables = slab_tables<Classes, SlabBytes, Metadata == slab_metadata::out_of_band>;

 public:
  static constexpr unsigned class_for(layout l) noexcept {
    return tables::class_for(l);
  }
  static constexpr size_t block_bytes(layout l) noexcept {
    const unsigned index = class_for(l);
    return index < Classes::count ? Classes::sizes[index] : 0;
  }
  /// Slabs in which `count` objects for `each` fit; SIZE_MAX if no class serves `each`.
  static constexpr size_t slabs_for(size_t count, layout each) noexcept {
    const unsigned index = class_for(each);
    if (index >= Classes::count) {
      return SIZE_MAX;
    }
    const size_t objects = tables::classes.of[index].objects;
    return count / objects + (count % objects != 0 ? 1U : 0U);
  }
  static constexpr size_t required_bytes(size_t slabs, size_t region_align) noexcept {
    constexpr size_t align = max_of(tables::align, alignof(engine::slab_header));
    constexpr size_t each = SlabBytes + (tables::out_of_band ? tables::header_bytes : 0);
    const size_t slack = align > region_align ? align - region_align : 0;
    return slabs > SIZE_MAX / 4 / each ? SIZE_MAX : slabs * each + slack;
  }
};

}  // namespace detail

/// How far validate_step() or usage_step() of a slab or slab_cache has come.
using slab_cursor = engine::slab_cursor;

/// Objects of the sizes in `Classes`, in slabs of `SlabBytes`.
///
/// Cost: allocate and deallocate O(1); taking a new slab writes its bitmap, at most a word for 32 (on
/// 64-bit 64) objects. init is O(1). Control: 5 words and one a class.
///
/// validate_step() looks at a slab a step, O(bitmap), at full O(slab). Each link is compared with both of
/// its ends; what it does not see is a list of empty slabs that ends early or runs in a circle, and links
/// that are wrong in step on both ends.
template <class Classes = default_size_classes, class Policies = policies<>,
          size_t SlabBytes = config::slab_bytes, slab_metadata Metadata = default_slab_metadata>
class slab
    : public basic_allocator<detail::slab_engine<Classes, Policies::level, SlabBytes, Metadata>,
                             Policies> {
  using core = detail::slab_engine<Classes, Policies::level, SlabBytes, Metadata>;

 public:
  static constexpr size_t slab_bytes = SlabBytes;

  /// The size of the object that serves `wanted`; 0 if no class does.
  static constexpr size_t block_bytes(layout wanted) noexcept {
    return core::block_bytes(wanted);
  }

  /// The size of a region of `slabs` slabs. SIZE_MAX if no region is large enough.
  static constexpr size_t required_bytes_for_slabs(
      size_t slabs, size_t region_align = default_alignment) noexcept {
    return core::required_bytes(slabs, region_align);
  }

  /// The size of a region in which `count` objects for `each` can be live at one time, when they are
  /// the only ones. SIZE_MAX if no class serves `each` or no region is large enough. For several
  /// classes add up; a slab serves one class at a time.
  static constexpr size_t required_bytes(size_t count, layout each,
                                         size_t region_align = default_alignment) noexcept {
    return core::required_bytes(core::slabs_for(count, each), region_align);
  }

  /// The size of a region that serves one request for `wanted`, wherever it begins.
  static constexpr size_t required_bytes_for(layout wanted) noexcept {
    return required_bytes(1, wanted, 1);
  }
};

}  // namespace acre
