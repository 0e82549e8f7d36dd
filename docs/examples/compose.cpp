// SPDX-License-Identifier: MIT
// Allocators made of allocators: a router, a fallback, a last chance, and growth.
#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/fallback.hpp>
#include <acre/growing.hpp>
#include <acre/pool.hpp>
#include <acre/reclaiming.hpp>
#include <acre/size_router.hpp>

#include "example.hpp"

namespace {

acre::static_region<256> small_memory;
constinit acre::pool<32> small;

acre::static_region<1024, 512> large_memory;  // aligned, so that a block of 512 fits
constinit acre::buddy<> large;

void router() {
  // Up to 32 bytes from the pool, everything else from the buddy; the size decides both ways.
  acre::size_router<32, acre::pool<32>, acre::buddy<>> heap(small, large);

  void* a = heap.allocate({20, 4});
  void* b = heap.allocate({100, 4});
  EXPECT(small.owns(a) && large.owns(b));
  EXPECT(heap.deallocate(a, {20, 4}) == acre::status::ok);
  EXPECT(heap.deallocate(b, {100, 4}) == acre::status::ok);
}

void fallback() {
  acre::fallback either(small, large);
  const acre::layout wanted{32, 4};

  void* taken[16];
  size_t count = 0;
  do {
    taken[count] = either.allocate(wanted);
    EXPECT(taken[count] != nullptr);
  } while (small.owns(taken[count++]) && count < 16);
  EXPECT(large.owns(taken[count - 1]));  // the pool was exhausted, so the buddy served this one

  while (count > 0) {
    EXPECT(either.deallocate(taken[--count], wanted) == acre::status::ok);
  }
}

void* cached_image = nullptr;
constexpr acre::layout image{512, 4};

// Called before allocate answers null. True: something was given back, try again.
bool drop_the_cache(void*, acre::layout) noexcept {
  if (cached_image == nullptr) {
    return false;
  }
  large.deallocate(cached_image, image);
  cached_image = nullptr;
  return true;
}

void last_chance() {
  acre::reclaiming patient(large, drop_the_cache);

  cached_image = patient.allocate(image);
  EXPECT(cached_image != nullptr);
  EXPECT(large.allocate(image) == nullptr);

  void* needed = patient.allocate(image);
  EXPECT(needed != nullptr && cached_image == nullptr);
  EXPECT(patient.deallocate(needed, image) == acre::status::ok);
}

acre::static_region<768> spare[2];

void growth() {
  acre::growing<acre::buddy<>, acre::region_list_source> heap;
  EXPECT(heap.allocate({64, 8}) == nullptr);  // no region yet, and none to be had

  EXPECT(heap.source().add(spare[0]) == acre::status::ok);
  EXPECT(heap.source().add(spare[1]) == acre::status::ok);
  void* first = heap.allocate({256, 8});
  void* second = heap.allocate({256, 8});  // where the first region is too full, the second serves
  EXPECT(first != nullptr && second != nullptr);

  EXPECT(heap.deallocate(first, {256, 8}) == acre::status::ok);
  EXPECT(heap.deallocate(second, {256, 8}) == acre::status::ok);
  EXPECT(heap.trim() > 0);  // regions with nothing in use go back to the source
}

// An arena grows by itself: what it acquired goes back with reset().
void growing_arena() {
  acre::arena<acre::policies<>, acre::region_list_source> frames;
  EXPECT(frames.source().add(spare[1]) == acre::status::ok);
  EXPECT(frames.init(spare[0]) == acre::status::ok);
  EXPECT(frames.allocate(500) != nullptr);
  EXPECT(frames.allocate(500) != nullptr);  // from the second region
  EXPECT(frames.allocate(500) == nullptr);  // the source is empty, too
  frames.reset();
  EXPECT(frames.allocate(500) != nullptr);
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(small.init(small_memory) == acre::status::ok);
  EXPECT(large.init(large_memory) == acre::status::ok);
  router();
  fallback();
  last_chance();
  growth();
  growing_arena();
  EXPECT(small.usage().blocks_in_use == 0 && large.usage().blocks_in_use == 0);
  return example::failures;
}
