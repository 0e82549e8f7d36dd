// SPDX-License-Identifier: MIT
// Reset to acre_main, and the two questions that only the linker script can answer: how much of the
// stack was used, and where the heap region is.
#include "runtime.hpp"

#include <acre/platform/exit.hpp>
#include <acre/platform/heap_region.hpp>
#include <acre/platform/stack.hpp>

namespace {

// Addresses are compared as integers: symbols of the linker are no objects of the language.
uintptr_t address(const void* p) {
  return reinterpret_cast<uintptr_t>(p);
}

// Even where everything lies in RAM, .data is stored apart from where it lives, and is copied.
void copy_data() {
  const char* from = acre_data_source;
  for (char* to = acre_data_begin; address(to) < address(acre_data_end); ++to) {
    *to = *from++;
  }
}

void clear_bss() {
  for (char* byte = acre_bss_begin; address(byte) < address(acre_bss_end); ++byte) {
    *byte = 0;
  }
}

void run_constructors() {
  for (const acre_constructor* constructor = acre_constructors_begin;
       address(constructor) < address(acre_constructors_end); ++constructor) {
    (*constructor)();
  }
}

}  // namespace

void acre_start() {
  copy_data();
  clear_bss();
  acre::platform::detail::start_core();
  run_constructors();
  acre::platform::exit(acre_main());
}

namespace acre::platform {

size_t stack_size() noexcept {
  return address(acre_stack_end) - address(acre_stack_begin);
}

size_t stack_peak() noexcept {
  const uint32_t* word = acre_stack_begin;
  while (address(word) < address(acre_stack_end) && *word == detail::stack_paint) {
    ++word;
  }
  return address(acre_stack_end) - address(word);
}

memory_extent heap_extent() noexcept {
  return {acre_heap_begin, address(acre_heap_end) - address(acre_heap_begin)};
}

}  // namespace acre::platform
