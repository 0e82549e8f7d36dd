// SPDX-License-Identifier: MIT
#include "writer.hpp"

#include <acre/platform/console.hpp>

namespace demo {

namespace {

size_t length_of(const char* text) noexcept {
  size_t length = 0;
  while (text[length] != '\0') {
    ++length;
  }
  return length;
}

// The digits of a number, made from the last to the first.
class digits {
 public:
  void put(char c) noexcept {
    buffer_[--first_] = c;
  }
  void put_number(uint32_t value, unsigned least, unsigned point_before) noexcept {
    for (unsigned count = 0; value != 0 || count < least; ++count) {
      if (count == point_before && count != 0) put('.');
      put(static_cast<char>('0' + value % 10));
      value /= 10;
    }
  }
  [[nodiscard]] const char* begin() const noexcept {
    return buffer_ + first_;
  }
  [[nodiscard]] size_t size() const noexcept {
    return sizeof buffer_ - first_;
  }

 private:
  char buffer_[16];  // a sign, ten digits and a point
  size_t first_ = sizeof buffer_;
};

}  // namespace

writer& writer::text(const char* text, size_t length) noexcept {
  for (size_t i = 0; i < length && used_ < capacity_; ++i) {
    buffer_[used_++] = text[i];
  }
  return *this;
}

writer& writer::text(const char* text) noexcept {
  return this->text(text, length_of(text));
}

writer& writer::column(size_t column) noexcept {
  while (used_ < column && used_ < capacity_) {
    buffer_[used_++] = ' ';
  }
  return *this;
}

writer& writer::right(const char* text, unsigned width) noexcept {
  const size_t length = length_of(text);
  return column(used_ + (width > length ? width - length : 0)).text(text, length);
}

writer& writer::number(size_t value, unsigned width) noexcept {
  digits made;
  made.put_number(static_cast<uint32_t>(value), 1, 0);
  column(used_ + (width > made.size() ? width - made.size() : 0));
  return text(made.begin(), made.size());
}

writer& writer::fixed(int32_t value, unsigned decimals, unsigned width) noexcept {
  digits made;
  const auto magnitude = static_cast<uint32_t>(value < 0 ? -value : value);
  made.put_number(magnitude, decimals + 1, decimals);
  if (value < 0) made.put('-');
  column(used_ + (width > made.size() ? width - made.size() : 0));
  return text(made.begin(), made.size());
}

writer& writer::count(size_t value, const char* noun) noexcept {
  return number(value).text(" ").text(noun).text(value == 1 ? "" : "s");
}

void console_line::print() noexcept {
  buffer_[size()] = '\n';
  acre::platform::console_write(buffer_, size() + 1);
}

void print_line(const char* text) noexcept {
  console_line line;
  line.text(text);
  line.print();
}

}  // namespace demo
