// SPDX-License-Identifier: MIT
// Reset to acre_main, and the two questions that only the linker script can answer: how much of the
// stack was used, and where the heap region is.
#include "runtime.hpp"

#include <acre/platform/cores.hpp>
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
  acre::platform::detail::set_up_core();
  run_constructors();
  acre::platform::exit(acre_main());
}

namespace acre::platform {

detail::stack_extent detail::stack_of(uint32_t core) noexcept {
  if constexpr (core_count > 1) {
    const uintptr_t first_end = address(acre_stack_end);
    if (core != 0) {
      const uintptr_t size = (address(acre_all_stacks_end) - first_end) / (core_count - 1);
      return {first_end + (core - 1) * size, first_end + core * size};
    }
  }
  return {address(acre_stack_begin), address(acre_stack_end)};
}

size_t stack_size() noexcept {
  const detail::stack_extent stack = detail::stack_of(core_id());
  return stack.end - stack.begin;
}

size_t stack_peak() noexcept {
  const detail::stack_extent stack = detail::stack_of(core_id());
  uintptr_t word = stack.begin;
  while (word < stack.end && *reinterpret_cast<const uint32_t*>(word) == detail::stack_paint) {
    word += sizeof(uint32_t);
  }
  return stack.end - word;
}

memory_extent heap_extent() noexcept {
  return {acre_heap_begin, address(acre_heap_end) - address(acre_heap_begin)};
}

}  // namespace acre::platform
