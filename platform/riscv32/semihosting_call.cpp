// SPDX-License-Identifier: MIT
// The semihosting trap of RISC-V: EBREAK between two shifts that do nothing, all three uncompressed
// and within one page, so that a debugger can tell it from a breakpoint.
#include "../bare_metal/semihosting.hpp"

namespace acre::platform::detail {

[[gnu::noinline]] uint32_t semihosting(semihosting_call call, const void* block) noexcept {
  register uint32_t a0 asm("a0") = static_cast<uint32_t>(call);
  register const void* a1 asm("a1") = block;
  asm volatile(
      ".option push\n\t"
      ".option norvc\n\t"
      ".balign 16\n\t"
      "slli zero, zero, 0x1f\n\t"
      "ebreak\n\t"
      "srai zero, zero, 7\n\t"
      ".option pop"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return a0;
}

}  // namespace acre::platform::detail
