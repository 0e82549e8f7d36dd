// SPDX-License-Identifier: MIT
// story: one line for each notable thing that happens, with the time of the recording in front.
#pragma once

#include <stdint.h>

#include "writer.hpp"

namespace demo {

/// The time of the recording, which is the node's clock.
void set_clock(uint32_t time_ms) noexcept;
[[nodiscard]] uint32_t clock_ms() noexcept;

/// Starts with "  16.1 s  who        "; the caller adds what happened and prints it.
class story_line : public console_line {
 public:
  explicit story_line(const char* who) noexcept;
};

}  // namespace demo
