// SPDX-License-Identifier: MIT
// What has to hold in every state, and which bad calls are refused there.
#include "exhaustive/exploration.hpp"

namespace acre::test::exhaustive {

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

}  // namespace acre::test::exhaustive
