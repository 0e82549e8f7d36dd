// SPDX-License-Identifier: MIT
// What the compiler refers to for test code (virtual destructors, static objects that have one), and
// firmware for products never does. Nothing here allocates; nothing is destroyed at the end.
#include <stddef.h>

void operator delete(void*) noexcept {
  __builtin_trap();  // fixtures live on the stack: no one deletes one
}
void operator delete(void*, size_t) noexcept {
  __builtin_trap();
}

extern "C" {

void* __dso_handle = nullptr;

[[noreturn]] void __cxa_pure_virtual();
void __cxa_pure_virtual() {
  __builtin_trap();
}

int __cxa_atexit(void (*)(void*), void*, void*);
int __cxa_atexit(void (*)(void*), void*, void*) {
  return 0;
}

int __aeabi_atexit(void*, void (*)(void*), void*);  // Arm's name for the same
int __aeabi_atexit(void*, void (*)(void*), void*) {
  return 0;
}

}  // extern "C"
