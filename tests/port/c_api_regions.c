/* SPDX-License-Identifier: MIT
 * C arena, stack, buddy, heap and certified: what the laws do not ask. */
#include "c_api_checks.h"

const char* c_api_arena(void);
const char* c_api_stack(void);
const char* c_api_buddy(void);
const char* c_api_heap(void);
const char* c_api_certified(void);

static unsigned char arena_by_macro[ACRE_ARENA_BYTES(100)];
static unsigned char stack_by_macro[ACRE_STACK_BYTES(100, 4)];

const char* c_api_arena(void) {
  c_api_begin();
  acre_arena* arena = NULL;
  CHECK(acre_arena_create(&arena, arena_by_macro, 8, NULL) == ACRE_REGION_TOO_SMALL &&
        arena == NULL);
  CHECK(acre_arena_create(&arena, arena_by_macro, sizeof arena_by_macro, NULL) == ACRE_OK);
  CHECK(acre_arena_allocate_aligned(arena, 100, 1) != NULL);
  CHECK(acre_arena_reset(arena) == ACRE_OK && acre_arena_usage(arena).bytes_in_use == 0);
  void* const first = acre_arena_allocate(arena, 10);
  const acre_arena_mark mark = acre_arena_get_mark(arena);
  void* const second = acre_arena_allocate_aligned(arena, 20, 32);
  CHECK(first != NULL && second != NULL && ((uintptr_t)second & 31U) == 0);
  const acre_arena_mark later = acre_arena_get_mark(arena);
  CHECK(acre_arena_release_to(arena, mark) == ACRE_OK &&
        acre_arena_usage(arena).blocks_in_use == 1);
  if (c_api_checked) {
    CHECK(acre_arena_release_to(arena, later) == ACRE_OUT_OF_ORDER && c_api_faults == 1);
    const acre_arena_mark nowhere = {{1, 2, 3}};
    CHECK(acre_arena_release_to(arena, nowhere) == ACRE_OUT_OF_ORDER && c_api_faults == 2);
    CHECK(acre_arena_free_sized(arena, &arena, 8) == ACRE_FOREIGN_POINTER && c_api_faults == 3);
  }
  CHECK(acre_arena_free_sized(arena, first, 10) == ACRE_OK && acre_arena_owns(arena, first));
  CHECK(acre_arena_usage(arena).blocks_in_use == 1 && acre_arena_largest_free(arena) > 0);
  CHECK(acre_arena_required_bytes(SIZE_MAX) == SIZE_MAX && acre_arena_validate(arena) == ACRE_OK);
  CHECK(acre_arena_destroy(arena) == ACRE_OK);
  return NULL;
}

const char* c_api_stack(void) {
  c_api_begin();
  acre_stack* stack = NULL;
  CHECK(acre_stack_create(&stack, stack_by_macro, sizeof stack_by_macro, NULL) == ACRE_OK);
  void* const low = acre_stack_allocate(stack, 30);
  void* const high = acre_stack_allocate_aligned(stack, 30, 8, ACRE_STACK_HIGH);
  const acre_stack_mark mark = acre_stack_get_mark(stack, ACRE_STACK_LOW);
  void* const newer = acre_stack_allocate(stack, 30);
  CHECK(low != NULL && high > newer && newer > low && acre_stack_owns(stack, high));
  if (c_api_checked) {
    CHECK(acre_stack_free_sized(stack, low, 30) == ACRE_OUT_OF_ORDER && c_api_faults == 1);
  }
  CHECK(acre_stack_free_aligned(stack, high, 30, 8) == ACRE_OK);
  CHECK(acre_stack_release_to(stack, mark) == ACRE_OK &&
        acre_stack_usage(stack).blocks_in_use == 1);
  CHECK(acre_stack_free_sized(stack, low, 30) == ACRE_OK && acre_stack_validate(stack) == ACRE_OK);
  CHECK(acre_stack_allocate(stack, 10) != NULL && acre_stack_reset(stack) == ACRE_OK);
  CHECK(acre_stack_usage(stack).bytes_in_use == 0 && acre_stack_largest_free(stack) >= 100);
  CHECK(acre_stack_required_bytes(10, 1, 3) == SIZE_MAX &&
        acre_stack_required_bytes(10, 1, 0) < SIZE_MAX);
  CHECK(acre_stack_destroy(stack) == ACRE_OK);
  return NULL;
}

