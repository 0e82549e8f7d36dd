// SPDX-License-Identifier: MIT
// fiber (see fiber.hpp) with POSIX's ucontext.
#pragma once

#include <stddef.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#define ACRE_TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ACRE_TEST_ASAN 1
#endif
#endif
#if defined(ACRE_TEST_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace acre::test::interleavings {

class fiber {
 public:
  static constexpr size_t stack_bytes = 64 * 1024;

  void prepare(unsigned char* stack, void (*entry)()) noexcept {
    stack_ = stack;
#if defined(ACRE_TEST_ASAN)
    __asan_unpoison_memory_region(stack, stack_bytes);
#endif
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack;
    context_.uc_stack.ss_size = stack_bytes;
    context_.uc_link = nullptr;
    makecontext(&context_, entry, 0);
  }

  void hand_over(fiber& next) noexcept {
#if defined(ACRE_TEST_ASAN)
    void* shadow = nullptr;
    __sanitizer_start_switch_fiber(&shadow, next.stack_, next.stack_size());
#endif
    swapcontext(&context_, &next.context_);
#if defined(ACRE_TEST_ASAN)
    arrived(shadow);
#endif
  }

#if defined(ACRE_TEST_ASAN)
  /// Where a fiber begins, and after each switch. The first one to leave learns where its stack is from
  /// the first one to arrive elsewhere.
  static void arrived(void* shadow) noexcept {
    const void* bottom = nullptr;
    size_t size = 0;
    __sanitizer_finish_switch_fiber(shadow, &bottom, &size);
    if (host_bottom_ == nullptr) {
      host_bottom_ = bottom;
      host_size_ = size;
    }
  }
#else
  static void arrived(void*) noexcept {}
#endif

 private:
#if defined(ACRE_TEST_ASAN)
  [[nodiscard]] size_t stack_size() noexcept {
    if (stack_ != nullptr) {
      return stack_bytes;
    }
    return host_size_;
  }
  static inline const void* host_bottom_ = nullptr;
  static inline size_t host_size_ = 0;
#endif
  ucontext_t context_{};
  unsigned char* stack_ = nullptr;
};

}  // namespace acre::test::interleavings
