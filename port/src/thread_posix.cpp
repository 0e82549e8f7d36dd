// SPDX-License-Identifier: MIT
// thread_slot over POSIX: an array in static thread-local storage, a key whose destructor is the hook.
//
// Destructors of keys run behind those of thread_local objects, and up to four times, for values that were
// set meanwhile. We take part once: what comes behind us finds no pointer, and goes without.
#include "thread_platform.hpp"

#include <pthread.h>

namespace acre::inline ACRE_ABI::port::detail {

// The model again: GCC forgets that of the declaration here.
constinit thread_local thread_values values_of_this_thread
    __attribute__((tls_model("initial-exec")));

namespace {

constinit pthread_key_t key = {};
constinit bool fork_is_handled = false;

extern "C" {
static void acre_thread_ends(void* values) {
  end_thread(*static_cast<thread_values*>(values));
}
static void acre_before_fork() {
  before_fork();
}
static void acre_after_fork_in_parent() {
  after_fork(find_values(), false);
}
static void acre_after_fork_in_child() {
  after_fork(find_values(), true);
}
}

}  // namespace

bool install_hooks() noexcept {
  if (!fork_is_handled && pthread_atfork(&acre_before_fork, &acre_after_fork_in_parent,
                                         &acre_after_fork_in_child) != 0) {
    return false;
  }
  fork_is_handled = true;
  return pthread_key_create(&key, &acre_thread_ends) == 0;
}

bool can_be_unloaded() noexcept {
  return true;  // or who can say
}

void remove_hooks() noexcept {
  pthread_key_delete(key);
}

void release_arrays() noexcept {}

thread_values* find_values() noexcept {
  return &values_of_this_thread;
}

void discard_values(thread_values&) noexcept {}

thread_values* make_values() noexcept {
  thread_values& mine = values_of_this_thread;
  return mine.state == thread_values::unknown && pthread_setspecific(key, &mine) == 0 ? &mine
                                                                                      : nullptr;
}

}  // namespace acre::port::detail
