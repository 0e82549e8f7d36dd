// SPDX-License-Identifier: MIT
#include "libc.hpp"

#include "../calls.hpp"

// Of the linker script (boards/common/sections.ld): the initial values of .data lie here.
extern "C" {
extern const char acre_data_source[];
extern char acre_data_begin[];
}

namespace acre::certify {

namespace {

char* break_now = nullptr;
char* region_begin = nullptr;
char* region_end = nullptr;

}  // namespace

void restart_libc(const static_data& data, void* begin, size_t size) {
  const char* from = acre_data_source + (data.data_begin - acre_data_begin);
  for (char* to = data.data_begin; to != data.data_end; ++to) {
    *to = *from++;
  }
  for (char* to = data.bss_begin; to != data.bss_end; ++to) {
    *to = 0;
  }
  region_begin = break_now = static_cast<char*>(begin);
  region_end = break_now + size;
}

void* region_sbrk(ptrdiff_t bytes) {
  if (bytes > region_end - break_now || bytes < region_begin - break_now) {
    return reinterpret_cast<void*>(-1);
  }
  char* const before = break_now;
  break_now += bytes;
  return before;
}

subject libc_subject(const char* name) {
  subject s;
  s.name = name;
  s.level = "peer";
  s.sizes = general_sizes::list;
  s.any_size = true;
  s.returns_status = false;
  s.effort = 8;  // these search lists
  return s;
}

}  // namespace acre::certify
