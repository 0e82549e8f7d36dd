// SPDX-License-Identifier: MIT
#include <acre/detail/poison.hpp>
#include <acre/engine/slab.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI::engine {

namespace {

size_t live_in(const slab_header& slab, const slab_class& c) noexcept {
  size_t free = 0;
  for (size_t w = 0; w < c.words; ++w) {
    for (slab_word word = slab.bits()[w]; word != 0; word &= word - 1) {
      ++free;
    }
  }
  return c.objects - free;
}

bool has_room(const slab_header& slab, const slab_class& c) noexcept {
  slab_word any = 0;
  for (size_t w = 0; w < c.words; ++w) {
    any |= slab.bits()[w];
  }
  return any != 0;
}

void add_usage(acre::usage& sum, const slab_header& slab, const slab_table& table) noexcept {
  if (slab.class_index >= table.class_count) {
    return;
  }
  const slab_class& c = table.classes[slab.class_index];
  const size_t live = live_in(slab, c);
  sum.blocks_in_use += live;
  sum.bytes_in_use += live * c.size;
  sum.bytes_overhead += (size_t{1} << table.slab_shift) - c.objects * c.size;
}

bool is_free(const slab_header& slab, size_t q) noexcept {
  return (slab.bits()[q / slab_word_bits] >> (q % slab_word_bits) & 1U) != 0;
}

uintptr_t objects_of(const slab_header* slab, const slab_class& c,
                     const slab_table& table) noexcept {
  return table.out_of_band ? slab->start : reinterpret_cast<uintptr_t>(slab) + c.first;
}

}  // namespace

status slab_core::init(region memory, const slab_table& table) noexcept {
  *this = slab_core{};
  if (!memory.valid()) {
    return status::invalid_argument;
  }
  const region usable = memory.aligned(detail::max_of(table.align, alignof(slab_header)));
  const size_t slab_bytes = size_t{1} << table.slab_shift;
  const size_t slabs = table.out_of_band
                           ? detail::divide(usable.size, slab_bytes + table.header_bytes)
                           : usable.size >> table.slab_shift;
  if (slabs == 0) {
    return status::region_too_small;
  }
  base_ = usable.address();
  total_ = slabs << table.slab_shift;
  return status::ok;
}

slab_header* slab_core::header_at(size_t offset, const slab_table& table) const noexcept {
  const size_t index = offset >> table.slab_shift;
  return reinterpret_cast<slab_header*>(table.out_of_band
                                            ? base_ + total_ + index * table.header_bytes
                                            : base_ + (index << table.slab_shift));
}

size_t slab_core::trim(const slab_table& table) noexcept {
  size_t released = 0;
  while (retained_ != nullptr) {
    slab_header* slab = retained_;
    retained_ = slab->next;
    const slab_class& c = table.classes[slab->class_index];
    const uintptr_t first = objects_of(slab, c, table);
    for (size_t i = 0; i < c.objects && table.destroy != nullptr; ++i) {
      table.destroy(reinterpret_cast<void*>(first + i * c.size));
    }
    slab->class_index = no_class;
    slab->next = empty_;
    empty_ = slab;
    ++released;
  }
  return released << table.slab_shift;
}

acre::usage slab_core::usage(const slab_table& table) const noexcept {
  acre::usage result;
  for (size_t offset = 0; offset != carved_; offset += size_t{1} << table.slab_shift) {
    add_usage(result, *header_at(offset, table), table);
  }
  result.bytes_free = total_ - result.bytes_in_use - result.bytes_overhead;
  if (table.out_of_band) {
    result.bytes_overhead += (total_ >> table.slab_shift) * table.header_bytes;
  }
  return result;
}

status slab_core::validate_bounds(const slab_table& table) const noexcept {
  if (base_ == 0) {
    return status::not_initialised;
  }
  const size_t slab_bytes = size_t{1} << table.slab_shift;
  const bool sound = carved_ <= total_ && ((carved_ | total_) & (slab_bytes - 1)) == 0;  // I1
  return sound ? status::ok : status::corrupted;
}

