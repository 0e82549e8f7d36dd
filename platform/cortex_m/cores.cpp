// SPDX-License-Identifier: MIT
// The second core of Arm's SSE-200 subsystem (MPS2 with AN521): held by CPUWAIT after reset, and its
// vector table is where INITSVTOR1 says. Source: Arm CoreLink SSE-200 TRM, "System control registers".
#include "../bare_metal/cores.hpp"

#include <acre/platform/cores.hpp>

#include "../bare_metal/runtime.hpp"
#include "registers.hpp"
#include "vectors.hpp"

namespace acre::platform {

using detail::scs_register;
using detail::vector;
using detail::vector_count;

namespace {

// As the first core's but for the stack pointer and the reset code. Armv8-M wants a multiple of 128.
[[gnu::aligned(128), maybe_unused]] vector other_vectors[vector_count];

// The literals are read relative to the program counter.
[[gnu::naked, maybe_unused]] void reset_other() {
  asm volatile(
      ".syntax unified\n\t"
#if defined(__ARM_ARCH_8M_MAIN__)
      "ldr r0, =acre_stack_end\n\t"
      "msr msplim, r0\n\t"  // the second core's stack begins where the first one's ends
#endif
      "bl acre_start_other\n\t"
      ".ltorg");
}

}  // namespace

void detail::switch_on_core([[maybe_unused]] uint32_t id) noexcept {
  if constexpr (core_count > 1) {
    constexpr uintptr_t initsvtor1 = 0x50021114;
    constexpr uintptr_t cpuwait = 0x50021118;
    for (size_t i = 0; i < vector_count; ++i) {
      other_vectors[i] = acre_vectors[i];
    }
    other_vectors[0].stack = reinterpret_cast<const void*>(stack_of(id).end);
    other_vectors[1].code = reset_other;
    asm volatile("dsb" ::: "memory");
    scs_register(initsvtor1) = reinterpret_cast<uintptr_t>(other_vectors);
    scs_register(cpuwait) = 0;
  }
}

void wait_for_event() noexcept {
  asm volatile("wfe" ::: "memory");
}

void send_event() noexcept {
  asm volatile("dsb\n\tsev" ::: "memory");
}

}  // namespace acre::platform
