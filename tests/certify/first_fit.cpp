// SPDX-License-Identifier: MIT
// An adapter for ./acre certify --peer: a first-fit allocator, as small as one can be. Blocks lie side
// by side, each behind a header with its size, whose lowest bit says that it is free.
#include <stdint.h>

#include "peer.h"

namespace {

constexpr size_t header = sizeof(size_t) * 2;  // so that blocks are aligned to 8 bytes

char* first;
char* end;

size_t& word(char* block) {
  return *reinterpret_cast<size_t*>(block);
}

void init(void* region, size_t size) {
  first = static_cast<char*>(region);
  end = first + size / header * header;
  word(first) = static_cast<size_t>(end - first) | 1;
}

void* allocate(size_t size) {
  const size_t need = header + (size + header - 1) / header * header;
  for (char* block = first; block != end; block += word(block) & ~size_t{1}) {
    if ((word(block) & 1) == 0) {
      continue;
    }
    // A free block takes in the free blocks behind it, which no deallocate ever looked at.
    char* next = block + (word(block) - 1);
    while (next != end && (word(next) & 1) != 0) {
      next += word(next) - 1;
    }
    const auto found = static_cast<size_t>(next - block);
    word(block) = found | 1;
    if (found >= need) {
      if (found != need) {
        word(block + need) = (found - need) | 1;
      }
      word(block) = need;
      return block + header;
    }
  }
  return nullptr;
}

void deallocate(void* block) {
  word(static_cast<char*>(block) - header) |= 1;
}

}  // namespace

extern "C" const struct acre_peer acre_peer = {"first fit", init, allocate, nullptr, deallocate};