/// I3, and at full the fill of what is free. The slab lies at `begin`. O(bitmap), at full O(slab).
bool slab_core::is_intact(const slab_header* slab, uintptr_t begin,
                          const slab_table& table) const noexcept {
  if (slab->class_index == no_class) {
    const size_t was = slab->in_use;
    return !table.filled ||
           (was < table.class_count &&
            detail::is_poisoned(reinterpret_cast<const void*>(begin + table.classes[was].first), 0,
                                table.classes[was].objects * table.classes[was].size));
  }
  if (slab->class_index >= table.class_count) {
    return false;
  }
  const slab_class& c = table.classes[slab->class_index];
  slab_word summary = 0;
  for (size_t w = 0; w < c.words; ++w) {
    summary |= slab_word{slab->bits()[w] != 0 ? 1U : 0U} << w;
  }
  if ((slab->bits()[c.words - 1] & ~c.last_word) != 0 ||
      objects_of(slab, c, table) != begin + c.first ||
      (table.wide && (slab->summary != summary || slab->in_use != live_in(*slab, c)))) {
    return false;
  }
  for (size_t q = 0; table.filled && q < c.objects; ++q) {
    const auto* object = reinterpret_cast<const void*>(begin + c.first + q * c.size);
    if (is_free(*slab, q) && !detail::is_poisoned(object, 0, c.size)) {
      return false;
    }
  }
  return true;
}

status slab_core::validate(const slab_table& table, slab_header* const* partial) const noexcept {
  if (const status found = validate_bounds(table); found != status::ok) {
    return found;
  }
  size_t unlisted = 0;  // slabs that must turn up in a list below
  for (size_t offset = 0; offset != carved_; offset += size_t{1} << table.slab_shift) {
    const slab_header* slab = header_at(offset, table);
    if (!is_intact(slab, base_ + offset, table)) {
      return status::corrupted;
    }
    const bool listed =
        slab->class_index == no_class || has_room(*slab, table.classes[slab->class_index]);
    unlisted += listed ? 1U : 0U;
  }
  for (unsigned i = 0; i < table.class_count; ++i) {  // I2
    const slab_header* previous = nullptr;
    for (const slab_header* slab = partial[i]; slab != nullptr; slab = slab->next) {
      if (unlisted-- == 0 || slab->class_index != i || slab->previous != previous) {
        return status::corrupted;
      }
      previous = slab;
    }
  }
  const slab_header* const idle[] = {empty_, retained_};
  for (const slab_header* list : idle) {
    for (const slab_header* slab = list; slab != nullptr; slab = slab->next) {
      if (unlisted-- == 0) {
        return status::corrupted;
      }
    }
  }
  return unlisted == 0 ? status::ok : status::corrupted;
}

/// Is this the header of a slab that was carved? Tells it without reading it.
bool slab_core::is_carved(const slab_header* slab, const slab_table& table) const noexcept {
  const auto at = reinterpret_cast<uintptr_t>(slab);
  if (!table.out_of_band) {
    const size_t offset = at - base_;
    return offset < carved_ && (offset & ((size_t{1} << table.slab_shift) - 1)) == 0;
  }
  const auto divisor = detail::exact_divisor::of(table.header_bytes);
  return divisor.index(at - (base_ + total_)) < carved_ >> table.slab_shift;
}

/// Could a slab be in this list, by what it holds? The classes' lists, then empty_, then retained_.
/// Null is the end of any.
bool slab_core::may_be_in(const slab_header* slab, unsigned list,
                          const slab_table& table) const noexcept {
  if (slab == nullptr) {
    return true;
  }
  if (!is_carved(slab, table)) {
    return false;
  }
  if (list == table.class_count) {
    return slab->class_index == no_class;
  }
  if (slab->class_index >= table.class_count) {
    return false;
  }
  const slab_class& c = table.classes[slab->class_index];
  return list < table.class_count ? slab->class_index == list && has_room(*slab, c)
                                  : live_in(*slab, c) == 0;
}

