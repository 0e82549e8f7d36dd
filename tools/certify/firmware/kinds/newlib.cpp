// SPDX-License-Identifier: MIT
// malloc of newlib. The driver builds this twice: newlib-nano has the same entries.
#include "../libc/libc.hpp"

extern "C" {
void* newlib_malloc(size_t size);
void* newlib_memalign(size_t align, size_t size);
void newlib_free(void* block);

// What it calls.
void* newlib__sbrk_r(void*, ptrdiff_t bytes) {
  return acre::certify::region_sbrk(bytes);
}
void newlib___malloc_lock(void*) {}
void newlib___malloc_unlock(void*) {}

// The reentrancy structure; only its first word, errno, is ever touched.
extern uint32_t* newlib__impure_ptr;
}

namespace {

uint32_t reent[4];

}  // namespace

extern "C" {
uint32_t* newlib__impure_ptr = reent;
}

ACRE_LIBC_DATA(newlib_)

namespace acre::certify {

namespace {

void init(void* begin, size_t size) {
  restart_libc(statics, begin, size);
}

void* allocate_aligned(size_t size, size_t align) {
  return newlib_memalign(align, size);
}

}  // namespace

void each_subject(visitor visit) {
  subject s = libc_subject(ACRE_CERTIFY_NAME);
  s.init = entry_of(&init);
  s.allocate = entry_of(&newlib_malloc);
  s.allocate_aligned = entry_of(&allocate_aligned);
  s.deallocate = entry_of(&newlib_free);
  visit(s);
}

}  // namespace acre::certify
