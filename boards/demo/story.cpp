// SPDX-License-Identifier: MIT
#include "story.hpp"

namespace demo {

namespace {

constexpr unsigned time_width = 6;
constexpr size_t text_column = 20;

constinit uint32_t now = 0;

}  // namespace

void set_clock(uint32_t time_ms) noexcept {
  now = time_ms;
}

uint32_t clock_ms() noexcept {
  return now;
}

story_line::story_line(const char* who) noexcept {
  fixed(static_cast<int32_t>(now / 100), 1, time_width).text(" s  ").text(who).column(text_column);
}

}  // namespace demo