/// I2, as far as the neighbours in the list tell.
bool slab_core::is_linked(const slab_header* slab, const slab_table& table,
                          slab_header* const* partial) const noexcept {
  const unsigned index = slab->class_index;
  const unsigned empty = table.class_count;
  if (index == no_class) {
    return may_be_in(slab->next, empty, table);
  }
  const slab_class& c = table.classes[index];
  if (!has_room(*slab, c)) {
    return true;
  }
  if (table.destroy != nullptr && live_in(*slab, c) == 0) {
    return may_be_in(slab->next, empty + 1, table);
  }
  const slab_header* next = slab->next;
  const slab_header* previous = slab->previous;
  return may_be_in(next, index, table) && (next == nullptr || next->previous == slab) &&
         may_be_in(previous, index, table) &&
         (previous == nullptr ? partial[index] : previous->next) == slab;
}

status slab_core::validate_step(slab_cursor& cursor, size_t steps, const slab_table& table,
                                slab_header* const* partial) const noexcept {
  if (const status found = validate_bounds(table); found != status::ok) {
    return found;
  }
  for (; steps != 0 && !cursor.over; --steps) {
    if (cursor.slab < carved_ >> table.slab_shift) {
      const size_t offset = cursor.slab << table.slab_shift;
      const slab_header* slab = header_at(offset, table);
      if (!is_intact(slab, base_ + offset, table) || !is_linked(slab, table, partial)) {
        return status::corrupted;
      }
      ++cursor.slab;
    } else if (cursor.list < table.class_count + size_t{2}) {
      const auto list = static_cast<unsigned>(cursor.list);
      const bool is_class = list < table.class_count;
      const slab_header* first = is_class                    ? partial[list]
                                 : list == table.class_count ? empty_
                                                             : retained_;
      if (!may_be_in(first, list, table) ||
          (is_class && first != nullptr && first->previous != nullptr)) {
        return status::corrupted;
      }
      ++cursor.list;
    } else {
      cursor.over = true;
    }
  }
  return status::ok;
}

status slab_core::usage_step(slab_cursor& cursor, size_t steps, acre::usage& sum,
                             const slab_table& table) const noexcept {
  if (const status found = validate_bounds(table); found != status::ok) {
    return found;
  }
  for (; steps != 0 && !cursor.over; --steps) {
    const size_t offset = cursor.slab << table.slab_shift;
    if (cursor.slab < carved_ >> table.slab_shift) {
      acre::usage found;
      add_usage(found, *header_at(offset, table), table);
      found.bytes_free =
          (size_t{1} << table.slab_shift) - found.bytes_in_use - found.bytes_overhead;
      sum += found;
      ++cursor.slab;
    } else {
      sum.bytes_free += total_ - carved_;
      sum.bytes_overhead +=
          table.out_of_band ? (total_ >> table.slab_shift) * table.header_bytes : 0;
      cursor.over = true;
    }
  }
  return status::ok;
}

status slab_core::diagnose(uintptr_t p, const slab_table& table) const noexcept {
  const size_t offset = p - base_;
  if (offset >= total_) {
    return status::foreign_pointer;
  }
  if (offset >= carved_) {
    return status::double_free;
  }
  const slab_header* slab = header_at(offset, table);
  if (slab->class_index == no_class) {
    return status::double_free;
  }
  const slab_class& c = table.classes[slab->class_index];
  const uintptr_t first = base_ + (offset >> table.slab_shift << table.slab_shift) + c.first;
  if (p < first || p - first >= c.objects * c.size) {
    return status::foreign_pointer;  // the header, or the rest behind the last object
  }
  if (((p - first) & (c.align() - 1)) != 0) {
    return status::misaligned_pointer;
  }
  const size_t q = c.index(p - first);
  if (q >= c.objects) {
    return status::interior_pointer;
  }
  return is_free(*slab, q) ? status::double_free : status::ok;
}

status slab_core::refuse(const void* p, const slab_table& table) const noexcept {
  if (p == nullptr) {
    return status::ok;
  }
  const status found = diagnose(reinterpret_cast<uintptr_t>(p), table);
  return detail::raise_misuse(found == status::ok ? status::wrong_size : found, p, this,
                              __builtin_return_address(0));
}

}  // namespace acre::engine
