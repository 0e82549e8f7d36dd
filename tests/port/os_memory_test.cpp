// SPDX-License-Identifier: MIT
// os_memory, the layer below os_source, by itself: what the system does with pages when it is asked to.
#include <gtest/gtest.h>
#include <string.h>

#include <acre/port/os_source.hpp>

#if defined(__linux__)
#include <stdio.h>

#include <string>
#endif

#include "support/limits.hpp"

namespace acre::test {
namespace {

using native = port::native_memory;

/// A mapping for a test.
class OsMemory : public ::testing::Test {
 protected:
  static constexpr size_t pages = 16;

  void SetUp() override {
    page = native::page_bytes();
    size = detail::round_up(pages * page, native::reserve_granularity());
    void* found = nullptr;
    ASSERT_EQ(native::map(size, 1, port::page_kind::normal, found), 0);
    begin = static_cast<unsigned char*>(found);
  }
  void TearDown() override {
    EXPECT_EQ(native::release(begin, size), 0);
  }
  [[nodiscard]] size_t resident() const {
    size_t bytes = 0;
    EXPECT_EQ(native::resident(begin, size, bytes), 0);
    return bytes;
  }
  /// Under emulators a page may be resident that nobody wrote to.
  [[nodiscard]] size_t others() const {
    size_t nonzero = 0;
    for (size_t i = 0; i < size; ++i) {
      nonzero += begin[i] != 0 ? 1U : 0U;
    }
    return nonzero;
  }

