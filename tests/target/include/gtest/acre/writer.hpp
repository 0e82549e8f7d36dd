// SPDX-License-Identifier: MIT
// writer: values as text, to the console or into a buffer. What GoogleTest does with std::ostream.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace testing::internal {

template <class T>
inline constexpr bool is_character_array = false;
template <size_t N>
inline constexpr bool is_character_array<char[N]> = true;
template <class T>
inline constexpr bool is_pointer = false;
template <class T>
inline constexpr bool is_pointer<T*> = true;
template <class A, class B>
inline constexpr bool is_same = false;
template <class A>
inline constexpr bool is_same<A, A> = true;

template <class T>
struct remove_const_type {
  using type = T;
};
template <class T>
struct remove_const_type<const T> {
  using type = T;
};
template <class T>
struct remove_const_type<volatile T> {
  using type = T;
};
template <class T>
struct remove_const_type<const volatile T> {
  using type = T;
};
template <class T>
using remove_const = typename remove_const_type<T>::type;

template <class T>
concept integer = requires(T value, T* pointer, void (*take)(T*)) {
  take(pointer);  // excludes references
  value % 2;      // excludes floating point
  static_cast<unsigned long long>(value);
}
&&!__is_enum(T) && !__is_class(T);

template <class T>
concept floating = requires(T value) {
  value / T(2);
}
&&!integer<T> && !__is_class(T) && !__is_enum(T);

class writer {
 public:
  /// To the console.
  constexpr writer() = default;
  /// Into `buffer`, always terminated, cut off at its end.
  constexpr writer(char* buffer, size_t capacity) : buffer_(buffer), capacity_(capacity) {}

  void write(const char* text, size_t length);
  void text(const char* text);
  void boolean(bool value);
  void number(unsigned long long value);
  void negative(unsigned long long magnitude);
  void address(const void* value);
  void opaque(size_t size);

 private:
  char* buffer_ = nullptr;
  size_t capacity_ = 0;
  size_t used_ = 0;
};

template <class T>
void print(writer& out, const T& value) {
  using plain = remove_const<T>;
  if constexpr (is_character_array<plain> || is_same<plain, const char*> || is_same<plain, char*>) {
    out.text(value);
  } else if constexpr (is_same<plain, decltype(nullptr)>) {
    out.text("nullptr");
  } else if constexpr (is_pointer<plain>) {
    out.address(reinterpret_cast<const void*>(reinterpret_cast<uintptr_t>(value)));
  } else if constexpr (is_same<plain, bool>) {
    out.boolean(value);
  } else if constexpr (is_same<plain, char>) {
    const char character = value;
    out.write(&character, 1);
  } else if constexpr (__is_enum(plain)) {
    print(out, static_cast<__underlying_type(plain)>(value));
  } else if constexpr (integer<plain>) {
    if (value < plain(0)) {
      out.negative(0 - static_cast<unsigned long long>(value));
    } else {
      out.number(static_cast<unsigned long long>(value));
    }
  } else if constexpr (floating<plain>) {  // three decimals, cut off
    const plain magnitude = value < plain(0) ? -value : value;
    const auto thousandths = static_cast<unsigned long long>(magnitude * plain(1000));
    out.text(value < plain(0) ? "-" : "");
    out.number(thousandths / 1000);
    const char digits[] = {'.', static_cast<char>('0' + thousandths / 100 % 10),
                           static_cast<char>('0' + thousandths / 10 % 10),
                           static_cast<char>('0' + thousandths % 10)};
    out.write(digits, sizeof digits);
  } else {
    out.opaque(sizeof value);
  }
}

/// A value and how to print it, so that what reports it need not be a template.
struct printable {
  const void* value;
  void (*print_to)(writer&, const void*);

  template <class T>
  static printable of(const T& value) {
    return {const_cast<const remove_const<T>*>(__builtin_addressof(value)),
            [](writer& out, const void* erased) {
              print(out, *static_cast<const remove_const<T>*>(erased));
            }};
  }
};

}  // namespace testing::internal
