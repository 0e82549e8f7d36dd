// SPDX-License-Identifier: MIT
// The first program for a new board: uses each part of the platform once, and checks what it can.
// Exits with the number of checks that failed.
#include <stddef.h>
#include <stdint.h>

#include <acre/platform/board.hpp>
#include <acre/platform/console.hpp>
#include <acre/platform/counter.hpp>
#include <acre/platform/heap_region.hpp>
#include <acre/platform/interrupt.hpp>
#include <acre/platform/irq_lock.hpp>
#include <acre/platform/stack.hpp>

namespace platform = acre::platform;

namespace {

int failures = 0;

void print(const char* text) {
  size_t length = 0;
  while (text[length] != '\0') {
    ++length;
  }
  platform::console_write(text, length);
}

void print(size_t number) {
  char digits[20];
  size_t first = sizeof digits;
  do {
    digits[--first] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  platform::console_write(digits + first, sizeof digits - first);
}

void check(bool holds, const char* what) {
  print(holds ? "  ok      " : "  FAILED  ");
  print(what);
  print("\n");
  failures += holds ? 0 : 1;
}

volatile unsigned interrupts = 0;

void count_interrupt() noexcept {
  interrupts = interrupts + 1;
}

// Known only at run time, so that they lie in .data and .init_array.
volatile uint32_t initialised = 0x600DDA7A;
const uint32_t constructed = initialised + 1;
volatile uint32_t zeroed;

void check_startup() {
  check(initialised == 0x600DDA7A, ".data is copied");
  check(zeroed == 0, ".bss is clear");
  check(constructed == 0x600DDA7B, "static constructors ran");
  check(platform::irq_enabled(), "interrupts are enabled");
}

void check_interrupts() {
  platform::set_interrupt_handler(count_interrupt);
  platform::raise_interrupt();
  check(interrupts == 1, "a raised interrupt is taken before the call returns");

  platform::irq_lock outer;
  platform::irq_lock inner;
  const auto before_outer = outer.lock();
  platform::raise_interrupt();
  check(interrupts == 1, "a lock holds it back");
  inner.unlock(inner.lock());
  outer.unlock(outer.lock());
  check(interrupts == 1, "inner locks do not let it through");
  outer.unlock(before_outer);
  check(interrupts == 2 && platform::irq_enabled(), "the last unlock does");
}

void check_timer() {
  const unsigned before = interrupts;
  platform::arm_interrupt(1000);
  const uint32_t begin = platform::ticks();
  while (interrupts == before && platform::ticks() - begin < 1'000'000) {
  }
  check(interrupts == before + 1, "the timer interrupts once");
  const uint32_t end = platform::ticks();
  while (platform::ticks() - end < 10'000) {
  }
  check(interrupts == before + 1, "and only once");
}

uint32_t ticks_of_thousand_steps() {
  const uint32_t begin = platform::ticks();
  for (unsigned step = 0; step < 1000; ++step) {
    asm volatile("" ::: "memory");  // keeps the loop
  }
  return platform::ticks() - begin;
}

}  // namespace

extern "C" int acre_main() {
  print(platform::board_name);
  print("\n");
  check_startup();
  check_interrupts();
  if (platform::counts_instructions) {  // hosts have no timer
    check_timer();
  }

  const platform::memory_extent heap = platform::heap_extent();
  check(heap.size > 0 && reinterpret_cast<uintptr_t>(heap.begin) % 16 == 0, "heap is aligned");
  auto* bytes = static_cast<volatile unsigned char*>(heap.begin);
  bytes[0] = 0x5A;
  bytes[heap.size - 1] = 0xA5;
  check(bytes[0] == 0x5A && bytes[heap.size - 1] == 0xA5, "heap can be written at both ends");
  const uint32_t elapsed = ticks_of_thousand_steps();
  check(elapsed > 0, "the counter counts");
  check(platform::stack_peak() <= platform::stack_size(), "the stack did not overflow");

  if (platform::counts_instructions) {
    print("  1000 steps ");
    print(elapsed);
    print(" ticks, ");
    print(platform::instructions(elapsed));
    print(" instructions; stack ");
    print(platform::stack_peak());
    print(" of ");
    print(platform::stack_size());
    print("; ");
  } else {
    print("  ");
  }
  print("heap ");
  print(heap.size);
  print(" bytes\n");
  return failures;
}
