/* SPDX-License-Identifier: MIT
 * The C pools and the slab allocator: what the laws do not ask. */
#include "c_api_checks.h"

const char* c_api_pool(void);
const char* c_api_lockfree_pool(void);
const char* c_api_slab(void);

static unsigned char sized_by_macro[ACRE_POOL_BYTES(20, 9)];
static unsigned char lockfree_by_macro[ACRE_LOCKFREE_POOL_BYTES(20, 9)];

static void sum_up(void* block, void* context) {
  unsigned char byte;
  __builtin_memcpy(&byte, block, 1);
  *(unsigned*)context += byte;
}

const char* c_api_pool(void) {
  c_api_begin();
  acre_pool* pool = (acre_pool*)c_api_memory;
  CHECK(acre_pool_create(NULL, c_api_memory, 512, 32, 0, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_pool_create(&pool, NULL, 512, 32, 0, NULL) == ACRE_INVALID_ARGUMENT && pool == NULL);
  CHECK(acre_pool_create(&pool, c_api_memory, 512, 0, 0, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_pool_create(&pool, c_api_memory, 512, 32, 3, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_pool_create(&pool, c_api_memory, 512, SIZE_MAX / 2, 0, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_pool_create(&pool, c_api_memory, 512, 8, SIZE_MAX / 2 + 1, NULL) ==
        ACRE_INVALID_ARGUMENT);
  CHECK(acre_pool_create(&pool, c_api_memory, 512, 1024, 0, NULL) == ACRE_REGION_TOO_SMALL &&
        pool == NULL);
  CHECK(acre_pool_required_bytes(0, 0, 1) == SIZE_MAX &&
        acre_pool_required_bytes(8, 0, SIZE_MAX) == SIZE_MAX);

  /* What required_bytes says is enough, wherever the region begins. */
  for (size_t begin = 0; begin < 17; ++begin) {
    for (size_t align = 0; align <= 64; align = align == 0 ? 1 : 2 * align) {
      const size_t bytes = acre_pool_required_bytes(20, align, 9);
      CHECK(acre_pool_create(&pool, c_api_memory + begin, bytes, 20, align, NULL) == ACRE_OK);
      for (int i = 0; i < 9; ++i) {
        const void* const block = acre_pool_allocate(pool);
        CHECK(block != NULL && ((uintptr_t)block & (align - (align != 0))) == 0);
      }
    }
  }

  CHECK(acre_pool_create(&pool, sized_by_macro, sizeof sized_by_macro, 20, 0, NULL) == ACRE_OK);
  CHECK((unsigned char*)pool >= sized_by_macro && (unsigned char*)pool < sized_by_macro + 16);
  CHECK(acre_pool_usable_size(pool) >= 20 &&
        acre_pool_largest_free(pool) == acre_pool_usable_size(pool));
  unsigned char* blocks[9];
  for (unsigned i = 0; i < 9; ++i) {
    blocks[i] = acre_pool_allocate(pool);
    CHECK(blocks[i] != NULL && acre_pool_owns(pool, blocks[i]));
    __builtin_memset(blocks[i], (int)i, 20);
  }
  CHECK(acre_pool_allocate_aligned(pool, 21 + acre_pool_usable_size(pool), 1) == NULL);
  CHECK(acre_pool_usage(pool).blocks_in_use == 9);
  unsigned sum = 0;
  CHECK(acre_pool_walk(pool, sum_up, &sum) == (c_api_checked ? 9U : 0U) &&
        sum == (c_api_checked ? 36U : 0U));
  CHECK(acre_pool_free(pool, NULL) == ACRE_OK && acre_pool_free_sized(pool, NULL, 20) == ACRE_OK);
  CHECK(acre_pool_free(pool, blocks[4]) == ACRE_OK);
  if (c_api_checked) {
    CHECK(acre_pool_free(pool, blocks[4]) == ACRE_DOUBLE_FREE);
    CHECK(acre_pool_free(pool, blocks[3] + sizeof(void*)) == ACRE_INTERIOR_POINTER);
    CHECK(acre_pool_free(pool, blocks[3] + 1) == ACRE_MISALIGNED_POINTER);
    CHECK(acre_pool_free(pool, pool) == ACRE_FOREIGN_POINTER);
    CHECK(acre_pool_free_sized(pool, blocks[3], 1000) == ACRE_WRONG_SIZE && c_api_faults == 5);
  }
  CHECK(acre_pool_free_sized(pool, blocks[3], 20) == ACRE_OK);
  CHECK(acre_pool_usage(pool).blocks_in_use == 7 && acre_pool_validate(pool) == ACRE_OK);
  return NULL;
}

const char* c_api_lockfree_pool(void) {
  c_api_begin();
  acre_lockfree_pool* pool = NULL;
  CHECK(acre_lockfree_pool_create(&pool, lockfree_by_macro, sizeof lockfree_by_macro, 20, 0) ==
        ACRE_OK);
  void* blocks[10] = {NULL};
  const size_t all =
      acre_lockfree_pool_usage(pool).bytes_free / acre_lockfree_pool_usable_size(pool);
  CHECK(all >= 9);
  CHECK(acre_lockfree_pool_take(pool, NULL, 3) == 0);
  CHECK(acre_lockfree_pool_take(pool, blocks, 5) == 5);
  CHECK(acre_lockfree_pool_try_allocate(pool, 0) == NULL);
  blocks[5] = acre_lockfree_pool_try_allocate(pool, 1);
  blocks[6] = acre_lockfree_pool_allocate(pool);
  CHECK(blocks[5] != NULL && blocks[6] != NULL && acre_lockfree_pool_owns(pool, blocks[6]));
  CHECK(acre_lockfree_pool_usage(pool).blocks_in_use == 7);
  CHECK(acre_lockfree_pool_give(pool, NULL, 1) == ACRE_INVALID_ARGUMENT);
  if (c_api_checked) { /* all or nothing */
    blocks[7] = blocks[2];
    CHECK(acre_lockfree_pool_give(pool, blocks, 8) == ACRE_DOUBLE_FREE && c_api_faults == 1);
    CHECK(acre_lockfree_pool_usage(pool).blocks_in_use == 7);
  }
  CHECK(acre_lockfree_pool_give(pool, blocks, 6) == ACRE_OK);
  CHECK(acre_lockfree_pool_free(pool, blocks[6]) == ACRE_OK);
  CHECK(acre_lockfree_pool_usage(pool).blocks_in_use == 0 &&
        acre_lockfree_pool_validate(pool) == ACRE_OK);
  CHECK(acre_lockfree_pool_destroy(pool) == ACRE_OK);
  return NULL;
}

const char* c_api_slab(void) {
  c_api_begin();
  acre_slab* slab = NULL;
  static const size_t sizes[] = {16, 32, 48, 96};
  static const size_t falling[] = {32, 16};
  static const size_t odd[] = {sizeof(void*), sizeof(void*) + 1};
  static const size_t large[] = {16, 512};
  static const size_t zero[] = {0, 16};
  CHECK(acre_slab_create(&slab, c_api_memory, 4096, NULL, 4, 512, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_slab_create(&slab, c_api_memory, 4096, sizes, 0, 512, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_slab_create(&slab, c_api_memory, 4096, sizes, 300, 512, NULL) ==
        ACRE_INVALID_ARGUMENT);
  CHECK(acre_slab_create(&slab, c_api_memory, 4096, sizes, 4, 500, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_slab_create(&slab, c_api_memory, 4096, falling, 2, 512, NULL) ==
        ACRE_INVALID_ARGUMENT);
  CHECK(acre_slab_create(&slab, c_api_memory, 4096, odd, 2, 512, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_slab_create(&slab, c_api_memory, 4096, zero, 2, 512, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_slab_create(&slab, c_api_memory, 4096, large, 2, 256, NULL) == ACRE_INVALID_ARGUMENT);
  CHECK(acre_slab_required_bytes(falling, 2, 512, 1) == SIZE_MAX);
  CHECK(acre_slab_blocks_per_slab(512, 256) == 0 && acre_slab_blocks_per_slab(16, 512) > 20);
  CHECK(acre_slab_create(&slab, c_api_memory, 300, sizes, 4, 512, NULL) == ACRE_REGION_TOO_SMALL &&
        slab == NULL);

  const size_t bytes = acre_slab_required_bytes(sizes, 4, 512, 3);
  CHECK(bytes <= sizeof c_api_memory - 7);
  CHECK(acre_slab_create(&slab, c_api_memory + 7, bytes, sizes, 4, 512, NULL) == ACRE_OK);
  CHECK(acre_slab_block_size(slab, 0, 1) == 16 && acre_slab_block_size(slab, 33, 1) == 48);
  CHECK(acre_slab_block_size(slab, 97, 1) == 0 && acre_slab_block_size(slab, 8, 3) == 0);
  void* const block = acre_slab_allocate(slab, 40);
  void* const aligned = acre_slab_allocate_aligned(slab, 20, 8);
  CHECK(block != NULL && aligned != NULL && acre_slab_owns(slab, block));
  CHECK(acre_slab_allocate(slab, 97) == NULL && acre_slab_largest_free(slab) == 96);
  if (c_api_checked) {
    CHECK(acre_slab_free_sized(slab, block, 10) == ACRE_WRONG_SIZE && c_api_faults == 1);
  }
  CHECK(acre_slab_usage(slab).bytes_in_use == 48 + 32);
  CHECK(acre_slab_free_sized(slab, block, 40) == ACRE_OK);
  CHECK(acre_slab_free_aligned(slab, aligned, 20, 8) == ACRE_OK);

  /* Three slabs, of any class: with one class, or with three at a time. */
  const size_t each = acre_slab_blocks_per_slab(96, 512);
  for (size_t i = 0; i < 3 * each; ++i) {
    CHECK(acre_slab_allocate(slab, 96) != NULL);
  }
  CHECK(acre_slab_allocate(slab, 8) == NULL && acre_slab_validate(slab) == ACRE_OK);
  CHECK(acre_slab_destroy(slab) == ACRE_OK);
  return NULL;
}
