// SPDX-License-Identifier: MIT
// shared_console: one console for several cores. Each collects its line, and lines are written whole, one
// core at a time. What a core has not ended with a newline is written when it ends the program.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/platform/cores.hpp>
#include <acre/platform/irq.hpp>

namespace acre::platform::detail {

class shared_console {
 public:
  using writer = void (*)(const char* text, size_t length) noexcept;

  /// From any core and context: the handler of an interrupt may write into the line that it interrupts.
  void write(const char* text, size_t length, writer out) noexcept {
    const irq_state state = irq_disable();
    line& mine = lines_[core_id()];
    for (size_t i = 0; i < length; ++i) {
      mine.text[mine.used++] = text[i];
      if (text[i] == '\n' || mine.used == line_bytes) {
        write_line(mine, out);
      }
    }
    irq_restore(state);
  }

  /// Writes what this core has begun, and keeps the console from all others for good.
  void close(writer out) noexcept {
    static_cast<void>(irq_disable());
    acquire();
    line& mine = lines_[core_id()];
    out(mine.text, mine.used);
    mine.used = 0;
  }

 private:
  static constexpr size_t line_bytes = 160;
  struct line {
    size_t used;
    char text[line_bytes];
  };

  void write_line(line& mine, writer out) noexcept {
    acquire();
    out(mine.text, mine.used);
    mine.used = 0;
    __atomic_store_n(&owner_, 0U, __ATOMIC_RELEASE);
  }

  // A core that faults while it writes still gets its report out: it owns the console already.
  void acquire() noexcept {
    const uint32_t me = core_id() + 1;
    uint32_t owner = 0;
    while (!__atomic_compare_exchange_n(&owner_, &owner, me, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED) &&
           owner != me) {
      owner = 0;
    }
  }

  line lines_[core_count] = {};
  uint32_t owner_ = 0;  // core_id() + 1, or 0
};

}  // namespace acre::platform::detail
