// SPDX-License-Identifier: MIT
// in_child: what must not happen to the process of the tests (limits, signals, forks, hooks for its whole life)
// happens to a child. POSIX.
#pragma once

#include <gtest/gtest.h>

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/limits.hpp"
#include "support/sanitized.hpp"

namespace acre::test {

/// Null, or why other code of this process maps memory, too.
inline const char* others_map() {
  return under_valgrind() ? "Valgrind has mappings of its own"
         : sanitized      ? "a sanitizer has mappings of its own"
                          : nullptr;
}

/// Null, or why address space can't be limited.
inline const char* no_limit_of_address_space() {
  return sanitized ? "a sanitizer needs terabytes of address space" : emulated;
}

/// Runs body() in a child. What it returned, or 1000 + the signal that ended it.
template <class Body>
int in_child(Body&& body) {
  fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(body());
  }
  int how = 0;
  EXPECT_EQ(waitpid(child, &how, 0), child);
  return WIFEXITED(how) ? WEXITSTATUS(how) : 1000 + WTERMSIG(how);
}

/// For in_child: the line that was not true.
#define ACRE_CHECK(condition)                                 \
  do {                                                        \
    if (!(condition)) {                                       \
      fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
      return 1;                                               \
    }                                                         \
  } while (false)

}  // namespace acre::test
