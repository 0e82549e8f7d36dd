// SPDX-License-Identifier: MIT
// fiber (see fiber.hpp) with those of Windows. Windows makes their stacks, and a fiber costs system calls to
// make; so one is made for each stack that is given, is kept there, and jumps back to its beginning where it
// is prepared again.
#pragma once

#define WIN32_LEAN_AND_MEAN
#include <stddef.h>
#include <windows.h>

namespace acre::test::interleavings {

class fiber {
 public:
  static constexpr size_t stack_bytes = 64 * 1024;

  void prepare(unsigned char* stack, void (*entry)()) noexcept {
    auto* const kept = reinterpret_cast<record*>(stack);
    kept->entry = entry;
    if (kept->handle == nullptr) {
      kept->handle = CreateFiberEx(stack_bytes, stack_bytes, 0, &run, kept);
    } else {
      kept->anew = true;
    }
    handle_ = kept->handle;
  }

  void hand_over(fiber& next) noexcept {
    if (handle_ == nullptr) {
      handle_ = IsThreadAFiber() != 0 ? GetCurrentFiber() : ConvertThreadToFiber(nullptr);
    }
    SwitchToFiber(next.handle_);
    // The object that left may be gone by now, with all that ran here.
    auto* const kept = static_cast<record*>(GetFiberData());
    if (kept != nullptr && kept->anew) {
      kept->anew = false;
      __builtin_longjmp(kept->beginning, 1);
    }
  }

  static void arrived(void*) noexcept {}

 private:
  struct record {
    void* handle;
    void (*entry)();
    bool anew;
    void* beginning[5];
  };

  static void CALLBACK run(void* kept) {
    static_cast<void>(__builtin_setjmp(static_cast<record*>(kept)->beginning));
    static_cast<record*>(GetFiberData())->entry();
  }

  void* handle_ = nullptr;
};

}  // namespace acre::test::interleavings
