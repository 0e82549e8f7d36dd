// SPDX-License-Identifier: MIT
// cache_line: what two threads should not share.
#pragma once

#include <stddef.h>

#include <acre/detail/abi.hpp>

namespace acre::inline ACRE_ABI::port {

/// Data of two threads that lie this far apart do not slow each other down. Twice the line of x86-64 (64
/// bytes), because those processors fetch lines in pairs, and the largest line of 64-bit Arm in common use.
/// (Not std::hardware_destructive_interference_size, which changes with the compiler's options.)
#if defined(__x86_64__) || defined(_M_X64) || defined(__aarch64__)
inline constexpr size_t cache_line_bytes = 128;
#else
inline constexpr size_t cache_line_bytes = 64;
#endif

}  // namespace acre::port
