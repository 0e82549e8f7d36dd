// SPDX-License-Identifier: MIT
// exploration: one search of explorer.cpp: the allocator, what its caller holds, and the states seen. Calls are in
// exploration_calls.cpp, the laws in exploration_laws.cpp, what is printed in exploration_report.cpp.
#pragma once

#include "conformance/subject_test.hpp"
#include "exhaustive/explorer.hpp"
#include "exhaustive/state_set.hpp"
#include "model/model.hpp"
#include "support/report.hpp"

#include <acre/fault.hpp>

namespace acre::test::exhaustive {

inline constexpr uint32_t pin_tag = 0x7177;

constexpr size_t user_bytes(size_t size) noexcept {
  return size == 0 ? 1 : size;
}

inline bool equal_bytes(const unsigned char* a, const unsigned char* b, size_t size) noexcept {
  return __builtin_memcmp(a, b, size) == 0;
}

// The blocks that a caller holds.
struct holdings {
  block of[live_max];
  unsigned char mark[live_max][mark_bytes];
  size_t count;
};

// All that calls can change.
struct snapshot {
  alignas(16) unsigned char object[sizeof subject_storage];
  alignas(16) unsigned char memory[region_max];
  holdings held;
};

inline snapshot origin;                      // after init and the prefix
inline snapshot base;                        // the state that is being explored
inline unsigned char untouched[region_max];  // the region before init
inline block pinned[pinned_max];
inline size_t pinned_count;
inline uint32_t faults_told;

class exploration {
 public:
  explicit exploration(const task& t) noexcept : t_(t), s_{t.ops, &subject_storage, {}} {
    current_ = this;
    previous_hook_ = set_fault_hook(&tell);
  }
  ~exploration() noexcept {
    static_cast<void>(set_fault_hook(previous_hook_));
  }
  exploration(const exploration&) = delete;
  exploration& operator=(const exploration&) = delete;

  void run();
  void print_path();

  outcome result;

 private:
  // --- state
  void save(snapshot& to) const noexcept {
    __builtin_memcpy(to.object, s_.object, t_.ops->object_bytes);
    __builtin_memcpy(to.memory, s_.memory.begin, s_.memory.size);
    to.held = held_;
  }
  void restore(const snapshot& from) noexcept {
    __builtin_memcpy(s_.object, from.object, t_.ops->object_bytes);
    __builtin_memcpy(s_.memory.begin, from.memory, s_.memory.size);
    held_ = from.held;
  }
  // The counters of an observer go up for ever: they are no part of the state.
  [[nodiscard]] size_t counters_at() const noexcept {
    return static_cast<size_t>(reinterpret_cast<const unsigned char*>(&s_.observed()) -
                               static_cast<const unsigned char*>(s_.object));
  }
  [[nodiscard]] bool unchanged_since(const snapshot& then) const noexcept {
    const auto* object = static_cast<const unsigned char*>(s_.object);
    const size_t behind = counters_ + sizeof(usage_counters::values);
    return equal_bytes(object, then.object, counters_) &&
           equal_bytes(object + behind, then.object + behind, t_.ops->object_bytes - behind) &&
           equal_bytes(static_cast<const unsigned char*>(s_.memory.begin), then.memory,
                       s_.memory.size);
  }
  [[nodiscard]] state_key key() const noexcept;
  [[nodiscard]] situation now() const noexcept {
    return {s_.memory, fresh_.bytes_free, held_.of, held_.count, pinned, pinned_count};
  }

  // --- laws
  bool broken(const char* law) noexcept {
    if (result.broken == nullptr) {
      result.broken = law;
    }
    return false;
  }
  bool law(bool holds, const char* what) noexcept {
    return holds || broken(what);
  }
  bool state_is_lawful();
  bool largest_free_is_exact();
  bool misuse_is_refused(uint32_t state);
  bool is_refused(unsigned char* p, layout given);
  bool released_marks_are_refused();
  [[nodiscard]] bool may_give(size_t index) const noexcept {
    return t_.can.may_give == nullptr || t_.can.may_give(now(), index);
  }

  // --- calls
  bool prepare();
  bool apply(const move& m) {  // false: it broke a law, and the search ends
    if (!perform(m)) {
      return false;
    }
    if (t_.can.tidy != nullptr) {
      t_.can.tidy(s_.object, now());
    }
    return true;
  }
  bool perform(const move& m);
  bool extend_left(size_t index, size_t size);
  bool allocate(layout wanted);
  bool give(size_t index, bool sized);
  bool try_resize(size_t index, size_t size);
  bool reallocate(size_t index, layout wanted);
  bool release(size_t index);
  void expand(uint32_t state);
  void attempt(const move& m, uint32_t state);
  bool repeat(uint32_t state);

  bool hold(void* p, layout wanted, const void* mark);
  void drop(size_t index) noexcept;
  // A block that is given back holds again what the region held first: states should not differ by
  // what callers wrote.
  void forget(const block& b) noexcept {
    const auto at = static_cast<size_t>(offset_of(b.begin));
    for (size_t i = 0; i < user_bytes(b.size); ++i) {
      b.begin[i] = untouched[at + i];
    }
  }
  [[nodiscard]] uint32_t tag_of(const void* p, size_t size) const noexcept {
    return static_cast<uint32_t>((reinterpret_cast<uintptr_t>(p) - s_.memory.address()) * 29 +
                                 size);
  }
  [[nodiscard]] ptrdiff_t offset_of(const void* p) const noexcept {
    return static_cast<const unsigned char*>(p) -
           static_cast<const unsigned char*>(s_.memory.begin);
  }
  void print_offset(const void* p) const {
    const ptrdiff_t offset = offset_of(p);
    print(offset < 0 ? "-" : "+");
    print(static_cast<uint64_t>(offset < 0 ? -offset : offset));
  }
  void print_call(unsigned number, const move& m) const;

  static void tell(const fault& told) noexcept {
    ++faults_told;
    if (told.code == status::corrupted && !printing_) {  // the program ends now
      print_line(current_->t_.ops->name, ": corruption is reported, and this is how to get there");
      current_->print_path();
    }
  }
  static inline exploration* current_ = nullptr;
  static inline bool printing_ = false;

  const task& t_;
  subject s_;
  holdings held_ = {};
  usage fresh_;
  usage start_;  // with the pinned blocks
  size_t start_largest_ = 0;
  size_t counters_ = 0;
  bool repeating_ = false;
  move path_[depth_max] = {};
  unsigned path_length_ = 0;
  state_set set_;
  fault_hook previous_hook_;
};

}  // namespace acre::test::exhaustive
