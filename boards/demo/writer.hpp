// SPDX-License-Identifier: MIT
// writer: text and numbers into a buffer, and from there to the console. What printf would do, in a
// twentieth of its flash, and without its stack.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace demo {

/// Appends to a buffer that the caller owns; what does not fit is cut off.
class writer {
 public:
  writer(char* buffer, size_t capacity) noexcept : buffer_(buffer), capacity_(capacity) {}

  writer& text(const char* text) noexcept;
  writer& text(const char* text, size_t length) noexcept;
  /// A number, right-aligned in `width`.
  writer& number(size_t value, unsigned width = 0) noexcept;
  /// 2143 with 2 decimals is "21.43"; right-aligned in `width`.
  writer& fixed(int32_t value, unsigned decimals, unsigned width = 0) noexcept;
  /// Text, right-aligned in `width`.
  writer& right(const char* text, unsigned width) noexcept;
  /// Spaces up to column `column`, counted from 0.
  writer& column(size_t column) noexcept;
  /// "3 packets", "1 packet".
  writer& count(size_t value, const char* noun) noexcept;

  [[nodiscard]] const char* begin() const noexcept {
    return buffer_;
  }
  [[nodiscard]] size_t size() const noexcept {
    return used_;
  }

 private:
  char* buffer_;
  size_t capacity_;
  size_t used_ = 0;
};

/// One line for the console.
class console_line : public writer {
 public:
  static constexpr size_t width = 100;

  console_line() noexcept : writer(buffer_, width) {}
  console_line(const console_line&) = delete;
  console_line& operator=(const console_line&) = delete;

  /// Writes the line and its end.
  void print() noexcept;

 private:
  char buffer_[width + 1];  // and the end of the line
};

/// Prints a line of fixed text.
void print_line(const char* text = "") noexcept;

}  // namespace demo
