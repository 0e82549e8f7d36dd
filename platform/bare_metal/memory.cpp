// SPDX-License-Identifier: MIT
// The four functions that GCC may call even in freestanding code. Byte by byte: the smallest code,
// and allocators move few bytes. Compiled with -fno-tree-loop-distribute-patterns, without which GCC
// turns each loop into a call of the function that it is in.
#include <stddef.h>

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, size_t count) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  for (size_t i = 0; i < count; ++i) {
    target[i] = source[i];
  }
  return to;
}

void* memmove(void* to, const void* from, size_t count) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  if (target < source) {
    for (size_t i = 0; i < count; ++i) {
      target[i] = source[i];
    }
  } else {
    for (size_t i = count; i-- > 0;) {
      target[i] = source[i];
    }
  }
  return to;
}

void* memset(void* to, int value, size_t count) {
  auto* target = static_cast<unsigned char*>(to);
  for (size_t i = 0; i < count; ++i) {
    target[i] = static_cast<unsigned char>(value);
  }
  return to;
}

int memcmp(const void* left, const void* right, size_t count) {
  const auto* a = static_cast<const unsigned char*>(left);
  const auto* b = static_cast<const unsigned char*>(right);
  for (size_t i = 0; i < count; ++i) {
    if (a[i] != b[i]) {
      return a[i] < b[i] ? -1 : 1;
    }
  }
  return 0;
}

}  // extern "C"
