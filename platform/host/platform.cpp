// SPDX-License-Identifier: MIT
// The platform on a hosted system: standard output, exit(), and interrupts that are plain calls. What is
// asked of the operating system stands in posix.cpp and windows.cpp.
#include <stdio.h>
#include <stdlib.h>

#include <acre/platform/arguments.hpp>
#include <acre/platform/console.hpp>
#include <acre/platform/cores.hpp>
#include <acre/platform/exit.hpp>
#include <acre/platform/heap_region.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq.hpp>
#include <acre/platform/stack.hpp>

namespace acre::platform {

namespace {
interrupt_handler handler = nullptr;
}

void console_write(const char* text, size_t length) noexcept {
  // A console that cannot be written to leaves nobody to tell.
  [[maybe_unused]] const size_t written = fwrite(text, 1, length, stdout);
}

void exit(int code) noexcept {
  ::exit(code);
}

size_t arguments(char* buffer, size_t) noexcept {
  buffer[0] = '\0';
  return 0;
}

size_t stack_size() noexcept {
  return 0;
}

size_t stack_peak() noexcept {
  return 0;
}

memory_extent heap_extent() noexcept {
  return {acre_heap_begin, static_cast<size_t>(acre_heap_end - acre_heap_begin)};
}

// There is no other core to start, to wait for, or to hear of.
void start_core(uint32_t, core_entry, void*) noexcept {}
void wait_for_core(uint32_t) noexcept {}
void wait_for_event() noexcept {}
void send_event() noexcept {}

void run_on_all(core_entry entry, void* argument) noexcept {
  entry(argument);
}

void set_interrupt_handler(interrupt_handler new_handler) noexcept {
  handler = new_handler;
}

void raise_interrupt() noexcept {
  detail::irq_pending = true;
  if (irq_enabled()) {
    detail::take_interrupt();
  }
}

void arm_interrupt(uint32_t) noexcept {
  raise_interrupt();
}

bool in_interrupt() noexcept {
  return detail::irq_taken;
}

const void* interrupted_address() noexcept {
  return nullptr;
}

void detail::take_interrupt() noexcept {
  irq_pending = false;
  if (handler != nullptr) {
    irq_disabled = true;  // as on a board: the handler is not interrupted by itself
    irq_taken = true;
    handler();
    irq_taken = false;
    irq_disabled = false;
  }
}

}  // namespace acre::platform