const char* c_api_buddy(void) {
  c_api_begin();
  acre_buddy* buddy = NULL;
  CHECK(acre_buddy_create(&buddy, c_api_memory, 1024, 1, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_buddy_create(&buddy, c_api_memory, 1024, 24, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_buddy_create(&buddy, c_api_memory, 1024, 2048, NULL) == ACRE_REGION_TOO_SMALL &&
        buddy == NULL);
  CHECK(acre_buddy_required_bytes(24, 64, 64) == SIZE_MAX);
  const size_t bytes = acre_buddy_required_bytes(32, 256, 128);
  CHECK(bytes <= sizeof c_api_memory - 3);
  CHECK(acre_buddy_create(&buddy, c_api_memory + 3, bytes, 32, NULL) == ACRE_OK);
  void* const block = acre_buddy_allocate(buddy, 33);
  void* const aligned = acre_buddy_allocate_aligned(buddy, 1, 128);
  CHECK(block != NULL && aligned != NULL && ((uintptr_t)aligned & 127U) == 0);
  CHECK(acre_buddy_block_size(buddy, 33, 1) == 64 && acre_buddy_block_size(buddy, 1, 128) == 128);
  CHECK(acre_buddy_block_size(buddy, 1, 3) == 0 && acre_buddy_block_size(buddy, SIZE_MAX, 1) == 0);
  CHECK(acre_buddy_usage(buddy).bytes_in_use == 64 + 128 && acre_buddy_owns(buddy, block));
  if (c_api_checked) {
    CHECK(acre_buddy_free_sized(buddy, block, 65) == ACRE_WRONG_SIZE && c_api_faults == 1);
  }
  CHECK(acre_buddy_free_sized(buddy, block, 33) == ACRE_OK);
  CHECK(acre_buddy_free_aligned(buddy, aligned, 1, 128) == ACRE_OK);
  CHECK(acre_buddy_largest_free(buddy) >= 128 && acre_buddy_validate(buddy) == ACRE_OK);
  CHECK(acre_buddy_destroy(buddy) == ACRE_OK);
  return NULL;
}

static bool three_blocks(const acre_heap_block* block, void* context) {
  size_t* const live = context;
  *live += block->live ? block->size : 0;
  return block->live;
}

const char* c_api_heap(void) {
  c_api_begin();
  acre_heap* heap = NULL;
  CHECK(acre_heap_create(&heap, c_api_memory, 16, NULL) == ACRE_REGION_TOO_SMALL && heap == NULL);
  CHECK(acre_heap_create(&heap, c_api_memory, 2048, NULL) == ACRE_OK);
  unsigned char* block = acre_heap_allocate(heap, 100);
  unsigned char* const zeroed = acre_heap_allocate_zeroed(heap, 10, 10);
  unsigned char* const aligned = acre_heap_allocate_aligned(heap, 50, 64);
  CHECK(block != NULL && zeroed != NULL && aligned != NULL && ((uintptr_t)aligned & 63U) == 0);
  CHECK(zeroed[0] == 0 && zeroed[99] == 0 && acre_heap_allocate_zeroed(heap, SIZE_MAX, 2) == NULL);
  CHECK(acre_heap_usable_size(heap, block) >= 100 && acre_heap_usable_size(heap, NULL) == 0);
  __builtin_memset(block, 0x5A, 100);
  CHECK(!acre_heap_resize_in_place(heap, block, 600));
  CHECK(acre_heap_resize_in_place(heap, block, 90) && acre_heap_resize(heap, block, 3000) == NULL);
  block = acre_heap_resize(heap, block, 400);
  CHECK(block != NULL && block[0] == 0x5A && block[89] == 0x5A &&
        acre_heap_usable_size(heap, block) >= 400);
  block = acre_heap_resize_aligned(heap, block, 420, 128);
  CHECK(block != NULL && ((uintptr_t)block & 127U) == 0 && block[89] == 0x5A);
  size_t live = 0;
  CHECK(acre_heap_walk(heap, three_blocks, &live) >= 1 && acre_heap_walk(heap, NULL, NULL) == 0);
  if (c_api_checked) {
    CHECK(acre_heap_free_sized(heap, block, 20) == ACRE_WRONG_SIZE && c_api_faults == 1);
    CHECK(acre_heap_resize(heap, block + 16, 20) == NULL && c_api_faults == 2);
    CHECK(acre_heap_usable_size(heap, block + 16) == 0 && c_api_faults == 2);
  }
  CHECK(acre_heap_free_aligned(heap, block, 420, 128) == ACRE_OK);
  CHECK(acre_heap_free_sized(heap, zeroed, 100) == ACRE_OK &&
        acre_heap_free(heap, NULL) == ACRE_OK);

  /* A second region, above the first. */
  CHECK(acre_heap_add_region(heap, c_api_memory + 1000, 500) == ACRE_INVALID_ARGUMENT);
  const size_t before = acre_heap_usage(heap).bytes_free;
  CHECK(acre_heap_add_region(heap, c_api_memory + 2500, 1500) == ACRE_OK);
  CHECK(acre_heap_usage(heap).bytes_free > before + 1000);
  CHECK(acre_heap_free(heap, aligned) == ACRE_OK);
  live = 0;
  CHECK(acre_heap_walk(heap, three_blocks, &live) == 1 && live == 0);
  CHECK(acre_heap_required_bytes(100, 50, 10) < 4096 &&
        acre_heap_required_bytes(SIZE_MAX, 1, 1) == SIZE_MAX);
  CHECK(acre_heap_max_bytes() >= 4096 && acre_heap_validate(heap) == ACRE_OK);
  CHECK(acre_heap_destroy(heap) == ACRE_OK);
  return NULL;
}

const char* c_api_certified(void) {
  c_api_begin();
  acre_certified* both = NULL;
  const acre_workload budget = {.peak_live = 256, .largest = 64, .smallest = 32};
  const acre_workload too_much = {.peak_live = SIZE_MAX / 2, .largest = 64, .smallest = 32};
  const acre_workload wrong = {.peak_live = 256, .largest = 32, .smallest = 64};
  CHECK(acre_certified_create(&both, c_api_memory, 4096, too_much, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_certified_create(&both, c_api_memory, 4096, wrong, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_certified_create(&both, c_api_memory, 256, budget, NULL) == ACRE_REGION_TOO_SMALL &&
        both == NULL);
  CHECK(acre_certified_reserved_bytes(budget) < 2048 &&
        acre_certified_reserved_bytes(wrong) == SIZE_MAX);
  CHECK(acre_certified_create(&both, c_api_memory + 5, 4091, budget, NULL) == ACRE_OK);

  /* Whatever the heap is used for, the budget is there. */
  while (acre_certified_allocate(both, 60) != NULL) {
  }
  CHECK(acre_certified_allocate_aligned(both, 60, 8) == NULL);
  void* blocks[4];
  for (int i = 0; i < 4; ++i) {
    blocks[i] = acre_certified_allocate_reserved(both, 60);
    CHECK(blocks[i] != NULL && acre_certified_owns(both, blocks[i]));
  }
  CHECK(acre_certified_reserved_live(both) == 256);
  CHECK(acre_certified_allocate_reserved(both, 32) == NULL); /* breaks the budget */
  CHECK(acre_certified_free_sized(both, blocks[0], 60) == ACRE_OK);
  CHECK(acre_certified_allocate_reserved(both, 65) == NULL);
  CHECK(acre_certified_allocate_reserved_aligned(both, 10, 32) != NULL);
  if (c_api_checked) {
    CHECK(acre_certified_free_sized(both, blocks[1], 30) == ACRE_WRONG_SIZE && c_api_faults == 1);
  }
  CHECK(acre_certified_free_aligned(both, blocks[1], 60, 1) == ACRE_OK);
  CHECK(acre_certified_usage(both).blocks_in_use > 3 && acre_certified_validate(both) == ACRE_OK);
  CHECK(acre_certified_largest_free(both) < 64 && acre_certified_destroy(both) == ACRE_OK);
  return NULL;
}
