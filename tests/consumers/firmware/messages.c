/* SPDX-License-Identifier: MIT
 * The part of the firmware that is C. */
#include <acre.h>

int use_messages(void);

static unsigned char memory[ACRE_POOL_BYTES(24, 8)];

int use_messages(void) {
  acre_pool* messages = NULL;
  if (acre_pool_create(&messages, memory, sizeof memory, 24, 0, NULL) != ACRE_OK) {
    return 3;
  }
  void* const message = acre_pool_allocate(messages);
  return message != NULL && acre_pool_free(messages, message) == ACRE_OK ? 0 : 4;
}
