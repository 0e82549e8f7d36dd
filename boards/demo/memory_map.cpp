// SPDX-License-Identifier: MIT
#include "memory_map.hpp"

#include "numbers.hpp"
#include "story.hpp"

namespace demo {

namespace {

constexpr char used_cell = '#';
constexpr char partly_used_cell = '+';
constexpr char free_cell = '.';
constexpr char overhead_cell = 'o';

// The bytes in use in each cell of a region, to become letters.
class canvas {
 public:
  canvas(const void* begin, size_t bytes) noexcept
      : begin_(reinterpret_cast<uintptr_t>(begin)),
        cells_(smaller_of(cells_for(bytes), memory_map::cells_max)) {}

  void use(const void* block, size_t bytes) noexcept {
    const size_t first = reinterpret_cast<uintptr_t>(block) - begin_;
    for (size_t at = first; at < first + bytes && at / memory_map::cell_bytes < cells_; ++at) {
      ++used_[at / memory_map::cell_bytes];
    }
  }

  // Writes the letters behind `row` and returns their end.
  char* write(char* row) const noexcept {
    for (size_t i = 0; i < cells_; ++i) {
      *row++ = used_[i] == 0                        ? free_cell
               : used_[i] == memory_map::cell_bytes ? used_cell
                                                    : partly_used_cell;
    }
    return row;
  }

  static constexpr size_t cells_for(size_t bytes) noexcept {
    return (bytes + memory_map::cell_bytes - 1) / memory_map::cell_bytes;
  }

 private:
  uintptr_t begin_;
  size_t cells_;
  uint8_t used_[memory_map::cells_max] = {};
};

unsigned char* end_of(acre::region r) noexcept {
  return static_cast<unsigned char*>(r.begin) + r.size;
}

// What a region has for blocks, and what the allocator needs for itself.
struct shares {
  explicit shares(const acre::usage& u) noexcept
      : blocks(u.bytes_in_use + u.bytes_free), overhead(u.bytes_overhead) {}
  size_t blocks;
  size_t overhead;
};

char* write_overhead(char* row, size_t bytes) noexcept {
  for (size_t i = 0; i < canvas::cells_for(bytes); ++i) {
    *row++ = overhead_cell;
  }
  return row;
}

// How live blocks are found is the one thing that differs from allocator to allocator. Each function
// writes the letters of a row and returns their end.

template <size_t BlockSize, class Policies, size_t Align>
char* draw(char* row, acre::region r, acre::pool<BlockSize, Policies, Align>& pool) noexcept {
  const shares of(pool.usage());
  canvas cells(r.begin, of.blocks);
  pool.for_each_live([&](void* block) { cells.use(block, pool.block_bytes); });
  return write_overhead(cells.write(row), of.overhead);
}

// A slab and a buddy know of each address whether a block of a given size is live there.

template <size_t... Sizes, class Policies, size_t SlabBytes, acre::slab_metadata Metadata>
char* draw(
    char* row, acre::region r,
    const acre::slab<acre::size_classes<Sizes...>, Policies, SlabBytes, Metadata>& slab) noexcept {
  constexpr size_t sizes[] = {Sizes...};
  const shares of(slab.usage());
  canvas cells(r.begin, of.blocks);
  auto* begin = static_cast<unsigned char*>(r.begin);
  for (size_t at = 0; at < of.blocks; at += sizes[0]) {
    for (const size_t size : sizes) {
      if (slab.is_live(begin + at, {size, 1})) cells.use(begin + at, size);
    }
  }
  return write_overhead(cells.write(row), of.overhead);
}

template <size_t Smallest, class Policies>
char* draw(char* row, acre::region r, const acre::buddy<Smallest, Policies>& buddy) noexcept {
  const shares of(buddy.usage());
  canvas cells(r.begin, of.blocks);
  auto* begin = static_cast<unsigned char*>(r.begin);
  for (size_t at = 0; at < of.blocks; at += Smallest) {
    for (size_t size = Smallest; size <= of.blocks; size *= 2) {
      if (buddy.is_live(begin + at, {size, 1})) cells.use(begin + at, size);
    }
  }
  return write_overhead(cells.write(row), of.overhead);
}

// A heap shows its blocks itself, from the first to the last.

template <size_t MaxBytes, class Policies>
char* draw(char* row, acre::region, const acre::heap<MaxBytes, Policies>& heap) noexcept {
  const shares of(heap.usage());
  const void* begin = nullptr;
  heap.walk([&](const acre::heap_block& first) {
    begin = first.address;
    return false;
  });
  canvas cells(begin, of.blocks);
  heap.walk([&](const acre::heap_block& block) {
    if (block.live) cells.use(block.address, block.size + heap.header_bytes);
    return true;
  });
  return write_overhead(cells.write(row), of.overhead);
}

// An arena and a stack are used from their ends: no need to know the blocks.

template <class Policies>
char* draw(char* row, acre::region r, const acre::arena<Policies>& arena) noexcept {
  const acre::usage now = arena.usage();
  const shares of(now);
  const unsigned char* begin = end_of(r) - of.blocks;
  canvas cells(begin, of.blocks);
  cells.use(begin, now.bytes_in_use);
  return cells.write(write_overhead(row, of.overhead));
}

template <class Policies>
char* draw(char* row, acre::region r, const acre::stack<Policies>& stack) noexcept {
  canvas cells(r.begin, r.size);
  const size_t low = stack.mark(acre::stack_side::low).edge - r.address();
  const size_t high = r.address() + r.size - stack.mark(acre::stack_side::high).edge;
  cells.use(r.begin, low);
  cells.use(end_of(r) - high, high);
  return cells.write(row);
}

}  // namespace

void memory_map::draw() noexcept {
  time_ms_ = clock_ms();
  auto* row = rows_;
  for_each_allocator([&](const char*, const char*, const char*, acre::region r, auto& allocator) {
    *demo::draw(*row++, r, allocator) = '\0';
  });
}

void memory_map::print(const char* title) const noexcept {
  print_line();
  console_line heading;
  heading.text(title).text(", at ").fixed(static_cast<int32_t>(time_ms_ / 100), 1).text(" s");
  heading.print();
  const auto* row = rows_;
  for_each_allocator([&](const char* name, const char*, const char*, acre::region, auto&) {
    console_line line;
    line.text("  ").text(name).column(12).text(*row++);
    line.print();
  });
}

void print_legend() noexcept {
  console_line line;
  line.text("  ").column(12).text("# used   + partly used   . free   o overhead*   (");
  line.number(memory_map::cell_bytes).text(" bytes a letter)");
  line.print();
}

size_t bytes_in_use() noexcept {
  size_t sum = 0;
  for_each_allocator([&](const char*, const char*, const char*, acre::region, auto& allocator) {
    sum += allocator.usage().bytes_in_use;
  });
  return sum;
}

}  // namespace demo
