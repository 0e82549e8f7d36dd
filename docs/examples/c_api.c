/* SPDX-License-Identifier: MIT
 * c_api: a pool of messages, a heap and a lock of one's own, in C. */
#include <acre.h>

#include "c_example.h"

typedef struct message {
  unsigned from;
  unsigned char text[24];
} message;

static unsigned char pool_memory[ACRE_POOL_BYTES(sizeof(message), 8)];
static acre_pool* messages;

static void a_pool(void) {
  acre_status made =
      acre_pool_create(&messages, pool_memory, sizeof pool_memory, sizeof(message), 0, NULL);
  EXPECT(made == ACRE_OK);

  message* hello = acre_pool_allocate(messages);
  EXPECT(hello != NULL);
  hello->from = 1;
  EXPECT(acre_pool_free(messages, hello) == ACRE_OK);
}

static unsigned faults;

static void on_fault(const acre_fault* fault) {
  faults += fault->code == ACRE_DOUBLE_FREE;
}

static void a_mistake(void) {
  acre_set_fault_hook(on_fault);
  message* once = acre_pool_allocate(messages);
  EXPECT(acre_pool_free(messages, once) == ACRE_OK);
  EXPECT(acre_pool_free(messages, once) == ACRE_DOUBLE_FREE);
  EXPECT(faults == 1 && acre_pool_validate(messages) == ACRE_OK);
}

/* In firmware these mask interrupts, on hosts they take a mutex. */
static uintptr_t enter(void* context) {
  return (*(unsigned*)context)++;
}
static void leave(void* context, uintptr_t state) {
  *(unsigned*)context = (unsigned)state;
}
static unsigned depth;
static const acre_lock lock = {.lock = enter, .unlock = leave, .context = &depth};

static unsigned char heap_memory[2048];

static void a_heap(void) {
  acre_heap* heap = NULL;
  EXPECT(acre_heap_create(&heap, heap_memory, sizeof heap_memory, &lock) == ACRE_OK);

  char* text = acre_heap_allocate(heap, 20);
  text[0] = 'a';
  text = acre_heap_resize(heap, text, 200);
  EXPECT(text != NULL && text[0] == 'a' && acre_heap_usable_size(heap, text) >= 200);
  EXPECT(acre_heap_allocate(heap, 5000) == NULL); /* exhausted: nothing has changed */
  EXPECT(acre_heap_free(heap, text) == ACRE_OK);
  EXPECT(acre_heap_usage(heap).blocks_in_use == 0 && depth == 0);
}

int acre_main(void);
int acre_main(void) {
  a_pool();
  a_mistake();
  a_heap();
  return example_failures;
}
