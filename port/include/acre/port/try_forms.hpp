// SPDX-License-Identifier: MIT
// try_forms: containers that answer when there is no room, instead of throwing or ending the program.
//
//   if (!acre::try_push_back(samples, x)) { ... }        // the same with -fno-exceptions
//
// After a form has answered false the container is as it was, no argument was moved from, and nothing was
// thrown. With exceptions, that is for any allocator: a form catches std::bad_alloc, for which the
// standard promises just that. Without, no container can be stopped half-way. So the form takes the
// blocks that the container is going to ask for beforehand, and the container has to be on a `prepaid`
// (try_allocator<T>) from which it then gets them. What it asks for is known for libstdc++ and libc++
// (node_layout.hpp).
//
// What an element's own constructor allocates is its own affair; exceptions of elements pass through.
// Cost: as the container's function; without exceptions also a call of prepaid for each block.
#pragma once

#include <algorithm>
#include <deque>
#include <forward_list>
#include <functional>
#include <initializer_list>
#include <list>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <acre/detail/abi.hpp>
#include <acre/port/node_layout.hpp>
#include <acre/port/prepaid.hpp>

namespace acre::inline ACRE_ABI {

/// What try_emplace and try_insert did. False iff there was no room. `position` is the element, new or
/// (where keys are unique) the one that was there; `inserted` says which.
template <class Iterator>
struct try_result {
  Iterator position{};
  bool inserted = false;
  status outcome = status::exhausted;

