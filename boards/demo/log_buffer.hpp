// SPDX-License-Identifier: MIT
// log_buffer: text that waits to be written to flash, in a buffer that doubles as it fills. This is
// what a buddy allocator is for: the sizes are powers of two, and whoever is quiet holds little.
#pragma once

#include <stddef.h>

namespace demo {

class log_buffer {
 public:
  constexpr log_buffer() noexcept = default;
  log_buffer(const log_buffer&) = delete;
  log_buffer& operator=(const log_buffer&) = delete;
  ~log_buffer() noexcept {
    flush();
  }

  /// Adds at most log_bytes_min characters. Where the buffer can't grow it is flushed and begins
  /// again, so that no text is lost as long as there is memory for the smallest buffer.
  void append(const char* text, size_t length) noexcept;

  /// Writes the text out, and gives the buffer back.
  void flush() noexcept;

 private:
  enum class growth { done, at_maximum, no_memory };
  [[nodiscard]] growth grow() noexcept;

  char* text_ = nullptr;
  size_t used_ = 0;
  size_t capacity_ = 0;
};

}  // namespace demo
