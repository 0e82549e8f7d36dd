// SPDX-License-Identifier: MIT
// The search: breadth first, each state once.
#include "exhaustive/explorer.hpp"

#include "exhaustive/exploration.hpp"
#include "support/guarded_memory.hpp"

namespace acre::test::exhaustive {

namespace {

// Two lanes of multiply and rotate over the words. Not a cryptographic hash: nobody attacks it.
class hasher {
 public:
  void add(uint64_t word) noexcept {
    a_ = (a_ ^ word) * 0x9E37'79B9'7F4A'7C15U;
    a_ ^= a_ >> 29;
    b_ = (b_ + word) * 0xD6E8'FEB8'6659'FD93U;
    b_ ^= b_ >> 32;
  }
  void add(const unsigned char* bytes, size_t size) noexcept {
    uint64_t word = 0;
    for (; size >= sizeof word; size -= sizeof word, bytes += sizeof word) {
      __builtin_memcpy(&word, bytes, sizeof word);
      add(word);
    }
    word = size;
    for (; size != 0; --size, ++bytes) {
      word = word << 8 | *bytes;
    }
    add(word);
  }
  [[nodiscard]] state_key key() const noexcept {
    return {a_ ^ (b_ << 7 | b_ >> 57), b_ ^ (a_ * 0xFF51'AFD7'ED55'8CCDU) >> 3};
  }

 private:
  uint64_t a_ = 0x243F'6A88'85A3'08D3;
  uint64_t b_ = 0x1319'8A2E'0370'7344;
};
}  // namespace

state_key exploration::key() const noexcept {
  hasher h;
  const auto* object = static_cast<const unsigned char*>(s_.object);
  const size_t behind = counters_ + sizeof(usage_counters::values);
  h.add(object, counters_);
  h.add(object + behind, t_.ops->object_bytes - behind);
  const auto* memory = static_cast<const unsigned char*>(s_.memory.begin);
  const region unread = t_.can.unread == nullptr ? region{} : t_.can.unread(now());
  const size_t before = unread.size == 0 ? s_.memory.size : unread.address() - s_.memory.address();
  h.add(memory, before);
  h.add(memory + before + unread.size, s_.memory.size - before - unread.size);
  for (size_t i = 0; i < held_.count; ++i) {
    const block& b = held_.of[i];
    h.add(static_cast<uint64_t>(offset_of(b.begin)) << 32 | b.size << 12 | b.align);
  }
  return h.key();
}
bool exploration::prepare() {
  s_.create();
  pinned_count = 0;
  if (!law(t_.region_size <= region_max && t_.ops->object_bytes <= sizeof subject_storage &&
               t_.request_count <= 16 && t_.depth <= depth_max && t_.granule > 1,
           "(the explorer has room for the task)")) {
    return false;
  }
  const region memory = test_memory.carve(t_.offset, t_.region_size);
  __builtin_memcpy(untouched, memory.begin, memory.size);
  if (!law(s_.init(memory) == status::ok, "init() accepts the region")) {
    return false;
  }
  // What was there before is no part of the state.
  counters_ = counters_at();
  fresh_ = s_.usage();
  if (t_.pinned != nullptr) {
    static block all[pinned_max];
    size_t count = 0;
    while (count < pinned_max) {
      void* p = s_.allocate(*t_.pinned);
      if (p == nullptr) {
        break;
      }
      all[count++] = {static_cast<unsigned char*>(p), t_.pinned->size, t_.pinned->align, pin_tag};
    }
    if (!law(count < pinned_max, "(the explorer has room for the pinned blocks)")) {
      return false;
    }
    for (size_t i = 0; i < count; ++i) {
      if (t_.keep(i)) {
        pinned[pinned_count++] = all[i];
        fill_pattern(all[i].begin, user_bytes(all[i].size), pin_tag);
      } else if (!law(s_.deallocate(all[i].begin, *t_.pinned) == status::ok,
                      "a good free is accepted")) {
        return false;
      }
    }
  }
  start_ = s_.usage();
  start_largest_ = s_.largest_free();
  save(origin);
  return true;
}

bool exploration::repeat(uint32_t state) {
  path_length_ = 0;
  for (uint32_t at = state; at != 0; at = set_[at].parent) {
    ++path_length_;
  }
  unsigned to = path_length_;
  for (uint32_t at = state; at != 0; at = set_[at].parent) {
    path_[--to] = set_[at].how;
  }
  restore(origin);
  repeating_ = true;
  bool same = true;
  for (unsigned i = 0; i < path_length_ && same; ++i) {
    same = apply(path_[i]);
  }
  repeating_ = false;
  return law(same && key() == set_[state].key, "the same calls lead to the same state");
}

void exploration::attempt(const move& m, uint32_t state) {
  restore(base);
  path_[path_length_++] = m;
  ++result.transitions;
  if (apply(m) && state_is_lawful()) {
    const state_key reached = key();
    if (m.what == call::deallocate && t_.can.give_unsized != nullptr) {
      restore(base);
      if (!apply({call::deallocate_unsized, 0, m.victim}) ||
          !law(key() == reached, "a free without a size leads to the same state")) {
        return;
      }
    }
    if (!set_.insert(reached, state, m)) {
      result.full = true;
    }
    --path_length_;
  }
}

void exploration::expand(uint32_t state) {
  if (!repeat(state)) {
    return;
  }
  save(base);
  if (!largest_free_is_exact()) {
    return;
  }
  if (t_.ops->level != check_level::none) {
    // An arena gives nothing back one by one, and so has nothing to refuse but marks.
    if ((t_.ops->order != giving::all_at_once && !misuse_is_refused(state)) ||
        (t_.can.mark != nullptr && !released_marks_are_refused())) {
      return;
    }
  }
  const size_t count = base.held.count;
  for (size_t i = 0; i < t_.request_count && result.broken == nullptr; ++i) {
    attempt({call::allocate, static_cast<uint8_t>(i), 0}, state);
  }
  for (size_t i = 0; i < count; ++i) {
    const auto victim = static_cast<uint8_t>(i);
    restore(base);
    if (t_.ops->order != giving::all_at_once && result.broken == nullptr && may_give(i)) {
      attempt({call::deallocate, 0, victim}, state);
    }
    if (t_.can.release_to != nullptr && result.broken == nullptr) {
      attempt({call::release, 0, victim}, state);
    }
    for (size_t r = 0; r < t_.request_count; ++r) {
      const auto request = static_cast<uint8_t>(r);
      if (t_.can.try_resize != nullptr && result.broken == nullptr) {
        attempt({call::try_resize, request, victim}, state);
      }
      if (t_.can.try_extend_left != nullptr && result.broken == nullptr) {
        attempt({call::extend_left, request, victim}, state);
      }
      if (t_.can.reallocate != nullptr && result.broken == nullptr) {
        attempt({call::reallocate, request, victim}, state);
      }
    }
  }
  if (t_.can.resets && count != 0 && result.broken == nullptr) {
    attempt({call::reset, 0, 0}, state);
  }
}

void exploration::run() {
  if (prepare() && state_is_lawful()) {
    static_cast<void>(set_.insert(key(), 0, {}));
    uint32_t level_end = 1;
    for (uint32_t state = 0; result.broken == nullptr && !result.full; ++state) {
      if (state == level_end) {  // all states of this depth are explored
        if (set_.size() == level_end) {
          result.closed = true;
          break;
        }
        ++result.depth;
        level_end = set_.size();
      }
      if (result.depth == t_.depth) {
        break;
      }
      expand(state);
    }
  }
  result.states = set_.size();
  if (result.broken != nullptr) {
    result.path_length = path_length_;
    for (unsigned i = 0; i < path_length_; ++i) {
      result.path[i] = path_[i];
    }
  }
}
outcome explore(const task& t) {
  exploration e(t);
  e.run();
  if (e.result.broken != nullptr) {
    print_line("  ", t.ops->name, ": broken: ", e.result.broken);
    e.print_path();
  }
  return e.result;
}

}  // namespace acre::test::exhaustive
