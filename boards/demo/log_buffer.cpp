// SPDX-License-Identifier: MIT
#include "log_buffer.hpp"

#include "memory.hpp"
#include "story.hpp"

namespace demo {

void log_buffer::append(const char* text, size_t length) noexcept {
  if (length > log_bytes_min) {
    length = log_bytes_min;
  }
  if (capacity_ - used_ < length) {
    if (const growth result = grow(); result != growth::done) {
      if (result == growth::no_memory) {
        story_line line("logs");
        line.text("no buffer of ").number(2 * capacity_).text(" bytes: flushed early");
        line.print();
      }
      flush();
      if (grow() != growth::done) return;
    }
  }
  for (size_t i = 0; i < length; ++i) {
    text_[used_++] = text[i];
  }
}

log_buffer::growth log_buffer::grow() noexcept {
  const size_t wanted = capacity_ == 0 ? log_bytes_min : 2 * capacity_;
  if (wanted > log_bytes_max) return growth::at_maximum;
  auto* larger = static_cast<char*>(memory.logs.allocate({wanted, alignof(char)}));
  if (larger == nullptr) return growth::no_memory;
  for (size_t i = 0; i < used_; ++i) {
    larger[i] = text_[i];
  }
  memory.logs.deallocate(text_, {capacity_, alignof(char)});
  text_ = larger;
  capacity_ = wanted;
  return growth::done;
}

void log_buffer::flush() noexcept {
  // A product writes text_[0 .. used_) to flash here.
  memory.logs.deallocate(text_, {capacity_, alignof(char)});
  text_ = nullptr;
  used_ = capacity_ = 0;
}

}  // namespace demo
