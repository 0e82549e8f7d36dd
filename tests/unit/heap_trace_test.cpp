// SPDX-License-Identifier: MIT
// The same calls get the same offsets on every machine.
#include "heap_fixture.hpp"
#include "support/report.hpp"

namespace acre::test {
namespace {

/// The offsets that a fixed sequence of calls gets, as a hash.
template <class Heap>
uint32_t hash_of_trace() {
  constexpr size_t slots = 24;
  static Heap a;
  static struct {
    void* p;
    size_t size;
  } held[slots];
  uint32_t hash = 0x811C'9DC5;
  EXPECT_EQ(a.init(test_memory.carve(0, 1400)), status::ok);
  for (auto& h : held) {
    h = {};
  }
  uint32_t state = 12345;
  const auto below = [&](uint32_t count) {
    state = state * 1'664'525 + 1'013'904'223;
    return (state >> 16) % count;
  };
  for (int step = 0; step < 3000; ++step) {
    auto& h = held[below(slots)];
    const size_t size = 1 + below(100);
    const uint32_t what = below(4);
    if (h.p == nullptr) {
      h = {a.allocate(size, size_t{1} << below(6)), size};
    } else if (what == 0) {
      h.size = a.try_resize(h.p, size) ? size : h.size;
    } else if (what == 1) {
      void* const moved = a.reallocate(h.p, size, 4);
      h = {moved == nullptr ? h.p : moved, moved == nullptr ? h.size : size};
    } else {
      EXPECT_EQ(a.deallocate(h.p), status::ok);
      h = {};
    }
    const size_t at =
        h.p == nullptr ? 1 : reinterpret_cast<uintptr_t>(h.p) - test_memory.lent().address();
    hash = (hash ^ static_cast<uint32_t>(at)) * 16'777'619U;
  }
  EXPECT_EQ(a.validate(), status::ok);
  return hash;
}

// On every machine of one word size: so what one of them does can be replayed on another.
TEST(heap_trace, the_same_calls_get_the_same_offsets_on_every_machine) {
  constexpr bool is_32 = sizeof(void*) == 4;
  const uint32_t narrow = hash_of_trace<plain_heap<small_bytes, check_level::basic>>();
  const uint32_t wide = hash_of_trace<plain_heap<wide_bytes, check_level::basic>>();
  print_line("  narrow ", uint64_t{narrow}, ", wide ", uint64_t{wide});
  EXPECT_EQ(narrow, (hash_of_trace<plain_heap<small_bytes, check_level::full>>()));
  EXPECT_EQ(wide, (hash_of_trace<plain_heap<wide_bytes, check_level::full>>()));
  EXPECT_EQ(narrow, is_32 ? 3574657295U : 3980270979U);
  EXPECT_EQ(wide, is_32 ? 27287507U : 1769442652U);
}

}  // namespace
}  // namespace acre::test
