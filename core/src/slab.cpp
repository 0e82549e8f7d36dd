// SPDX-License-Identifier: MIT
#include <acre/detail/poison.hpp>
#include <acre/engine/slab.hpp>
#include <acre/fault.hpp>

namespace acre::engine {

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
  size_t slabs = 0;
  for (size_t offset = 0; offset != carved_; offset += size_t{1} << table.slab_shift) {
    const slab_header* slab = header_at(offset, table);
    if (slab->class_index != no_class) {
      const slab_class& c = table.classes[slab->class_index];
      const size_t live = live_in(*slab, c);
      result.blocks_in_use += live;
      result.bytes_in_use += live * c.size;
      result.bytes_overhead += (size_t{1} << table.slab_shift) - c.objects * c.size;
    }
    ++slabs;
  }
  result.bytes_free = total_ - result.bytes_in_use - result.bytes_overhead;
  if (table.out_of_band) {
    result.bytes_overhead += (total_ >> table.slab_shift) * table.header_bytes;
  }
  return result;
}

status slab_core::validate(const slab_table& table, slab_header* const* partial) const noexcept {
  if (base_ == 0) {
    return status::not_initialised;
  }
  const size_t slab_bytes = size_t{1} << table.slab_shift;
  if (carved_ > total_ || ((carved_ | total_) & (slab_bytes - 1)) != 0) {  // I1
    return status::corrupted;
  }
  size_t most_words = 1;  // of any class: where all have one, the summary is not kept
  for (unsigned i = 0; i < table.class_count; ++i) {
    most_words = detail::max_of(most_words, size_t{table.classes[i].words});
  }
  size_t unlisted = 0;  // slabs that must turn up in a list below
  for (size_t offset = 0; offset != carved_; offset += slab_bytes) {
    const slab_header* slab = header_at(offset, table);
    if (slab->class_index == no_class) {
      if (table.filled) {
        const size_t was = slab->in_use;
        if (was >= table.class_count ||
            !detail::is_poisoned(
                reinterpret_cast<const void*>(base_ + offset + table.classes[was].first), 0,
                table.classes[was].objects * table.classes[was].size)) {
          return status::corrupted;
        }
      }
      ++unlisted;
      continue;
    }
    if (slab->class_index >= table.class_count) {
      return status::corrupted;
    }
    const slab_class& c = table.classes[slab->class_index];
    slab_word summary = 0;
    for (size_t w = 0; w < c.words; ++w) {
      summary |= slab_word{slab->bits()[w] != 0 ? 1U : 0U} << w;
    }
    const bool wide = most_words > 1;
    if ((slab->bits()[c.words - 1] & ~c.last_word) != 0 ||
        objects_of(slab, c, table) != base_ + offset + c.first ||
        (wide && (slab->summary != summary || slab->in_use != live_in(*slab, c)))) {  // I3
      return status::corrupted;
    }
    for (size_t q = 0; table.filled && q < c.objects; ++q) {
      const auto* object = reinterpret_cast<const void*>(base_ + offset + c.first + q * c.size);
      if (is_free(*slab, q) && !detail::is_poisoned(object, 0, c.size)) {
        return status::corrupted;
      }
    }
    unlisted += summary != 0 ? 1U : 0U;
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
