// SPDX-License-Identifier: MIT
// The option sets that the tests of os_source go through, each of another way of getting and giving back.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include <acre/port/os_source.hpp>

namespace acre::test {

struct os_case {
  const char* name;
  os_options options;

  friend void PrintTo(const os_case& c, std::ostream* to) {
    *to << c.name;
  }
};

inline constexpr size_t kib = 1024;
inline constexpr size_t mib = 1024 * kib;

inline constexpr os_case os_cases[] = {
    {"plain", {}},
    {"a page", {.granularity = 1}},
    {"aligned", {.granularity = 64 * kib, .alignment = mib}},
    {"kept", {.keep_bytes = mib}},
    {"kept, then purged", {.keep_bytes = 256 * kib, .give_back = give_back::memory}},
    {"purged", {.give_back = give_back::memory}},
    {"purged lazily", {.give_back = give_back::memory_lazily}},
    {"guarded", {.guard_pages = true}},
    {"guarded and kept", {.guard_pages = true, .keep_bytes = mib}},
    {"guarded and aligned", {.alignment = 128 * kib, .guard_pages = true}},
    {"prefaulted", {.prefault = true}},
    {"named", {.name = "acre test"}},
    {"reserved", {.reserve_bytes = 4 * mib}},
    {"reserved, in steps", {.reserve_bytes = 4 * mib, .commit_step = 512 * kib}},
    {"reserved, in steps, kept",
     {.reserve_bytes = 4 * mib, .commit_step = 512 * kib, .keep_bytes = mib}},
    {"reserved, purged", {.reserve_bytes = 4 * mib, .give_back = give_back::memory}},
    {"reserved, aligned",
     {.granularity = 16 * kib, .alignment = 256 * kib, .reserve_bytes = 4 * mib}},
    {"reserved, guarded", {.reserve_bytes = 4 * mib, .guard_pages = true}},
    {"reserved, guarded, aligned, kept",
     {.alignment = 128 * kib, .reserve_bytes = 4 * mib, .guard_pages = true, .keep_bytes = mib}},
    {"transparent huge", {.granularity = 2 * mib, .pages = port::page_kind::transparent_huge}},
    {"transparent huge, reserved",
     {.granularity = 2 * mib,
      .reserve_bytes = 16 * mib,
      .commit_step = 4 * mib,
      .pages = port::page_kind::transparent_huge}},
    {"explicit huge", {.pages = port::page_kind::explicit_huge}},
    {"everything",
     {.granularity = 64 * kib,
      .alignment = 64 * kib,
      .reserve_bytes = 4 * mib,
      .commit_step = 256 * kib,
      .pages = port::page_kind::transparent_huge,
      .prefault = true,
      .keep_bytes = 512 * kib,
      .keep_ms = 1000,
      .give_back = give_back::memory,
      .name = "acre test"}},
};

/// The name of a test with such options.
inline std::string os_case_name(const ::testing::TestParamInfo<os_case>& info) {
  std::string name;
  for (const char* at = info.param.name; *at != '\0'; ++at) {
    if (*at != ',') {
      name += *at == ' ' ? '_' : *at;
    }
  }
  return name;
}

}  // namespace acre::test
