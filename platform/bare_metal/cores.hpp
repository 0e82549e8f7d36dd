// SPDX-License-Identifier: MIT
// cores: what bare_metal/cores.cpp and the platforms owe each other.
#pragma once

#include <stdint.h>

extern "C" {
/// Called by the reset code of a core that is not core 0, on that core's stack. Set-up, then the mailbox.
[[noreturn]] void acre_start_other();
}

namespace acre::platform::detail {

/// Lets core `id`, which has not run since reset, go to its reset code. After what was written before.
void switch_on_core(uint32_t id) noexcept;

}  // namespace acre::platform::detail
