/* SPDX-License-Identifier: MIT
 * What the tests in C are made of. GoogleTest is C++, so each is a function that answers null, or what did not
 * hold and where. */
#pragma once

#include <acre.h>

#define C_API_TEXT_OF(x) #x
#define C_API_TEXT(x) C_API_TEXT_OF(x)
#define CHECK(condition)                                        \
  do {                                                          \
    if (!(condition)) {                                         \
      return __FILE__ ":" C_API_TEXT(__LINE__) ": " #condition; \
    }                                                           \
  } while (0)

/* Whether misuse is found in this build, and calls from the wrong context. */
extern bool c_api_checked;
extern bool c_api_fully_checked;

/* Where the allocators lie that are tested. */
enum { c_api_memory_bytes = 4096 };
extern unsigned char c_api_memory[c_api_memory_bytes];

/* What the fault hook has been told. */
extern unsigned c_api_faults;
extern acre_fault c_api_last_fault;

/* Counts; locked is how often more than unlocked. */
typedef struct c_api_lock_state {
  unsigned locked;
  unsigned taken;
  bool allowed;
} c_api_lock_state;
extern c_api_lock_state c_api_lock;
extern const acre_lock c_api_locks;

/* Forgets faults and locks, and installs the hook. */
void c_api_begin(void);
