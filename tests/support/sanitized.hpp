// SPDX-License-Identifier: MIT
// sanitized, under_valgrind: whether a sanitizer is compiled in, or the program runs in Valgrind, which have memory and
// pointers of their own. Of sanitizers GCC says it by a macro, clang by a feature.
#pragma once

#include <stdlib.h>
#include <string.h>

namespace acre::test {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool address_sanitized = true;
#elif defined(__has_feature)
inline constexpr bool address_sanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool address_sanitized = false;
#endif

#if defined(__SANITIZE_THREAD__)
inline constexpr bool thread_sanitized = true;
#elif defined(__has_feature)
inline constexpr bool thread_sanitized = __has_feature(thread_sanitizer);
#else
inline constexpr bool thread_sanitized = false;
#endif

inline constexpr bool sanitized = address_sanitized || thread_sanitized;

inline bool under_valgrind() {
  const char* const preload = getenv("LD_PRELOAD");
  return preload != nullptr && strstr(preload, "vgpreload") != nullptr;
}

}  // namespace acre::test
