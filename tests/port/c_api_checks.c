/* SPDX-License-Identifier: MIT */
#include "c_api_checks.h"

unsigned char c_api_memory[c_api_memory_bytes];
unsigned c_api_faults;
acre_fault c_api_last_fault;
c_api_lock_state c_api_lock;

static void hook(const acre_fault* fault) {
  ++c_api_faults;
  c_api_last_fault = *fault;
}

static uintptr_t lock(void* context) {
  c_api_lock_state* const state = context;
  ++state->locked;
  return ++state->taken;
}
static void unlock(void* context, uintptr_t found) {
  c_api_lock_state* const state = context;
  if (found == state->taken) {
    --state->locked;
  }
}
static bool may_lock(void* context) {
  const c_api_lock_state* const state = context;
  return state->allowed;
}
const acre_lock c_api_locks = {lock, unlock, may_lock, &c_api_lock};

void c_api_begin(void) {
  c_api_faults = 0;
  c_api_lock = (c_api_lock_state){.allowed = true};
  (void)acre_set_fault_hook(hook);
}
