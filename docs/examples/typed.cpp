// SPDX-License-Identifier: MIT
// Objects over any allocator: as a template, or through an allocator_ref where code must not be one.
#include <acre/buddy.hpp>
#include <acre/pool.hpp>
#include <acre/unique_ptr.hpp>

#include "example.hpp"

namespace {

struct point {
  point() = default;
  point(int x_, int y_) : x(x_), y(y_) {}
  int x = 0;
  int y = 0;
};

acre::static_region<1024> buddy_memory;
constinit acre::buddy<> any_size;

acre::static_region<512> pool_memory;
constinit acre::pool<16> blocks;

void objects_and_arrays() {
  point* p = acre::construct<point>(any_size, 3, 4);
  EXPECT(p != nullptr && p->x == 3);
  EXPECT(acre::destroy(any_size, p) == acre::status::ok);

  point* line = acre::construct_array<point>(any_size, 10);
  EXPECT(line != nullptr && line[9].y == 0);
  EXPECT(acre::destroy_array(any_size, line, 10) == acre::status::ok);

  // An overflow is exhaustion, and never a block that is too small.
  EXPECT(acre::construct_array<point>(any_size, SIZE_MAX / 2) == nullptr);
}

// Not a template: takes any allocator, and costs an indirect call.
int sum_of_a_line(acre::allocator_ref memory) {
  point* line = acre::construct_array<point>(memory, 2);
  if (line == nullptr) {
    return -1;
  }
  line[0] = {1, 2};
  line[1] = {3, 4};
  const int sum = line[0].x + line[0].y + line[1].x + line[1].y;
  EXPECT(acre::destroy_array(memory, line, 2) == acre::status::ok);
  return sum;
}

void owned_objects() {
  auto p = acre::make_unique<point>(blocks, 1, 2);  // null iff the pool is exhausted
  EXPECT(p && p->y == 2);
  static_assert(sizeof(p) == 2 * sizeof(void*));
  EXPECT(blocks.usage().blocks_in_use == 1);
  p.reset();
  EXPECT(blocks.usage().blocks_in_use == 0);
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(any_size.init(buddy_memory) == acre::status::ok);
  EXPECT(blocks.init(pool_memory) == acre::status::ok);
  objects_and_arrays();
  EXPECT(sum_of_a_line(any_size) == 10);
  EXPECT(sum_of_a_line(blocks) == 10);
  EXPECT(sum_of_a_line(acre::allocator_ref()) == -1);  // refers to nothing: always exhausted
  owned_objects();
  return example::failures;
}
