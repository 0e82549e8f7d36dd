// SPDX-License-Identifier: MIT
// mapped: how much address space a process has taken, as the system counts it.
#pragma once

#include <stddef.h>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <stdio.h>
#include <string.h>
#endif

namespace acre::test {

/// In bytes: the private memory of this process; on POSIX all of its address space but for malloc's. 0 iff the
/// system does not say.
inline size_t mapped() {
  size_t sum = 0;
#if defined(_WIN32)
  MEMORY_BASIC_INFORMATION each{};
  for (const char* at = nullptr; VirtualQuery(at, &each, sizeof each) != 0;
       at = static_cast<const char*>(each.BaseAddress) + each.RegionSize) {
    sum += each.State != MEM_FREE && each.Type == MEM_PRIVATE ? each.RegionSize : 0;
  }
#else
  FILE* maps = fopen("/proc/self/maps", "r");
  if (maps == nullptr) {
    return 0;
  }
  char line[512];
  while (fgets(line, sizeof line, maps) != nullptr) {
    unsigned long long first = 0;
    unsigned long long end = 0;
    if (sscanf(line, "%llx-%llx", &first, &end) == 2 && strstr(line, "[heap]") == nullptr &&
        strstr(line, "[stack]") == nullptr) {
      sum += static_cast<size_t>(end - first);
    }
  }
  fclose(maps);
#endif
  return sum;
}

}  // namespace acre::test
