// SPDX-License-Identifier: MIT
// malloc of picolibc.
#include "../libc/libc.hpp"

extern "C" {
void* picolibc_malloc(size_t size);
void* picolibc_memalign(size_t align, size_t size);
void picolibc_free(void* block);

// What it calls.
void* picolibc_sbrk(ptrdiff_t bytes) {
  return acre::certify::region_sbrk(bytes);
}
extern char picolibc___lock___libc_recursive_mutex[];
char picolibc___lock___libc_recursive_mutex[4];
void picolibc___retarget_lock_acquire_recursive(void*) {}
void picolibc___retarget_lock_release_recursive(void*) {}

// errno is thread-local, and there is no thread: all of its thread's storage is this.
extern thread_local int picolibc_errno;
thread_local int picolibc_errno;
}

ACRE_LIBC_DATA(picolibc_)

namespace {

alignas(8) char thread_storage[32];

}  // namespace

#if defined(__arm__)
extern "C" void* picolibc___aeabi_read_tp() {
  return thread_storage;
}
#endif

namespace acre::certify {

namespace {

void init(void* begin, size_t size) {
#if defined(__riscv)
  __asm__ volatile("mv tp, %0" : : "r"(thread_storage));
#endif
  restart_libc(statics, begin, size);
}

void* allocate_aligned(size_t size, size_t align) {
  return picolibc_memalign(align, size);
}

}  // namespace

void each_subject(visitor visit) {
  subject s = libc_subject("picolibc");
  s.init = entry_of(&init);
  s.allocate = entry_of(&picolibc_malloc);
  s.allocate_aligned = entry_of(&allocate_aligned);
  s.deallocate = entry_of(&picolibc_free);
  s.effort = 32;
  visit(s);
}

}  // namespace acre::certify
