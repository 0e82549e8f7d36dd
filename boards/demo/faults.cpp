// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <acre/fault.hpp>

#include "memory.hpp"
#include "story.hpp"

namespace demo {

namespace {

constinit size_t count = 0;

// Boards leave acre's own texts out (CONFIG_ACRE_FAULT_TEXT); these few are enough for a person.
const char* text_of(acre::status code) noexcept {
  switch (code) {
    case acre::status::double_free:
      return "double free of a block in ";
    case acre::status::interior_pointer:
      return "free of an address inside a block in ";
    case acre::status::corrupted:
      return "corruption in ";
    default:
      return "bad free of a block in ";
  }
}

// The allocator must not be called from here, but its region may be looked at.
void report(const acre::fault& seen) noexcept {
  ++count;
  story_line line("acre");
  line.text(text_of(seen.code));
  for_each_allocator(
      [&](const char* name, const char*, const char*, acre::region memory_of, auto&) {
        if (memory_of.contains(seen.address)) {
          const auto address = reinterpret_cast<uintptr_t>(seen.address);
          line.text(name);
          // Before the blocks of a heap lies what depends on the width of a pointer.
          if (seen.code == acre::status::double_free) {
            line.text(" at +").number(address - memory_of.address());
          }
        }
      });
  line.text(acre::is_misuse(seen.code) ? ": refused, nothing has changed" : ": stopping");
  line.print();
}

}  // namespace

void watch_faults() noexcept {
  acre::set_fault_hook(report);
}

size_t fault_count() noexcept {
  return count;
}

}  // namespace demo
