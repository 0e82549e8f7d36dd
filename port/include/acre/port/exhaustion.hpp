// SPDX-License-Identifier: MIT
// exhaustion: what happens where a standard interface has no way to answer "no room".
//
// The containers of the standard library take exhaustion for an exception. With exceptions it is one:
// std::bad_alloc. Without (-fno-exceptions) nobody could unwind, so the hook is told, and if it returns the
// program ends by std::abort(). Who must go on asks before.
//
// Compile all of a program that shares containers either with exceptions or without: the standard library's
// own templates differ, too.
#pragma once

#include <cstdlib>
#include <new>

#include <acre/layout.hpp>

namespace acre {

/// Told of a request that could not be served, before std::bad_alloc is thrown or the program ends. In the
/// context of the request, and outside every lock. It may allocate, and it need not return (a reset,
/// longjmp past code that needs no destructor).
using exhaustion_hook = void (*)(layout wanted) noexcept;

/// Installs `hook` (null for none) for the whole process and returns the previous one. Any thread, at any
/// time.
exhaustion_hook set_exhaustion_hook(exhaustion_hook hook) noexcept;

namespace detail {

void tell_exhaustion(layout wanted) noexcept;

#if defined(__cpp_exceptions)
inline constexpr bool exceptions = true;

[[noreturn, gnu::cold, gnu::noinline]] inline void raise_exhaustion(layout wanted) {
  tell_exhaustion(wanted);
  throw std::bad_alloc();
}
#else
inline constexpr bool exceptions = false;

[[noreturn, gnu::cold, gnu::noinline]] inline void raise_exhaustion(layout wanted) {
  tell_exhaustion(wanted);
  std::abort();
}
#endif

/// Blocks that a try_ form has paid for before it lets a container allocate, for this thread. They are asked
/// for only where the allocator itself has no room, so that they cost nothing elsewhere.
class prepaid_blocks {
 public:
  prepaid_blocks() noexcept;
  ~prepaid_blocks() noexcept;
  prepaid_blocks(const prepaid_blocks&) = delete;
  prepaid_blocks& operator=(const prepaid_blocks&) = delete;

  /// Takes a block from `from`, or answers false. `whose` tells allocators apart.
  template <class Handle>
  [[nodiscard]] bool pay(const Handle& from, const void* whose, layout wanted) noexcept {
    void* block = from.allocate(wanted);
    if (block == nullptr) {
      return false;
    }
    blocks_[count_++] = {block, whose, wanted};
    return true;
  }
  /// Gives back what was not needed.
  template <class Handle>
  void give_back(const Handle& to) noexcept {
    for (; count_ > 0; --count_) {
      if (const entry& unused = blocks_[count_ - 1]; unused.block != nullptr) {
        static_cast<void>(to.deallocate(unused.block, unused.size_and_alignment));
      }
    }
  }
  /// A block that was paid for, by any form that is in progress in this thread; null if there is none.
  [[nodiscard, gnu::cold]] static void* take(const void* whose, layout wanted) noexcept;

 private:
  struct entry {
    void* block = nullptr;
    const void* whose = nullptr;
    layout size_and_alignment;
  };

  static constexpr unsigned capacity = 2;  // a node, and an array of buckets
  entry blocks_[capacity];
  unsigned count_ = 0;
  prepaid_blocks* outer_;
};

}  // namespace detail
}  // namespace acre
