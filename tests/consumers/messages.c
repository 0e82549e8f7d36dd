/* SPDX-License-Identifier: MIT
 * A C product: every kind of allocator of acre.h. Ends with the number of what did not hold. */
#include <acre.h>

#include <stdio.h>

static int failures;

static void expect(bool holds, const char* what) {
  if (!holds) {
    ++failures;
    printf("does not hold: %s\n", what);
  }
}

static unsigned faults;

static void on_fault(const acre_fault* fault) {
  faults += fault->code == ACRE_DOUBLE_FREE;
}

static unsigned char memory[32768];

static void fixed_sizes(void) {
  acre_pool* pool = NULL;
  expect(acre_pool_create(&pool, memory, sizeof memory, 48, 0, NULL) == ACRE_OK, "pool");
  void* message = acre_pool_allocate(pool);
  expect(message != NULL && acre_pool_free(pool, message) == ACRE_OK, "pool");
  expect(acre_pool_free(pool, message) == ACRE_DOUBLE_FREE && faults == 1, "pool");
  expect(acre_pool_destroy(pool) == ACRE_OK, "pool");

  acre_lockfree_pool* shared = NULL;
  expect(acre_lockfree_pool_create(&shared, memory, sizeof memory, 48, 0) == ACRE_OK,
         "lockfree_pool");
  message = acre_lockfree_pool_allocate(shared);
  expect(message != NULL && acre_lockfree_pool_free(shared, message) == ACRE_OK, "lockfree_pool");
}

static void any_size(void) {
  acre_arena* arena = NULL;
  expect(acre_arena_create(&arena, memory, sizeof memory, NULL) == ACRE_OK, "arena");
  expect(acre_arena_allocate(arena, 100) != NULL, "arena");
  acre_stack* stack = NULL;
  expect(acre_stack_create(&stack, memory, sizeof memory, NULL) == ACRE_OK, "stack");
  expect(acre_stack_allocate(stack, 100) != NULL, "stack");
  acre_buddy* buddy = NULL;
  expect(acre_buddy_create(&buddy, memory, sizeof memory, 64, NULL) == ACRE_OK, "buddy");
  expect(acre_buddy_allocate(buddy, 100) != NULL, "buddy");
  static const size_t sizes[] = {16, 48, 96};
  acre_slab* slab = NULL;
  expect(acre_slab_create(&slab, memory, sizeof memory, sizes, 3, 1024, NULL) == ACRE_OK, "slab");
  expect(acre_slab_allocate(slab, 40) != NULL, "slab");
  acre_heap* heap = NULL;
  expect(acre_heap_create(&heap, memory, sizeof memory, NULL) == ACRE_OK, "heap");
  expect(acre_heap_resize(heap, acre_heap_allocate(heap, 20), 200) != NULL, "heap");
  acre_certified* certified = NULL;
  const acre_workload alarms = {.peak_live = 512, .largest = 128, .smallest = 16};
  expect(acre_certified_create(&certified, memory, sizeof memory, alarms, NULL) == ACRE_OK,
         "certified");
  expect(acre_certified_allocate_reserved(certified, 100) != NULL, "certified");
}

int main(void) {
  acre_set_fault_hook(on_fault);
  expect(acre_version() == ACRE_VERSION, "the headers are those of the library");
  fixed_sizes();
  any_size();
  printf("messages: %d failures; acre %u\n", failures, (unsigned)acre_version());
  return failures;
}
