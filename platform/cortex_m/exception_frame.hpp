// SPDX-License-Identifier: MIT
// exception_frame: what a Cortex-M pushes on exception entry.
#pragma once

#include <stdint.h>

namespace acre::platform::detail {

struct exception_frame {
  uint32_t r0, r1, r2, r3, r12, lr, pc, psr;
};

}  // namespace acre::platform::detail
