// SPDX-License-Identifier: MIT
#include "table.hpp"

#include "memory.hpp"
#include "writer.hpp"

namespace demo {

namespace {

// Blocks of these two begin where a header of pointers ends, so more than their overhead depends on a
// pointer's width: what is left behind the header, and for the stack, which has a header a block, the
// peak.
template <class A>
inline constexpr bool has_header = false;
template <class Policies>
inline constexpr bool has_header<acre::arena<Policies>> = true;
template <class Policies>
inline constexpr bool has_header<acre::stack<Policies>> = true;

template <class A>
inline constexpr bool has_block_headers = false;
template <class Policies>
inline constexpr bool has_block_headers<acre::stack<Policies>> = true;

const char* star_if(bool depends) noexcept {
  return depends ? "*" : " ";
}

template <class A>
void print_row(const char* name, const char* kind, const char* block, acre::region memory_of,
               const A& allocator) noexcept {
  const acre::usage now = allocator.usage();
  const acre::usage_counters::values& seen = allocator.observer().read();
  console_line line;
  line.text("  ").text(name).column(12).text(kind);
  line.column(19).number(memory_of.size, 7).right(block, 11).number(now.bytes_in_use, 9);
  line.number(seen.bytes_peak, 8).text(star_if(has_block_headers<A>));
  line.number(seen.exhausted_count, 8).number(seen.refused_count, 11);
  line.number(now.bytes_overhead, 10).number(allocator.largest_free(), 15);
  line.text(has_header<A> ? "*" : "");
  line.print();
}

}  // namespace

void print_table() noexcept {
  print_line();
  print_line(
      "  memory    kind    region*      block   in use    peak  refused  bad frees  overhead*"
      "  largest free");
  for_each_allocator(
      [](const char* name, const char* kind, const char* block, acre::region memory_of,
         const auto& allocator) { print_row(name, kind, block, memory_of, allocator); });
  print_line("  Bytes; refused and bad frees are counts.          * depends on the target");
}

}  // namespace demo