  explicit operator bool() const noexcept {
    return outcome == status::ok;
  }
};

namespace detail {

#if defined(__cpp_exceptions)

/// Runs `operation`; false iff there was no room.
template <class Alloc, class Operation>
bool attempt(const Alloc&, std::initializer_list<layout>, Operation&& operation) {
  try {
    operation();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

#else

template <class Alloc>
struct prepaid_in {
  static_assert(sizeof(Alloc) == 0,
                "without exceptions, a container that try_ forms are for has to be on a prepaid: "
                "give it acre::try_allocator<T>");
};
template <class T, class Memory>
struct prepaid_in<std_allocator<T, direct_ref<prepaid<Memory>>>> {
  static prepaid<Memory>& of(const std_allocator<T, direct_ref<prepaid<Memory>>>& alloc) noexcept {
    return alloc.handle().get();
  }
};

/// Runs `operation` with `blocks` paid for; those of size 0 are none. False, and it was not run, iff
/// there was no room.
template <class Alloc, class Operation>
bool attempt(const Alloc& alloc, std::initializer_list<layout> blocks, Operation&& operation) {
  auto& paid = prepaid_in<Alloc>::of(alloc);
  const bool room = std::all_of(blocks.begin(), blocks.end(), [&](const layout& block) {
    return block.size == 0 || paid.pay(block);
  });
  if (room) {
    operation();
  }
  paid.refund();
  return room;
}

#endif

#if defined(__cpp_exceptions)
inline constexpr bool has_exceptions = true;
#else
inline constexpr bool has_exceptions = false;
#endif

inline constexpr layout no_block{0, 1};

template <class Container>
concept contiguous = requires(Container& c) {
  c.capacity();
  c.reserve(size_t{1});
};
template <class Container>
concept hashed = requires(Container& c) {
  c.bucket_count();
  c.rehash(size_t{1});
};

template <class Container>
struct is_deque : std::false_type {};
template <class T, class Alloc>
struct is_deque<std::deque<T, Alloc>> : std::true_type {};
template <class Container>
struct is_vector_of_bool : std::false_type {};
template <class Alloc>
struct is_vector_of_bool<std::vector<bool, Alloc>> : std::true_type {};

/// The block of one more element of a container of nodes. A deque's are its library's secret.
template <class Container>
constexpr layout node_of_one() noexcept {
  if constexpr (is_deque<Container>::value) {
    static_assert(
        has_exceptions || sizeof(Container) == 0,
        "without exceptions there are no try_ forms for std::deque: what it asks for is unknown");
    return no_block;
  } else {
    return node_layout<Container>;
  }
}

/// A capacity that reserve() takes as it is, of at least `count`: a string doubles its capacity at least,
/// and has a terminator; libc++ rounds both to 16 bytes.
template <class T, class Alloc>
size_t exact_capacity(const std::vector<T, Alloc>&, size_t count) noexcept {
  return count;
}
template <class Char, class Traits, class Alloc>
size_t exact_capacity(const std::basic_string<Char, Traits, Alloc>& s, size_t count) noexcept {
  return (std::max(count, 2 * s.capacity()) + 16) / 16 * 16 - 1;
}
template <class T, class Alloc>
layout array_for(const std::vector<T, Alloc>&, size_t capacity) noexcept {
  return layout::array_of<T>(capacity);
}
template <class Char, class Traits, class Alloc>
layout array_for(const std::basic_string<Char, Traits, Alloc>&, size_t capacity) noexcept {
  return layout::array_of<Char>(capacity + 1);
}

/// The least number of buckets from `wanted` on that rehash() takes as it is.
template <class Container>
size_t exact_buckets(const Container& c, size_t wanted) {
#if defined(__GLIBCXX__)
  // Prime numbers, from a table of the library.
  return std::__detail::_Prime_rehash_policy(c.max_load_factor())._M_next_bkt(wanted);
#else
  static_cast<void>(c);
  size_t buckets = 16;  // libc++ leaves a power of two alone
  while (buckets < wanted) {
    buckets *= 2;
  }
  return buckets;
#endif
}

/// How many buckets the container has to have for one more element; what it has if that is enough.
template <class Container>
size_t buckets_for_one_more(const Container& c) {
  const double load = static_cast<double>(c.max_load_factor());
  // libstdc++ makes room for 11 when it begins, and when max_load_factor() was called.
  const double elements = static_cast<double>(std::max(c.size() + 1, size_t{11}));
  const size_t now = c.bucket_count();
  if (elements < static_cast<double>(now) * load) {
    return now;
  }
  return exact_buckets(c, std::max(2 * now, static_cast<size_t>(elements / load) + 1));
}

/// As the container's own emplace, or try_emplace where there is one.
template <class Container, class... Args>
auto emplace_into(Container& c, Args&&... args) {
  if constexpr (requires { c.try_emplace(std::forward<Args>(args)...); }) {
    return c.try_emplace(std::forward<Args>(args)...);
  } else if constexpr (requires { c.emplace(std::forward<Args>(args)...).second; }) {
    return c.emplace(std::forward<Args>(args)...);
  } else {
    return std::pair<typename Container::iterator, bool>(c.emplace(std::forward<Args>(args)...),
                                                         true);
  }
}

/// The element whose key, or copy, `first` is, where keys are unique; end() if there is none.
template <class Container, class... Args>
typename Container::iterator present(Container& c, const Args&... args) {
  if constexpr (requires(const typename Container::value_type& v) { c.insert(v).second; } &&
                sizeof...(Args) != 0) {
    const auto& first = std::get<0>(std::tie(args...));
    using type = std::remove_cvref_t<decltype(first)>;
    if constexpr (std::is_same_v<type, typename Container::key_type>) {
      return c.find(first);
    } else if constexpr (std::is_same_v<type, typename Container::value_type>) {
      return c.find(first.first);
    }
  }
  return c.end();
}

}  // namespace detail

/// vector, string: makes the capacity at least `count`.
template <detail::contiguous Container>
[[nodiscard]] bool try_reserve(Container& c, size_t count) {
  static_assert(detail::has_exceptions || !detail::is_vector_of_bool<Container>::value,
                "without exceptions there are no try_ forms for std::vector<bool>");
  if (count <= c.capacity()) {
    return true;
  }
  const size_t capacity = detail::exact_capacity(c, std::min(count, c.max_size()));
  if (count > c.max_size() || capacity > c.max_size()) {
    return false;
  }
  return detail::attempt(c.get_allocator(), {detail::array_for(c, capacity)},
                         [&] { c.reserve(capacity); });
}

namespace detail {

/// Room for `count` elements: twice the capacity or, if that is too much, just as many.
template <contiguous Container>
bool make_room(Container& c, size_t count) {
  return count <= c.capacity() || try_reserve(c, std::max(count, 2 * c.capacity())) ||
         try_reserve(c, count);
}

}  // namespace detail

/// vector, string: the size becomes `count`. New elements are value-initialised.
template <detail::contiguous Container>
[[nodiscard]] bool try_resize(Container& c, size_t count) {
  if (!detail::make_room(c, count)) {
    return false;
  }
  c.resize(count);
  return true;
}

/// string: `text` at the end; it may be a part of the string.
template <class Char, class Traits, class Alloc>
[[nodiscard]] bool try_append(std::basic_string<Char, Traits, Alloc>& s,
                              std::type_identity_t<std::basic_string_view<Char, Traits>> text) {
  const bool inside = !std::less<>()(text.data(), std::as_const(s).data()) &&
                      std::less<>()(text.data(), std::as_const(s).data() + s.size());
  const size_t offset = inside ? static_cast<size_t>(text.data() - std::as_const(s).data()) : 0;
  if (text.size() > s.max_size() - s.size() || !detail::make_room(s, s.size() + text.size())) {
    return false;
  }
  s.append(inside ? std::as_const(s).data() + offset : text.data(), text.size());
  return true;
}

/// Unordered containers: at least `buckets` buckets. Elements are not reserved.
template <detail::hashed Container>
[[nodiscard]] bool try_rehash(Container& c, size_t buckets) {
  if (buckets <= c.bucket_count()) {
    return true;
  }
  if (buckets > SIZE_MAX / 4 / sizeof(void*)) {
    return false;
  }
  const size_t chosen = detail::exact_buckets(c, buckets);
  return detail::attempt(c.get_allocator(), {bucket_array_layout<Container>(chosen)},
                         [&] { c.rehash(chosen); });
}

/// vector, list and deque: one more element at the end, made from `args`, of which some may be in the
/// container. A vector's capacity doubles, as always; where there is no room for that, try_reserve may
/// find some.
template <class Container, class... Args>
[[nodiscard]] bool try_emplace_back(Container& c, Args&&... args) {
  layout block = detail::no_block;
  if constexpr (!detail::contiguous<Container>) {
    block = detail::node_of_one<Container>();
  } else {
    static_assert(detail::has_exceptions || !detail::is_vector_of_bool<Container>::value,
                  "without exceptions there are no try_ forms for std::vector<bool>");
    if (c.size() == c.capacity()) {
      block = detail::array_for(c, std::max(size_t{1}, 2 * c.size()));
    }
  }
  return detail::attempt(c.get_allocator(), {block},
                         [&] { c.emplace_back(std::forward<Args>(args)...); });
}
/// string: one more character.
template <class Char, class Traits, class Alloc>
[[nodiscard]] bool try_emplace_back(std::basic_string<Char, Traits, Alloc>& s,
                                    std::type_identity_t<Char> character) {
  if (!detail::make_room(s, s.size() + 1)) {
    return false;
  }
  s.push_back(character);
  return true;
}
template <class Container>
[[nodiscard]] bool try_push_back(Container& c, const typename Container::value_type& value) {
  return try_emplace_back(c, value);
}
template <class Container>
[[nodiscard]] bool try_push_back(Container& c, typename Container::value_type&& value) {
  return try_emplace_back(c, std::move(value));
}

/// list, forward_list and deque: one more element at the begin.
template <class Container, class... Args>
[[nodiscard]] bool try_emplace_front(Container& c, Args&&... args) {
  return detail::attempt(c.get_allocator(), {detail::node_of_one<Container>()},
                         [&] { c.emplace_front(std::forward<Args>(args)...); });
}
template <class Container>
[[nodiscard]] bool try_push_front(Container& c, const typename Container::value_type& value) {
  return try_emplace_front(c, value);
}
template <class Container>
[[nodiscard]] bool try_push_front(Container& c, typename Container::value_type&& value) {
  return try_emplace_front(c, std::move(value));
}

/// map, set and their multi and unordered kinds: as the container's emplace, or its try_emplace where it
/// has one. Where there is no room, but the first argument is the key, or the element, of one that is
/// there, that is the answer.
template <class Container, class... Args>
[[nodiscard]] auto try_emplace(Container& c, Args&&... args) {
  try_result<typename Container::iterator> result;
  size_t buckets = 0;  // 0: as many as there are
  layout bucket_array = detail::no_block;
  if constexpr (detail::hashed<Container> && !detail::has_exceptions) {
    if (const size_t needed = detail::buckets_for_one_more(c); needed != c.bucket_count()) {
      // The container would look first, and not rehash for nothing.
      result.position = detail::present(c, args...);
      if (result.position != c.end()) {
        result.outcome = status::ok;
        return result;
      }
      buckets = needed;
      bucket_array = bucket_array_layout<Container>(needed);
    }
  }
  const bool room = detail::attempt(c.get_allocator(), {node_layout<Container>, bucket_array}, [&] {
    if constexpr (detail::hashed<Container>) {
      if (buckets != 0) {
        c.rehash(buckets);
      }
    }
    const auto [position, inserted] = detail::emplace_into(c, std::forward<Args>(args)...);
    result = {position, inserted, status::ok};
  });
  if (!room) {
    result.position = detail::present(c, args...);
    result.outcome = result.position != c.end() ? status::ok : status::exhausted;
  }
  return result;
}
template <class Container>
[[nodiscard]] auto try_insert(Container& c, const typename Container::value_type& value) {
  return try_emplace(c, value);
}
template <class Container>
[[nodiscard]] auto try_insert(Container& c, typename Container::value_type&& value) {
  return try_emplace(c, std::move(value));
}

}  // namespace acre
