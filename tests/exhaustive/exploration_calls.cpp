// SPDX-License-Identifier: MIT
// What the explorer does to an allocator, and what its caller holds then.
#include "exhaustive/exploration.hpp"

namespace acre::test::exhaustive {

bool exploration::hold(void* p, layout wanted, const void* mark) {
  const size_t size = user_bytes(wanted.size);
  auto* const begin = static_cast<unsigned char*>(p);
  const size_t offset = reinterpret_cast<uintptr_t>(p) - s_.memory.address();
  if (!law(offset < s_.memory.size && size <= s_.memory.size - offset,
           "a block lies inside the region") ||
      !law((reinterpret_cast<uintptr_t>(p) & (wanted.align - 1)) == 0,
           "a block is aligned as requested")) {
    return false;
  }
  size_t at = 0;
  for (size_t i = 0; i < held_.count; ++i) {
    const block& other = held_.of[i];
    at += other.begin < begin ? 1U : 0U;
    if (!law(other.begin + user_bytes(other.size) <= begin || begin + size <= other.begin,
             "live blocks are disjoint")) {
      return false;
    }
  }
  for (size_t i = 0; i < pinned_count; ++i) {
    if (!law(pinned[i].begin + user_bytes(pinned[i].size) <= begin ||
                 begin + size <= pinned[i].begin,
             "live blocks are disjoint")) {
      return false;
    }
  }
  if (!law(held_.count < live_max, "(the explorer has room for the blocks)")) {
    return false;
  }
  for (size_t i = held_.count; i > at; --i) {
    held_.of[i] = held_.of[i - 1];
    __builtin_memcpy(held_.mark[i], held_.mark[i - 1], mark_bytes);
  }
  held_.of[at] = {begin, wanted.size, wanted.align, tag_of(p, wanted.size)};
  __builtin_memcpy(held_.mark[at], mark, mark_bytes);
  ++held_.count;
  fill_pattern(p, size, held_.of[at].tag);
  return true;
}

void exploration::drop(size_t index) noexcept {
  --held_.count;
  for (size_t i = index; i < held_.count; ++i) {
    held_.of[i] = held_.of[i + 1];
    __builtin_memcpy(held_.mark[i], held_.mark[i + 1], mark_bytes);
  }
}

// --- calls

bool exploration::allocate(layout wanted) {
  const size_t largest = s_.largest_free();
  unsigned char mark[mark_bytes] = {};
  if (t_.can.mark != nullptr) {
    t_.can.mark(s_.object, wanted, mark);
  }
  void* const p = s_.allocate(wanted);
  if (!repeating_) {
    const bool large = user_bytes(wanted.size) > largest;
    if (!law(p == nullptr || !large || wanted.align < t_.ops->natural_align,
             "what is larger than largest_free() is not served") ||
        !law(p != nullptr || large || !t_.can.monotonic || wanted.align > t_.ops->natural_align,
             "what is no larger than largest_free() is served")) {
      return false;
    }
    if (t_.can.predict != nullptr) {
      const prediction told = t_.can.predict(now(), wanted);
      if (!law(p != nullptr || !told.served, "null is answered only if there is no room") ||
          !law(p == nullptr || told.served, "a block is answered only if there is room") ||
          !law(told.at == nullptr || p == told.at, "the block is the one that is promised")) {
        return false;
      }
    }
  }
  if (p == nullptr) {
    return law(repeating_ || unchanged_since(base),
               "an allocate that answers null changes nothing");
  }
  return hold(p, wanted, mark);
}

bool exploration::give(size_t index, bool sized) {
  const block gone = held_.of[index];
  forget(gone);
  drop(index);
  const status said = sized ? s_.deallocate(gone.begin, gone.request())
                            : t_.can.give_unsized(s_.object, gone.begin);
  return law(said == status::ok, "a good free is accepted");
}

bool exploration::try_resize(size_t index, size_t size) {
  const block before = held_.of[index];
  const size_t usable =
      t_.can.usable_size == nullptr ? 0 : t_.can.usable_size(s_.object, before.begin);
  if (!t_.can.try_resize(s_.object, before.begin, size)) {
    return law(size > usable, "a size that the block has anyway can be had") &&
           law(repeating_ || unchanged_since(base), "a resize that fails changes nothing");
  }
  const size_t kept = user_bytes(size < before.size ? size : before.size);
  if (!law(holds_pattern(before.begin, kept, before.tag), "a resize keeps the contents")) {
    return false;
  }
  unsigned char mark[mark_bytes] = {};
  // What a smaller block gave up is not the caller's any more.
  drop(index);
  return hold(before.begin, {size, before.align}, mark);
}

bool exploration::reallocate(size_t index, layout wanted) {
  const block before = held_.of[index];
  void* const p = t_.can.reallocate(s_.object, before.begin, wanted.size, wanted.align);
  if (p == nullptr) {
    return law(repeating_ || unchanged_since(base), "a reallocate that fails changes nothing");
  }
  drop(index);
  const size_t kept = wanted.size < before.size ? wanted.size : before.size;
  unsigned char mark[mark_bytes] = {};
  return law(s_.memory.contains(p) && holds_pattern(p, kept, before.tag),
             "a reallocate keeps the contents") &&
         hold(p, wanted, mark);
}

bool exploration::extend_left(size_t index, size_t size) {
  const block before = held_.of[index];
  void* const p = t_.can.try_extend_left(s_.object, before.begin, size);
  if (p == nullptr) {
    return law(repeating_ || unchanged_since(base), "an extension that fails changes nothing");
  }
  if (p == before.begin) {
    return law(repeating_ || unchanged_since(base),
               "a block that is large enough stays as it is") &&
           law(t_.can.usable_size(s_.object, p) >= size, "it is large enough");
  }
  if (!law(p < before.begin && holds_pattern(before.begin, user_bytes(before.size), before.tag),
           "what was in a block still lies at the old address")) {
    return false;
  }
  drop(index);
  unsigned char mark[mark_bytes] = {};
  return hold(p, {size, t_.ops->natural_align}, mark);
}

bool exploration::release(size_t index) {
  const block first = held_.of[index];
  alignas(void*) unsigned char mark[mark_bytes];
  __builtin_memcpy(mark, held_.mark[index], mark_bytes);
  for (size_t i = held_.count; i-- > 0;) {
    if (t_.can.above(held_.of[i], first)) {
      forget(held_.of[i]);
      drop(i);
    }
  }
  return law(t_.can.release_to(s_.object, mark) == status::ok, "a mark can be released to");
}

bool exploration::perform(const move& m) {
  switch (m.what) {
    case call::extend_left:
      return extend_left(m.victim, t_.requests[m.request].size);
    case call::allocate:
      return allocate(t_.requests[m.request]);
    case call::deallocate:
      return give(m.victim, true);
    case call::deallocate_unsized:
      return give(m.victim, false);
    case call::try_resize:
      return try_resize(m.victim, t_.requests[m.request].size);
    case call::reallocate:
      return reallocate(m.victim, t_.requests[m.request]);
    case call::release:
      return release(m.victim);
    case call::reset:
      for (size_t i = 0; i < held_.count; ++i) {
        forget(held_.of[i]);
      }
      s_.reset();
      held_.count = 0;
      return true;
  }
  return false;
}

}  // namespace acre::test::exhaustive
