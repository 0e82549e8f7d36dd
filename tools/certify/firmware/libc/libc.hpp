// SPDX-License-Identifier: MIT
// libc: what the malloc of a C library needs below it. Its objects come out of the archive that Debian
// ships, unchanged but for a prefix before each symbol; tools/certify/libc.py does that.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../subject.hpp"

namespace acre::certify {

/// The static data of one library's malloc.
struct static_data {
  char* data_begin;
  char* data_end;
  char* bss_begin;
  char* bss_end;
};

/// As after reset: the library knows of no block, and sbrk hands out this region from its begin.
void restart_libc(const static_data& data, void* begin, size_t size);

/// The classic: moves the break, and returns where it was; -1 where the region ends.
void* region_sbrk(ptrdiff_t bytes);

/// A subject with what all of them have in common.
subject libc_subject(const char* name);

}  // namespace acre::certify

/// The symbols that the driver defines around the static data.
#define ACRE_LIBC_DATA(prefix)                                                                  \
  extern "C" {                                                                                  \
  extern char prefix##data_begin[], prefix##data_end[], prefix##bss_begin[], prefix##bss_end[]; \
  }                                                                                             \
  namespace {                                                                                   \
  constexpr acre::certify::static_data statics{prefix##data_begin, prefix##data_end,            \
                                               prefix##bss_begin, prefix##bss_end};             \
  }