  size_t page = 0;
  size_t size = 0;
  unsigned char* begin = nullptr;
};

TEST_F(OsMemory, sizes_are_powers_of_two) {
  EXPECT_TRUE(detail::is_power_of_two(native::page_bytes()));
  EXPECT_TRUE(detail::is_power_of_two(native::reserve_granularity()));
  EXPECT_EQ(native::huge_page_bytes(port::page_kind::normal), native::page_bytes());
  for (const auto kind : {port::page_kind::transparent_huge, port::page_kind::explicit_huge}) {
    const size_t huge = native::huge_page_bytes(kind);
    EXPECT_TRUE(huge == 0 || (detail::is_power_of_two(huge) && huge > native::page_bytes()));
  }
  EXPECT_NE(native::no_memory(), 0);
}

TEST_F(OsMemory, mapped_pages_are_zeros_and_become_resident_when_written) {
  EXPECT_EQ(resident(), 0U);
  begin[3 * page] = 1;
  EXPECT_EQ(resident(), page);
  EXPECT_EQ(others(), 1U);
}

TEST_F(OsMemory, prefault_makes_resident_and_changes_nothing) {
  if (emulated != nullptr) {
    GTEST_SKIP() << emulated;
  }
  begin[page] = 7;
  ASSERT_EQ(native::prefault(begin, size), 0);
  EXPECT_EQ(resident(), size);
  EXPECT_EQ(begin[page], 7);
  EXPECT_EQ(others(), 1U);
}

TEST_F(OsMemory, purge_at_once_gives_the_memory_back_and_leaves_zeros) {
  memset(begin, 0xA5, size);
  ASSERT_EQ(resident(), size);
  ASSERT_EQ(native::purge(begin, size / 2, port::purge_kind::at_once), 0);
#if !defined(_WIN32)
  EXPECT_EQ(resident(), size / 2);
  for (size_t i = 0; i < size / 2; ++i) {
    ASSERT_EQ(begin[i], 0);
  }
#endif
  EXPECT_EQ(begin[size / 2], 0xA5);
  begin[0] = 1;  // and is there again
  EXPECT_EQ(begin[0], 1);
}

TEST_F(OsMemory, purge_lazily_leaves_the_contents_or_zeros_page_by_page) {
  memset(begin, 0xA5, size);
  ASSERT_EQ(native::purge(begin, size, port::purge_kind::lazily), 0);
  for (size_t at = 0; at < size; at += page) {
    const unsigned char first = begin[at];
    ASSERT_TRUE(first == 0xA5 || first == 0);
    for (size_t i = 0; i < page; ++i) {
      ASSERT_EQ(begin[at + i], first);
    }
  }
  memset(begin, 1, size);
  EXPECT_EQ(begin[size - 1], 1);
}

TEST_F(OsMemory, decommitted_pages_are_zeros_when_they_are_committed_again) {
  memset(begin, 0xA5, size);
  ASSERT_EQ(native::decommit(begin + page, page), 0);
  ASSERT_EQ(native::commit(begin + page, page), 0);
  EXPECT_EQ(begin[page - 1], 0xA5);
  EXPECT_EQ(begin[page], 0);
  EXPECT_EQ(begin[2 * page - 1], 0);
  EXPECT_EQ(begin[2 * page], 0xA5);
}

TEST_F(OsMemory, reserved_pages_are_aligned_and_become_accessible_by_a_commit) {
  for (size_t align = 1; align <= size_t{64} << 20; align *= 16) {
    void* found = nullptr;
    ASSERT_EQ(native::reserve(size, align, found), 0);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(found) % align, 0U);
    auto* bytes = static_cast<unsigned char*>(found);
    ASSERT_EQ(native::commit(bytes + page, page), 0);
    bytes[page] = bytes[2 * page - 1] = 1;
    EXPECT_EQ(native::release(found, size), 0);
  }
}

TEST_F(OsMemory, a_size_that_no_system_has_is_refused) {
  void* found = this;
  // A 32-bit process may have nearly all of its 4 GiB, but for where its program and stack are.
  const size_t much = detail::round_down(SIZE_MAX / 16 * 15, size_t{1} << 20);
  EXPECT_NE(native::reserve(much, 1, found), 0);
  EXPECT_NE(native::map(much, 1, port::page_kind::normal, found), 0);
  EXPECT_NE(native::reserve(much, SIZE_MAX / 2 + 1, found), 0);
  EXPECT_EQ(found, this) << "untouched";
}

using OsMemoryDeathTest = OsMemory;

/// Valgrind leaves out a load whose result nobody uses.
volatile unsigned char last_read = 0;
void read(const volatile unsigned char* from) {
  last_read = *from;
}

TEST_F(OsMemoryDeathTest, protected_pages_fault) {
  begin[0] = 3;
  ASSERT_EQ(native::protect(begin, page, port::page_access::read), 0);
  EXPECT_EQ(*static_cast<volatile unsigned char*>(begin), 3);
  EXPECT_DEATH(*static_cast<volatile unsigned char*>(begin) = 1, "");
  ASSERT_EQ(native::protect(begin, page, port::page_access::none), 0);
  EXPECT_DEATH(read(static_cast<volatile unsigned char*>(begin)), "");
  begin[page] = 1;  // its neighbour does not
  ASSERT_EQ(native::protect(begin, page, port::page_access::read_write), 0);
  EXPECT_EQ(begin[0], 3);
  begin[0] = 4;
}

TEST_F(OsMemoryDeathTest, reserved_and_decommitted_pages_fault) {
  ASSERT_EQ(native::decommit(begin, page), 0);
  EXPECT_DEATH(*static_cast<volatile unsigned char*>(begin) = 1, "");
  void* found = nullptr;
  ASSERT_EQ(native::reserve(size, 1, found), 0);
  EXPECT_DEATH(*static_cast<volatile unsigned char*>(found) = 1, "");
  EXPECT_EQ(native::release(found, size), 0);
  EXPECT_DEATH(*static_cast<volatile unsigned char*>(found) = 1, "");
}

TEST_F(OsMemoryDeathTest, guard_pages_of_a_source_fault_on_both_sides) {
  for (const size_t reserve_bytes : {size_t{0}, size_t{4} << 20}) {
    os_source source(os_options{.reserve_bytes = reserve_bytes, .guard_pages = true});
    const region one = source.acquire(1);
    const region two = source.acquire(1);  // perhaps the neighbour
    for (const region& each : {one, two}) {
      auto* const first = static_cast<volatile unsigned char*>(each.begin);
      volatile unsigned char* const last = first + each.size - 1;
      *first = 1;
      *last = 1;
      EXPECT_DEATH(first[-1] = 1, "");
      EXPECT_DEATH(read(first - 1), "");
      EXPECT_DEATH(last[1] = 1, "");
      EXPECT_DEATH(read(last + 1), "");
    }
    source.release(one);
    source.release(two);
    EXPECT_EQ(source.accounts(), os_accounts{});
  }
}

#if defined(__linux__)

/// The line of /proc/self/maps for `address`; empty if there is none.
std::string line_of(const void* address) {
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[512];
  std::string found;
  while (maps != nullptr && fgets(line, sizeof line, maps) != nullptr) {
    unsigned long long first = 0;
    unsigned long long end = 0;
    if (sscanf(line, "%llx-%llx", &first, &end) == 2 &&
        reinterpret_cast<uintptr_t>(address) - first < end - first) {
      found = line;
    }
  }
  if (maps != nullptr) {
    fclose(maps);
  }
  return found;
}

TEST_F(OsMemory, names_stand_in_proc_maps) {
  if (native::name(begin, size, "acre direct") != 0) {
    GTEST_SKIP() << "this kernel has no names for anonymous mappings";
  }
  EXPECT_NE(line_of(begin).find("[anon:acre direct]"), std::string::npos) << line_of(begin);
  os_source source(os_options{.reserve_bytes = size_t{4} << 20, .name = "acre source"});
  const region memory = source.acquire(1);
  EXPECT_NE(line_of(memory.begin).find("[anon:acre source]"), std::string::npos);
  source.release(memory);
}

TEST_F(OsMemory, advice_for_huge_pages_is_taken) {
  const size_t huge = native::huge_page_bytes(port::page_kind::transparent_huge);
  if (huge == 0) {
    GTEST_SKIP() << "this kernel has no transparent huge pages, or they are off";
  }
  EXPECT_EQ(native::advise_huge(begin, size), 0);
}

#endif

}  // namespace
}  // namespace acre::test
