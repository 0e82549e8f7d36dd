// SPDX-License-Identifier: MIT
// Strings of every kind of character over every memory.
#include <string>
#include <string_view>

#include "port/std_containers.hpp"

namespace acre::test {

namespace {

template <class Char, class S>
void check_string(S& memory) {
  using text =
      std::basic_string<Char, std::char_traits<Char>, alloc<Char, typename S::handle_type>>;
  text c(memory.handle());
  std::basic_string<Char> model;
  random numbers(15 + sizeof(Char));
  for (int i = 0; i < 300; ++i) {
    const auto letter = static_cast<Char>('a' + numbers.below(26));
    const size_t at = numbers.below(c.size() + 1);
    if (numbers.one_in(4)) {
      c.erase(at, 30);
      model.erase(at, 30);
    } else {
      const size_t count = numbers.below(20);
      c.insert(at, count, letter);
      model.insert(at, count, letter);
    }
  }
  EXPECT_EQ(std::basic_string_view<Char>(c), std::basic_string_view<Char>(model));
  text sum = c + c;
  EXPECT_EQ(sum.size(), 2 * model.size());
  sum = text(memory.handle());
  sum.shrink_to_fit();
}

TYPED_TEST(containers, strings_of_every_character_are_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    check_string<char>(a);
    check_string<wchar_t>(a);
    check_string<char8_t>(a);
    check_string<char16_t>(a);
    check_string<char32_t>(a);
  });
}

}  // namespace

}  // namespace acre::test
