// SPDX-License-Identifier: MIT
#include "csv.hpp"

namespace demo {

bool text_view::equals(const char* literal) const noexcept {
  size_t at = 0;
  while (at < size && literal[at] != '\0' && literal[at] == begin[at]) {
    ++at;
  }
  return at == size && literal[at] == '\0';
}

text_view text_view::take_until(char end) noexcept {
  size_t length = 0;
  while (length < size && begin[length] != end) {
    ++length;
  }
  const text_view head{begin, length};
  const size_t skipped = length < size ? length + 1 : length;
  begin += skipped;
  size -= skipped;
  return head;
}

bool parse_fixed(text_view field, unsigned decimals, int32_t& value) noexcept {
  constexpr int32_t limit =
      1'000'000'000;  // what one more digit would take beyond int32_t is above
  const bool negative = !field.empty() && field.begin[0] == '-';
  size_t at = negative ? 1 : 0;
  if (at == field.size) return false;

  int32_t result = 0;
  bool behind_point = false;
  for (; at < field.size; ++at) {
    const char c = field.begin[at];
    if (c == '.' && !behind_point) {
      behind_point = true;
      continue;
    }
    if (c < '0' || c > '9' || result >= limit / 10) return false;
    if (behind_point && decimals == 0) continue;
    if (behind_point) --decimals;
    result = result * 10 + (c - '0');
  }
  for (; decimals > 0; --decimals) {
    if (result >= limit / 10) return false;
    result *= 10;
  }
  value = negative ? -result : result;
  return true;
}

}  // namespace demo
