// SPDX-License-Identifier: MIT
// engine::slab: objects of a few sizes, packed into slabs of one size each.
//
// Structure: the region is cut into slabs of equal size, carved as they are needed. A slab belongs to
// one size class at a time and has a header with a bitmap, a set bit for each free object, either at
// its start or out of band behind all slabs. Each class lists the slabs that have a free object; a
// full slab is in no list, and finds back into it with the first free, which knows the slab from the
// address. A slab with nothing in use goes back to the allocator for any class; a cache with
// constructed objects keeps it in a list of its own instead.
//
//   partial[c] -> slab <-> slab      full slabs: no list     empty_ -> slab -> slab
//
// A free list inside the objects would be as fast; the bitmap is kept because it leaves an object as
// its last user left it (constructed), and because it knows exactly what is live.
//
// I1  carved_ <= total_, multiples of the slab size.
// I2  A carved slab is in empty_ with class no_class, or has a class, and then is in that class's
//     list once iff it has a free object.
// I3  Bits behind a slab's last object are 0; summary and in_use say what the bitmap says.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/check_level.hpp>
#include <acre/engine/slab_table.hpp>
#include <acre/layout.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::engine {

class slab_core {
 public:
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return reinterpret_cast<uintptr_t>(p) - base_ < total_;
  }

 protected:
  status init(region memory, const slab_table& table) noexcept;
  [[nodiscard]] acre::usage usage(const slab_table& table) const noexcept;
  [[nodiscard]] size_t largest_free(const slab_table& table,
                                    slab_header* const* partial) const noexcept;
  [[nodiscard]] status validate(const slab_table& table, slab_header* const* partial,
                                check_level level) const noexcept;
  size_t trim(const slab_table& table) noexcept;
  [[nodiscard]] bool is_live(const slab_table& table, const void* p, layout given) const noexcept;

  [[nodiscard]] slab_header* header_at(size_t offset, const slab_table& table) const noexcept {
    const size_t index = offset >> table.slab_shift;
    return reinterpret_cast<slab_header*>(
        table.out_of_band ? base_ + total_ + index * table.header_bytes
                          : base_ + (index << table.slab_shift));
  }
  [[gnu::noinline]] slab_header* take_slab(const slab_table& table, unsigned class_index,
                                           check_level level) noexcept;
  void retire_slab(const slab_table& table, slab_header* slab) noexcept;
  /// What is wrong with freeing `p`; ok if it is a live object, of whatever size.
  [[nodiscard]] status diagnose(uintptr_t p, const slab_table& table) const noexcept;
  [[nodiscard]] size_t live_in(const slab_header& slab, const slab_class& c) const noexcept;

  uintptr_t base_ = 0;
  size_t carved_ = 0;               // bytes
  size_t total_ = 0;                // bytes
  slab_header* empty_ = nullptr;    // slabs in nobody's hands
  slab_header* retained_ = nullptr; // slabs of constructed objects, none in use
};

/// `Wide`: some bitmap has several words. Slabs of at most a word's worth of objects save the summary.
template <check_level Level, bool Wide>
class slab : public slab_core {
 protected:
  /// `partial` is the list of the class.
  [[nodiscard]] void* allocate(const slab_table& table, slab_header*& partial,
                               unsigned class_index) noexcept;
  status deallocate(const slab_table& table, slab_header** partial, void* block,
                    layout given) noexcept;
};

extern template class slab<check_level::none, false>;
extern template class slab<check_level::none, true>;
extern template class slab<check_level::basic, false>;
extern template class slab<check_level::basic, true>;
extern template class slab<check_level::full, false>;
extern template class slab<check_level::full, true>;

}  // namespace acre::engine
