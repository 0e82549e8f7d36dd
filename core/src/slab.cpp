// SPDX-License-Identifier: MIT
#include <acre/detail/poison.hpp>
#include <acre/engine/slab.hpp>
#include <acre/fault.hpp>

namespace acre::engine {

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

slab_header* slab_core::take_slab(const slab_table& table, unsigned class_index,
                                  check_level level) noexcept {
  if (slab_header* slab = retained_; slab != nullptr) {
    retained_ = slab->next;
    slab->next = nullptr;
    return slab;
  }
  const slab_class& c = table.classes[class_index];
  slab_header* slab = empty_;
  uintptr_t start = 0;
  if (slab != nullptr) {
    empty_ = slab->next;
    start = reinterpret_cast<uintptr_t>(slab->objects);
  } else if (carved_ != total_) {
    start = base_ + carved_;
    slab = header_at(carved_, table);
    carved_ += size_t{1} << table.slab_shift;
  } else {
    return nullptr;
  }
  slab->next = nullptr;
  slab->previous = nullptr;
  slab->objects = reinterpret_cast<unsigned char*>(start + c.first);
  slab->summary = ~slab_word{0} >> (slab_word_bits - c.words);
  slab->in_use = 0;
  slab->class_index = static_cast<uint8_t>(class_index);
  slab_word* bits = slab->bits();
  for (size_t w = 0; w + 1 < c.words; ++w) {
    bits[w] = ~slab_word{0};
  }
  bits[c.words - 1] = c.last_word;
  if (table.construct != nullptr) {
    for (size_t i = 0; i < c.objects; ++i) {
      table.construct(slab->objects + i * c.size);
    }
  } else if (level == check_level::full) {
    detail::poison(slab->objects, 0, c.objects * c.size);
  }
  return slab;
}

/// Gives a slab that is in no list back for use by any class. In empty_, `objects` is its start.
void slab_core::retire_slab(const slab_table& table, slab_header* slab) noexcept {
  const slab_class& c = table.classes[slab->class_index];
  if (table.destroy != nullptr) {
    for (size_t i = 0; i < c.objects; ++i) {
      table.destroy(slab->objects + i * c.size);
    }
  }
  slab->objects -= c.first;
  slab->class_index = no_class;
  slab->next = empty_;
  empty_ = slab;
}

size_t slab_core::trim(const slab_table& table) noexcept {
  size_t released = 0;
  while (retained_ != nullptr) {
    slab_header* slab = retained_;
    retained_ = slab->next;
    retire_slab(table, slab);
    ++released;
  }
  return released << table.slab_shift;
}

size_t slab_core::live_in(const slab_header& slab, const slab_class& c) const noexcept {
  size_t free = 0;
  for (size_t w = 0; w < c.words; ++w) {
    for (slab_word word = slab.bits()[w]; word != 0; word &= word - 1) {
      ++free;
    }
  }
  return c.objects - free;
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

size_t slab_core::largest_free(const slab_table& table,
                               slab_header* const* partial) const noexcept {
  if (empty_ != nullptr || retained_ != nullptr || carved_ != total_) {
    return table.largest;
  }
  for (unsigned i = table.class_count; i-- > 0;) {
    if (partial[i] != nullptr) {
      return table.classes[i].size;
    }
  }
  return 0;
}

status slab_core::validate(const slab_table& table, slab_header* const* partial,
                           check_level level) const noexcept {
  if (base_ == 0) {
    return status::not_initialised;
  }
  const size_t slab_bytes = size_t{1} << table.slab_shift;
  if (carved_ > total_ || ((carved_ | total_) & (slab_bytes - 1)) != 0) {  // I1
    return status::corrupted;
  }
  size_t unlisted = 0;  // slabs that must turn up in a list below
  for (size_t offset = 0; offset != carved_; offset += slab_bytes) {
    const slab_header* slab = header_at(offset, table);
    if (slab->class_index == no_class) {
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
    const bool wide = c.words > 1;
    if ((slab->bits()[c.words - 1] & ~c.last_word) != 0 ||
        reinterpret_cast<uintptr_t>(slab->objects) != base_ + offset + c.first ||
        (wide && (slab->summary != summary || slab->in_use != live_in(*slab, c)))) {  // I3
      return status::corrupted;
    }
    for (size_t i = 0; level == check_level::full && table.construct == nullptr && i < c.objects; ++i) {
      const bool free = (slab->bits()[i / slab_word_bits] >> (i % slab_word_bits) & 1U) != 0;
      if (free && !detail::is_poisoned(slab->objects + i * c.size, 0, c.size)) {
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
  const uintptr_t first = reinterpret_cast<uintptr_t>(slab->objects);
  if (p < first || p - first >= c.objects * c.size) {
    return status::foreign_pointer;  // the header, or the rest behind the last object
  }
  if (((p - first) & (c.align - 1)) != 0) {
    return status::misaligned_pointer;
  }
  const size_t q = c.divisor.index(p - first);
  if (q >= c.objects) {
    return status::interior_pointer;
  }
  const bool free = (slab->bits()[q / slab_word_bits] >> (q % slab_word_bits) & 1U) != 0;
  return free ? status::double_free : status::ok;
}

bool slab_core::is_live(const slab_table& table, const void* p, layout given) const noexcept {
  const auto address = reinterpret_cast<uintptr_t>(p);
  return diagnose(address, table) == status::ok &&
         header_at(address - base_, table)->class_index == table.class_for(given);
}

template <check_level Level, bool Wide>
void* slab<Level, Wide>::allocate(const slab_table& table, slab_header*& partial,
                                  unsigned class_index) noexcept {
  slab_header* s = partial;
  if (s == nullptr) [[unlikely]] {
    s = take_slab(table, class_index, Level);
    if (s == nullptr) {
      return nullptr;
    }
    partial = s;
  }
  const size_t w = Wide ? detail::trailing_zeros_word(s->summary) : 0;
  slab_word* const bits = s->bits();
  const slab_word word = bits[w];
  const slab_word rest = word & (word - 1);
  bits[w] = rest;
  if constexpr (Wide) {
    ++s->in_use;
    if (rest == 0) {
      s->summary &= s->summary - 1;
    }
  }
  if (Wide ? s->summary == 0 : rest == 0) {  // full: out of the list, of which it is the head
    partial = s->next;
    if (s->next != nullptr) {
      s->next->previous = nullptr;
    }
  }
  const slab_class& c = table.classes[class_index];
  const size_t q = w * slab_word_bits + detail::trailing_zeros_word(word);
  unsigned char* object = s->objects + q * c.size;
  if constexpr (Level == check_level::full) {
    if (table.construct == nullptr && !detail::is_poisoned(object, 0, c.size)) {
      detail::raise_corruption(object, this);
    }
  }
  return object;
}

template <check_level Level, bool Wide>
status slab<Level, Wide>::deallocate(const slab_table& table, slab_header** partial, void* block,
                                     layout given) noexcept {
  if (block == nullptr) {
    return status::ok;
  }
  const auto p = reinterpret_cast<uintptr_t>(block);
  const size_t offset = p - base_;
  const auto refuse = [&](const void* site) noexcept {
    const status found = diagnose(p, table);
    return detail::raise_misuse(found == status::ok ? status::wrong_size : found, block, this, site);
  };
  if (Level != check_level::none && offset >= carved_) [[unlikely]] {
    return refuse(__builtin_return_address(0));
  }
  slab_header* const s = header_at(offset, table);
  const unsigned class_index = s->class_index;
  if (Level != check_level::none && class_index != table.class_for(given)) [[unlikely]] {
    return refuse(__builtin_return_address(0));
  }
  const slab_class& c = table.classes[class_index];
  const size_t q = c.divisor.index(p - reinterpret_cast<uintptr_t>(s->objects));
  slab_word& bits = s->bits()[q / slab_word_bits];
  const slab_word bit = slab_word{1} << (q % slab_word_bits);
  if (Level != check_level::none && (q >= c.objects || (bits & bit) != 0)) [[unlikely]] {
    return refuse(__builtin_return_address(0));
  }
  if constexpr (Level == check_level::full) {
    if (table.construct == nullptr) {
      detail::poison(block, 0, c.size);
    }
  }
  slab_header*& head = partial[class_index];
  const bool was_full = Wide ? s->summary == 0 : bits == 0;
  bits |= bit;
  if constexpr (Wide) {
    s->summary |= slab_word{1} << (q / slab_word_bits);
    --s->in_use;
  }
  const bool empty = Wide ? s->in_use == 0 : bits == c.last_word;
  if (!empty) {
    if (was_full) {
      // head -> x  becomes  head -> s <-> x
      s->previous = nullptr;
      s->next = head;
      if (head != nullptr) {
        head->previous = s;
      }
      head = s;
    }
    return status::ok;
  }
  if (!was_full) {
    if (s->next != nullptr) {
      s->next->previous = s->previous;
    }
    (s->previous != nullptr ? s->previous->next : head) = s->next;
  }
  if (table.retain) {
    s->previous = nullptr;
    s->next = retained_;
    retained_ = s;
  } else {
    retire_slab(table, s);
  }
  return status::ok;
}

template class slab<check_level::none, false>;
template class slab<check_level::none, true>;
template class slab<check_level::basic, false>;
template class slab<check_level::basic, true>;
template class slab<check_level::full, false>;
template class slab<check_level::full, true>;

}  // namespace acre::engine
