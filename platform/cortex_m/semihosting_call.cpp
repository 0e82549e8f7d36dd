// SPDX-License-Identifier: MIT
// The semihosting trap of the M profile: BKPT 0xAB.
#include "../bare_metal/semihosting.hpp"

namespace acre::platform::detail {

uint32_t semihosting(semihosting_call call, const void* block) noexcept {
  register uint32_t r0 asm("r0") = static_cast<uint32_t>(call);
  register const void* r1 asm("r1") = block;
  asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

}  // namespace acre::platform::detail
