// SPDX-License-Identifier: MIT
// arena: what lives and dies together, and a frame that ends with its scope.
#include <acre/arena.hpp>
#include <acre/stack.hpp>
#include <acre/typed.hpp>

#include "example.hpp"

namespace {

acre::static_region<acre::arena<>::required_bytes(1024)> memory;
constinit acre::arena<> arena;

struct sample {
  int channel;
  int value;
};

void one_frame() {
  // Everything that is allocated from here on is given back at the end of the scope.
  const acre::frame scratch(arena);

  sample* samples = acre::construct_array<sample>(arena, 20);
  EXPECT(samples != nullptr);
  void* line = arena.allocate(80, 1);  // 80 bytes, any alignment
  EXPECT(line != nullptr);
  EXPECT(arena.usage().blocks_in_use == 2);
}

void marks_by_hand() {
  const acre::arena_mark before = arena.mark();
  EXPECT(arena.allocate(100) != nullptr);
  const acre::arena_mark later = arena.mark();

  EXPECT(arena.release_to(before) == acre::status::ok);
  EXPECT(arena.release_to(later) == acre::status::out_of_order);  // lies above the present position
}

int closed = 0;

struct file {
  ~file() {
    ++closed;
  }
};

void destructors_are_owed_if_asked() {
  EXPECT(arena.construct<file>() != nullptr);            // its destructor is never run
  EXPECT(arena.construct_finalized<file>() != nullptr);  // its destructor is run by reset()
  arena.reset();
  EXPECT(closed == 1);
  EXPECT(arena.usage().bytes_in_use == 0);
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(arena.init(memory) == acre::status::ok);
  for (int i = 0; i < 100; ++i) {
    one_frame();
    EXPECT(arena.usage().blocks_in_use == 0);
  }
  marks_by_hand();
  destructors_are_owed_if_asked();
  return example::failures;
}
