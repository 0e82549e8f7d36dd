// SPDX-License-Identifier: MIT
#include "exhaustive/explorer.hpp"

#include "conformance/subject_test.hpp"
#include "exhaustive/state_set.hpp"
#include "model/model.hpp"
#include "support/guarded_memory.hpp"
#include "support/report.hpp"

#include <acre/fault.hpp>

namespace acre::test::exhaustive {

namespace {

constexpr uint32_t pin_tag = 0x7177;

constexpr size_t user_bytes(size_t size) noexcept {
  return size == 0 ? 1 : size;
}

bool equal_bytes(const unsigned char* a, const unsigned char* b, size_t size) noexcept {
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

snapshot origin;                      // after init and the prefix
snapshot base;                        // the state that is being explored
unsigned char untouched[region_max];  // the region before init
block pinned[pinned_max];
size_t pinned_count;
uint32_t faults_told;

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

// --- the shadow

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

// --- laws

bool exploration::state_is_lawful() {
  for (size_t i = 0; i < held_.count; ++i) {
    const block& b = held_.of[i];
    if (!law(holds_pattern(b.begin, user_bytes(b.size), b.tag),
             "live blocks keep their contents") ||
        !law(s_.owns(b.begin), "live blocks are owned")) {
      return false;
    }
    if (t_.can.usable_size != nullptr &&
        !law(t_.can.usable_size(s_.object, b.begin) >= user_bytes(b.size),
             "usable_size() is at least what was requested")) {
      return false;
    }
  }
  for (size_t i = 0; i < pinned_count; ++i) {
    if (!law(holds_pattern(pinned[i].begin, user_bytes(pinned[i].size), pin_tag),
             "live blocks keep their contents")) {
      return false;
    }
  }
  const usage used = s_.usage();
  const size_t expected = t_.ops->bytes_in_use(s_.memory, held_.of, held_.count) +
                          (pinned_count == 0 ? 0 : start_.bytes_in_use);
  const size_t blocks = held_.count + pinned_count;
  return law(s_.validate() == status::ok, "validate() finds nothing") &&
         law(used.blocks_in_use == blocks, "usage() counts the blocks") &&
         law(used.bytes_in_use == expected, "usage() adds up the bytes") &&
         law(used.bytes_in_use + used.bytes_free <= s_.memory.size,
             "usage() has no more than the region") &&
         law(s_.observed().blocks_in_use == blocks && s_.observed().bytes_in_use == expected,
             "the observer agrees") &&
         law(held_.count != 0 || (used == start_ && s_.largest_free() == start_largest_),
             "with everything given back it is as at the start") &&
         law(test_memory.guards_intact(), "nothing is written outside of the region");
}

bool exploration::largest_free_is_exact() {
  const size_t largest = s_.largest_free();
  result.probed = true;
  result.tried = {largest + 1, t_.ops->natural_align};
  if (!law(s_.allocate(result.tried) == nullptr && unchanged_since(base),
           "one byte more than largest_free() is not served")) {
    return false;
  }
  if (largest != 0) {
    result.tried.size = largest;
    if (!law(s_.allocate(result.tried) != nullptr, "largest_free() is served")) {
      return false;
    }
    restore(base);
  }
  result.probed = false;
  return true;
}

bool exploration::is_refused(unsigned char* p, layout given) {
  for (size_t i = 0; i < held_.count; ++i) {
    if (held_.of[i].begin == p && t_.ops->accepts(held_.of[i], given) && may_give(i)) {
      return true;  // a good one
    }
  }
  for (size_t i = 0; i < pinned_count; ++i) {
    if (pinned[i].begin == p && t_.ops->accepts(pinned[i], given)) {
      return true;
    }
  }
  ++result.misuses;
  result.probed = true;
  result.tried_at = offset_of(p);
  result.tried = given;
  const uint32_t before = faults_told;
  if (!law(is_misuse(s_.deallocate(p, given)), "a bad free is refused") ||
      !law(faults_told == before + 1, "a bad free is told to the fault hook, once") ||
      !law(unchanged_since(base), "a refused free changes nothing")) {
    return false;
  }
  result.probed = false;
  return true;
}

bool exploration::misuse_is_refused(uint32_t state) {
  constexpr layout impossible{SIZE_MAX, 1};
  auto* const first = static_cast<unsigned char*>(s_.memory.begin);
  // At each granule; and between, at another distance in each state.
  const size_t between = 1 + state % (t_.granule - 1);
  for (size_t offset = 0; offset < s_.memory.size + 2 * t_.granule; offset += t_.granule) {
    unsigned char* const p = first - t_.granule + offset;
    for (size_t i = 0; i < t_.request_count; ++i) {
      if (!is_refused(p, t_.requests[i])) {
        return false;
      }
    }
    if (!is_refused(p, impossible) ||
        !is_refused(p + between, t_.requests[offset / t_.granule % t_.request_count])) {
      return false;
    }
    if (t_.can.give_unsized != nullptr) {
      bool live = false;
      for (size_t i = 0; i < held_.count; ++i) {
        live = live || held_.of[i].begin == p;
      }
      result.probed = true;
      result.tried_at = offset_of(p);
      result.tried = {0, 1};
      const uint32_t before = faults_told;
      if (!live && (!law(is_misuse(t_.can.give_unsized(s_.object, p)), "a bad free is refused") ||
                    !law(faults_told == before + 1, "a bad free is told to the fault hook, once") ||
                    !law(unchanged_since(base), "a refused free changes nothing"))) {
        return false;
      }
      result.misuses += live ? 0U : 1U;
      result.probed = false;
    }
  }
  void* const foreign[] = {s_.object, &origin, reinterpret_cast<void*>(sizeof(void*)),
                           reinterpret_cast<void*>(UINTPTR_MAX - 15),
                           reinterpret_cast<void*>(s_.memory.address() ^ (UINTPTR_MAX / 2 + 1))};
  for (void* p : foreign) {
    if (!is_refused(static_cast<unsigned char*>(p), t_.requests[0])) {
      return false;
    }
  }
  return true;
}

// A mark that lies above the present position, because what was allocated there is gone.
bool exploration::released_marks_are_refused() {
  for (size_t i = 0; i < t_.request_count; ++i) {
    alignas(void*) unsigned char above[mark_bytes] = {};
    if (s_.allocate(t_.requests[i]) == nullptr) {
      continue;
    }
    t_.can.mark(s_.object, t_.requests[i], above);
    restore(base);
    ++result.misuses;
    const uint32_t before = faults_told;
    if (!law(is_misuse(t_.can.release_to(s_.object, above)), "a mark above the top is refused") ||
        !law(faults_told == before + 1, "a bad release is told to the fault hook, once") ||
        !law(unchanged_since(base), "a refused release changes nothing")) {
      return false;
    }
  }
  return true;
}

// --- the search

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

// --- reports

void exploration::print_call(unsigned number, const move& m) const {
  const layout& wanted = t_.requests[m.request];
  print("    ");
  print(uint64_t{number});
  switch (m.what) {
    case call::allocate:
      print("  allocate(");
      break;
    case call::deallocate:
      print("  deallocate(");
      break;
    case call::deallocate_unsized:
      print("  deallocate, without a size (");
      break;
    case call::try_resize:
      print("  try_resize(");
      break;
    case call::extend_left:
      print("  try_extend_left(");
      break;
    case call::reallocate:
      print("  reallocate(");
      break;
    case call::release:
      print("  release_to(the mark before ");
      break;
    case call::reset:
      print("  reset(");
      break;
  }
  const bool has_victim = m.what != call::allocate && m.what != call::reset;
  if (has_victim && m.victim < held_.count) {
    const block& b = held_.of[m.victim];
    print_offset(b.begin);
    print(", of ");
    print(uint64_t{b.size});
  }
  if (m.what == call::allocate || m.what == call::reallocate || m.what == call::try_resize ||
      m.what == call::extend_left) {
    print(has_victim ? ", to " : "");
    print(uint64_t{wanted.size});
    if (m.what == call::allocate || m.what == call::reallocate) {
      print(", align ");
      print(uint64_t{wanted.align});
    }
  }
  print(")");
}

void exploration::print_path() {
  const outcome said = result;
  printing_ = true;
  restore(origin);
  for (unsigned i = 0; i < path_length_; ++i) {
    print_call(i + 1, path_[i]);
    const holdings before = held_;
    repeating_ = true;
    static_cast<void>(apply(path_[i]));
    repeating_ = false;
    if (path_[i].what == call::allocate || path_[i].what == call::reallocate) {
      for (size_t k = 0; k < held_.count; ++k) {
        if (k >= before.count || held_.of[k].begin != before.of[k].begin) {
          print(" -> ");
          print_offset(held_.of[k].begin);
          break;
        }
      }
    }
    print("\n");
  }
  if (said.probed) {
    print("    then: size ");
    print(uint64_t{said.tried.size});
    print(", align ");
    print(uint64_t{said.tried.align});
    print(", address ");
    print_offset(static_cast<const unsigned char*>(s_.memory.begin) + said.tried_at);
    print("\n");
  }
  result = said;
  printing_ = false;
}

}  // namespace

outcome explore(const task& t) {
  exploration e(t);
  e.run();
  if (e.result.broken != nullptr) {
    print_line("  ", t.ops->name, ": broken: ", e.result.broken);
    e.print_path();
  }
  return e.result;
}

void print_summary(const task& t, const outcome& o) {
  print("  ");
  print_line(t.ops->name, ": ", uint64_t{o.states}, " states, ", o.transitions, " calls, ",
             o.misuses, " bad calls, depth ", uint64_t{o.depth},
             o.closed ? ", closed: every sequence of any length"
             : o.full ? ", out of memory"
                      : "");
}

}  // namespace acre::test::exhaustive
