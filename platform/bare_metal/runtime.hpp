// SPDX-License-Identifier: MIT
// runtime: what happens between reset and acre_main, the same on every core, and what the linker
// script (boards/common/sections.ld) tells it.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" {
extern uint32_t acre_stack_begin[];
extern uint32_t acre_stack_end[];
extern uint32_t acre_all_stacks_end[];
extern const char acre_data_source[];
extern char acre_data_begin[];
extern char acre_data_end[];
extern char acre_bss_begin[];
extern char acre_bss_end[];

using acre_constructor = void (*)();
extern const acre_constructor acre_constructors_begin[];
extern const acre_constructor acre_constructors_end[];

/// The program; its result becomes the exit code.
int acre_main();

/// Called by the reset code, which has set the stack pointer and painted the stack (nothing can do
/// that from within a function that uses it). Nothing else is valid yet.
[[noreturn]] void acre_start();
}

namespace acre::platform::detail {

inline constexpr uint32_t stack_paint = 0xA5A5A5A5;

/// The stacks of the other cores follow that of core 0, in order.
struct stack_extent {
  uintptr_t begin;
  uintptr_t end;
};
[[nodiscard]] stack_extent stack_of(uint32_t core) noexcept;

/// Sets up what this core's code needs (FPU, traps), and its timer. Runs when .data and .bss are valid,
/// before static constructors.
void set_up_core() noexcept;

/// Part of set_up_core: starts what ticks() reads.
void start_timer() noexcept;

}  // namespace acre::platform::detail
