/* SPDX-License-Identifier: MIT
 * What all C allocators share: texts, the hook, handles, locks. */
#include "c_api_checks.h"

const char* c_api_status(void);
const char* c_api_fault_hook(void);
const char* c_api_handles(void);
const char* c_api_locking(void);

static bool same(const char* a, const char* b) {
  while (*a == *b && *a != '\0') {
    ++a;
    ++b;
  }
  return *a == *b;
}

const char* c_api_status(void) {
  CHECK(acre_version() == ACRE_VERSION);
  const char* const text = acre_status_text(ACRE_DOUBLE_FREE);
  CHECK(text[0] == '\0' || same(text, "double_free"));
  for (int code = ACRE_OK; code <= ACRE_CORRUPTED; ++code) {
    CHECK((acre_status_text((acre_status)code)[0] == '\0') == (text[0] == '\0'));
    CHECK(acre_is_misuse((acre_status)code) ==
          (code >= ACRE_DOUBLE_FREE && code <= ACRE_WRONG_CONTEXT));
  }
  CHECK(same(acre_status_text((acre_status)(ACRE_CORRUPTED + 1)),
             text[0] == '\0' ? "" : "unknown status"));
  return NULL;
}

static void other_hook(const acre_fault* fault) {
  (void)fault;
}

const char* c_api_fault_hook(void) {
  c_api_begin();
  const acre_fault_hook ours = acre_set_fault_hook(other_hook);
  CHECK(ours != NULL);
  CHECK(acre_set_fault_hook(NULL) == other_hook);
  CHECK(acre_set_fault_hook(ours) == NULL);

  acre_pool* pool = NULL;
  CHECK(acre_pool_create(&pool, c_api_memory, sizeof c_api_memory, 32, 0, NULL) == ACRE_OK);
  if (c_api_checked) {
    CHECK(acre_pool_free(pool, &pool) == ACRE_FOREIGN_POINTER);
    CHECK(c_api_faults == 1 && c_api_last_fault.code == ACRE_FOREIGN_POINTER);
    CHECK(c_api_last_fault.address == &pool && c_api_last_fault.call_site != NULL);
    CHECK((const unsigned char*)c_api_last_fault.allocator >= (const unsigned char*)pool &&
          (const unsigned char*)c_api_last_fault.allocator < c_api_memory + sizeof c_api_memory);
    (void)acre_set_fault_hook(NULL);
    CHECK(acre_pool_free(pool, &pool) == ACRE_FOREIGN_POINTER && c_api_faults == 1);
  }
  return NULL;
}

const char* c_api_handles(void) {
  c_api_begin();
  acre_usage nothing = acre_pool_usage(NULL);
  CHECK(nothing.bytes_free == 0 && nothing.bytes_overhead == 0);
  CHECK(acre_pool_allocate(NULL) == NULL && acre_pool_walk(NULL, NULL, NULL) == 0);
  CHECK(acre_pool_free(NULL, c_api_memory) == ACRE_NOT_INITIALISED);
  CHECK(acre_pool_validate(NULL) == ACRE_NOT_INITIALISED);
  CHECK(acre_pool_destroy(NULL) == ACRE_NOT_INITIALISED);
  CHECK(!acre_pool_owns(NULL, c_api_memory) && acre_pool_usable_size(NULL) == 0);
  CHECK(c_api_faults == 0);
  if (!c_api_checked) {
    return NULL; /* what is no handle is not found */
  }

  /* Of another kind, in the middle of one, of something else, and destroyed. */
  acre_pool* pool = NULL;
  CHECK(acre_pool_create(&pool, c_api_memory, sizeof c_api_memory, 32, 0, NULL) == ACRE_OK);
  CHECK(acre_heap_allocate((acre_heap*)pool, 8) == NULL && c_api_faults == 1);
  CHECK(c_api_last_fault.code == ACRE_FOREIGN_POINTER && c_api_last_fault.address == pool);
  CHECK(acre_arena_reset((acre_arena*)pool) == ACRE_FOREIGN_POINTER && c_api_faults == 2);
  void* const inside = (unsigned char*)pool + 1;
  CHECK(acre_pool_validate(inside) == ACRE_FOREIGN_POINTER && c_api_faults == 3);
  void* const behind = (unsigned char*)pool + 2 * sizeof(void*);
  CHECK(acre_pool_allocate(behind) == NULL && c_api_faults == 4);
  CHECK(acre_pool_destroy(pool) == ACRE_OK && c_api_faults == 4);
  CHECK(acre_pool_allocate(pool) == NULL && c_api_faults == 5);
  CHECK(acre_pool_destroy(pool) == ACRE_FOREIGN_POINTER && c_api_faults == 6);
  CHECK(acre_pool_create(&pool, c_api_memory, sizeof c_api_memory, 32, 0, NULL) == ACRE_OK);
  CHECK(acre_pool_allocate(pool) != NULL);
  return NULL;
}

const char* c_api_locking(void) {
  c_api_begin();
  acre_heap* heap = NULL;
  const acre_lock no_unlock = {c_api_locks.lock, NULL, NULL, NULL};
  const acre_lock no_lock = {NULL, c_api_locks.unlock, NULL, NULL};
  CHECK(acre_heap_create(&heap, c_api_memory, sizeof c_api_memory, &no_lock) ==
        ACRE_INVALID_ARGUMENT);
  CHECK(acre_heap_create(&heap, c_api_memory, sizeof c_api_memory, &no_unlock) ==
        ACRE_INVALID_ARGUMENT);
  CHECK(heap == NULL);
  CHECK(acre_heap_create(&heap, c_api_memory, sizeof c_api_memory, &c_api_locks) == ACRE_OK);
  const unsigned before = c_api_lock.taken;
  void* const block = acre_heap_allocate(heap, 40);
  CHECK(block != NULL && c_api_lock.taken == before + 1 && c_api_lock.locked == 0);
  CHECK(acre_heap_free(heap, block) == ACRE_OK);
  CHECK(c_api_lock.taken == before + 2 && c_api_lock.locked == 0);
  CHECK(acre_heap_validate(heap) == ACRE_OK && c_api_lock.taken == before + 3);
  if (c_api_checked) { /* a handle is looked at without the lock */
    CHECK(acre_pool_allocate((acre_pool*)heap) == NULL && c_api_lock.taken == before + 3);
  }
  if (c_api_fully_checked) {
    c_api_lock.allowed = false;
    c_api_faults = 0;
    CHECK(acre_heap_validate(heap) == ACRE_WRONG_CONTEXT && acre_heap_allocate(heap, 1) == NULL);
    CHECK(c_api_faults == 2 && c_api_last_fault.code == ACRE_WRONG_CONTEXT);
    CHECK(c_api_lock.taken == before + 3);
  }
  return NULL;
}
