// SPDX-License-Identifier: MIT
// The semihosting trap of the A profile in Arm state: SVC 0x123456. On hardware it would overwrite the
// link register of supervisor mode.
#include "../bare_metal/semihosting.hpp"

namespace acre::platform::detail {

uint32_t semihosting(semihosting_call call, const void* block) noexcept {
  register uint32_t r0 asm("r0") = static_cast<uint32_t>(call);
  register const void* r1 asm("r1") = block;
  asm volatile("svc 0x123456" : "+r"(r0) : "r"(r1) : "memory", "lr");
  return r0;
}

}  // namespace acre::platform::detail
