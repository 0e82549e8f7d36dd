// SPDX-License-Identifier: MIT
// stack: how much of the stack was ever used. The startup paints the stack; what is no longer
// painted was used.
#pragma once

#include <stddef.h>

namespace acre::platform {

/// Bytes of this core's stack; 0 on hosts, where the operating system owns it.
[[nodiscard]] size_t stack_size() noexcept;

/// Most bytes ever in use, interrupts included; stack_size() means that it overflowed, or nearly.
/// 0 on hosts. O(size).
[[nodiscard]] size_t stack_peak() noexcept;

}  // namespace acre::platform
