// SPDX-License-Identifier: MIT
// try_forms: each form on each kind of container, with memory that runs out at the n-th block for every n. What
// a form does is compared with what the container's own function does to a copy on ordinary memory.
#include <acre/heap.hpp>
#include <acre/port/try_forms.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "port/std_subjects.hpp"

namespace acre::test {

namespace {

/// A heap that serves a number of requests.
class limited {
 public:
  limited() {
    EXPECT_EQ(heap_.init(memory_), status::ok);
  }
  void* allocate(layout wanted) noexcept {
    if (left == 0) {
      return nullptr;
    }
    --left;
    return heap_.allocate(wanted);
  }
  status deallocate(void* block, layout given) noexcept {
    return heap_.deallocate(block, given);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return heap_.owns(p);
  }
  [[nodiscard]] size_t live() const noexcept {
    return heap_.usage().blocks_in_use;
  }

  size_t left = 0;

 private:
  buffer memory_;
  heap<2 * memory_bytes> heap_;
};

/// An element that says when it was moved from, and whose copies say the same.
struct element {
  int value = 0;

  element(int n = 0) noexcept
      : value(n) {}  // NOLINT(google-explicit-constructor): stands for a number
  element(const element&) noexcept = default;
  element(element&& other) noexcept : value(std::exchange(other.value, -1)) {}
  element& operator=(const element&) noexcept = default;
  element& operator=(element&& other) noexcept {
    value = std::exchange(other.value, -1);
    return *this;
  }
  friend auto operator<=>(const element&, const element&) noexcept = default;
};
struct hash_of {
  size_t operator()(const element& e) const noexcept {
    return static_cast<size_t>(e.value) * 0x9E37'79B9U;
  }
};

template <class T>
using on = try_allocator<T>;

template <class C>
auto contents(const C& c) {
  return std::vector<typename C::value_type>(c.begin(), c.end());
}

/// Calls `form`(container, i) for i from 0 on, each with memory for 0, 1, 2 ... blocks until it answers true, and
/// then `plain` on the model. A form that asks for a block that was not paid for ends the program where there are
/// no exceptions, since there is just enough memory.
template <class C, class Model, class Form, class Plain>
void with_every_failure(int steps, Form&& form, Plain&& plain) {
  limited memory;
  prepaid<> paid(memory);
  {
    C c{typename C::allocator_type(paid)};
    Model model;
    for (int i = 0; i < steps; ++i) {
      for (size_t blocks = 0;; ++blocks) {
        ASSERT_LE(blocks, prepaid<>::blocks_max + 1);
        const auto before = contents(c);
        const size_t live = memory.live();
        memory.left = blocks;
        if (form(c, i)) {
          break;
        }
        ASSERT_EQ(contents(c), before);
        ASSERT_EQ(memory.live(), live);
      }
      plain(model, i);
      ASSERT_TRUE(std::equal(c.begin(), c.end(), model.begin(), model.end())) << "after " << i;
    }
  }
  EXPECT_EQ(memory.live(), 0U);
}

constexpr int many = 300;

TEST(try_forms, vector) {
  using C = std::vector<element, on<element>>;
  using model = std::vector<element>;
  with_every_failure<C, model>(
      many, [](C& c, int i) { return try_push_back(c, i); },
      [](model& m, int i) { m.push_back(i); });
  with_every_failure<C, model>(
      many, [](C& c, int i) { return try_emplace_back(c, i); },
      [](model& m, int i) { m.emplace_back(i); });
  with_every_failure<C, model>(
      40, [](C& c, int i) { return try_resize(c, static_cast<size_t>(i * i % 97)); },
      [](model& m, int i) { m.resize(static_cast<size_t>(i * i % 97)); });
  with_every_failure<C, model>(
      many,
      [](C& c, int i) { return try_reserve(c, static_cast<size_t>(i)) && try_push_back(c, i); },
      [](model& m, int i) { m.push_back(i); });
}

TEST(try_forms, an_argument_may_be_in_the_vector) {
  using C = std::vector<element, on<element>>;
  with_every_failure<C, std::vector<element>>(
      many,
      [](C& c, int i) {
        return c.empty() ? try_push_back(c, 7) : try_push_back(c, c[size_t(i) / 2]);
      },
      [](std::vector<element>& m, int i) {
        m.push_back(m.empty() ? element(7) : element(m[size_t(i) / 2]));
      });
}

TEST(try_forms, what_was_not_taken_was_not_moved_from) {
  limited memory;
  prepaid<> paid(memory);
  std::vector<element, on<element>> v{on<element>(paid)};
  std::list<element, on<element>> l{on<element>(paid)};
  std::map<int, element, std::less<>, on<std::pair<const int, element>>> m{
      on<std::pair<const int, element>>(paid)};
  element e = 5;
  EXPECT_FALSE(try_push_back(v, std::move(e)));
  EXPECT_FALSE(try_push_back(l, std::move(e)));
  EXPECT_FALSE(try_push_front(l, std::move(e)));
  EXPECT_FALSE(try_emplace(m, 1, std::move(e)));
  EXPECT_EQ(e.value, 5);
}

TEST(try_forms, string) {
  using C = std::basic_string<char, std::char_traits<char>, on<char>>;
  with_every_failure<C, std::string>(
      many, [](C& c, int i) { return try_push_back(c, static_cast<char>('a' + i % 26)); },
      [](std::string& m, int i) { m.push_back(static_cast<char>('a' + i % 26)); });
  with_every_failure<C, std::string>(
      12, [](C& c, int) { return try_append(c, "0123456789") && try_resize(c, c.size() - 1); },
      [](std::string& m, int) { m.append("0123456789").pop_back(); });
  // A part of itself.
  with_every_failure<C, std::string>(
      10,
      [](C& c, int i) {
        return i == 0 ? try_append(c, "some text") : try_append(c, std::string_view(c).substr(2));
      },
      [](std::string& m, int i) { m.append(i == 0 ? std::string("some text") : m.substr(2)); });
}

TEST(try_forms, wide_string) {
  using C = std::basic_string<char32_t, std::char_traits<char32_t>, on<char32_t>>;
  with_every_failure<C, std::u32string>(
      many, [](C& c, int i) { return try_emplace_back(c, static_cast<char32_t>(i)); },
      [](std::u32string& m, int i) { m.push_back(static_cast<char32_t>(i)); });
}

TEST(try_forms, lists) {
  using C = std::list<element, on<element>>;
  with_every_failure<C, std::list<element>>(
      20, [](C& c, int i) { return i % 2 == 0 ? try_push_back(c, i) : try_emplace_front(c, i); },
      [](std::list<element>& m, int i) { i % 2 == 0 ? m.push_back(i) : m.push_front(i); });
  using F = std::forward_list<element, on<element>>;
  with_every_failure<F, std::forward_list<element>>(
      20, [](F& c, int i) { return try_push_front(c, i); },
      [](std::forward_list<element>& m, int i) { m.push_front(i); });
}

/// Keys that come twice.
int key_of(int i) {
  return i % 3 == 2 ? i - 2 : i * 7 % 64;
}

template <class C, class Model>
void test_set() {
  with_every_failure<C, Model>(
      many, [](C& c, int i) { return try_insert(c, key_of(i)).outcome == status::ok; },
      [](Model& m, int i) { m.insert(key_of(i)); });
}
template <class C, class Model>
void test_map() {
  with_every_failure<C, Model>(
      many, [](C& c, int i) { return bool(try_emplace(c, element(key_of(i)), i)); },
      [](Model& m, int i) { m.emplace(element(key_of(i)), i); });
}

using pair = std::pair<const element, int>;
using order = std::less<element>;
using equal = std::equal_to<element>;

TEST(try_forms, ordered) {
  test_set<std::set<element, order, on<element>>, std::set<element, order>>();
  test_set<std::multiset<element, order, on<element>>, std::multiset<element, order>>();
  test_map<std::map<element, int, order, on<pair>>, std::map<element, int, order>>();
  test_map<std::multimap<element, int, order, on<pair>>, std::multimap<element, int, order>>();
}

// The order of elements is the library's affair, so the model is asked for each key.
template <class C, class Model>
void test_hashed(float load) {
  limited memory;
  prepaid<> paid(memory);
  {
    C c{typename C::allocator_type(paid)};
    c.max_load_factor(load);
    Model model;
    for (int i = 0; i < many; ++i) {
      if (i == many / 2) {
        c.max_load_factor(load);  // libstdc++ forgets when it wanted to rehash
      }
      for (size_t blocks = 0;; ++blocks) {
        ASSERT_LE(blocks, prepaid<>::blocks_max + 1);
        const size_t size = c.size();
        const size_t buckets = c.bucket_count();
        const size_t live = memory.live();
        memory.left = blocks;
        if (try_emplace(c, element(key_of(i)), i)) {
          break;
        }
        ASSERT_EQ(c.size(), size);
        ASSERT_EQ(c.bucket_count(), buckets);
        ASSERT_EQ(memory.live(), live);
      }
      model.emplace(element(key_of(i)), i);
      ASSERT_EQ(c.size(), model.size());
      ASSERT_LE(c.load_factor(), c.max_load_factor());
    }
    for (const auto& [key, value] : model) {
      ASSERT_EQ(c.count(key), model.count(key));
    }
    memory.left = 0;
    EXPECT_FALSE(try_rehash(c, 4000));
    EXPECT_FALSE(try_rehash(c, SIZE_MAX));
    memory.left = 1;
    EXPECT_TRUE(try_rehash(c, 4000));
    EXPECT_GE(c.bucket_count(), 4000U);
    EXPECT_EQ(c.size(), model.size());
  }
  EXPECT_EQ(memory.live(), 0U);
}

TEST(try_forms, hashed) {
  for (const float load : {1.0F, 0.5F, 3.0F}) {
    test_hashed<std::unordered_map<element, int, hash_of, equal, on<pair>>,
                std::unordered_map<element, int, hash_of, equal>>(load);
    test_hashed<std::unordered_multimap<element, int, hash_of, equal, on<pair>>,
                std::unordered_multimap<element, int, hash_of, equal>>(load);
  }
}

TEST(try_forms, a_key_that_is_there_needs_no_room) {
  limited memory;
  prepaid<> paid(memory);
  std::map<element, int, order, on<pair>> m{on<pair>(paid)};
  std::unordered_set<element, hash_of, equal, on<element>> s{on<element>(paid)};
  memory.left = 3;
  ASSERT_TRUE(try_emplace(m, element(1), 10));
  ASSERT_TRUE(try_insert(s, 1));
  memory.left = 0;
  const auto again = try_emplace(m, element(1), 20);
  EXPECT_TRUE(again);
  EXPECT_FALSE(again.inserted);
  EXPECT_EQ(again.position->second, 10);
  EXPECT_TRUE(try_insert(m, pair(1, 30)));
  EXPECT_TRUE(try_insert(s, 1));
  EXPECT_EQ(try_insert(s, 2).outcome, status::exhausted);
}

TEST(try_forms, sizes_that_no_container_has) {
  limited memory;
  prepaid<> paid(memory);
  memory.left = 10;
  std::vector<element, on<element>> v{on<element>(paid)};
  std::basic_string<char, std::char_traits<char>, on<char>> s{on<char>(paid)};
  for (const size_t count : {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 2 / sizeof(element)}) {
    EXPECT_FALSE(try_reserve(v, count));
    EXPECT_FALSE(try_resize(v, count));
    EXPECT_FALSE(try_reserve(s, count));
  }
  EXPECT_EQ(memory.live(), 0U);
  EXPECT_TRUE(try_reserve(v, 0));
}

TEST(prepaid, keeps_two_blocks_and_gives_back_what_nobody_asked_for) {
  limited memory;
  prepaid<> paid(memory);
  memory.left = 3;
  ASSERT_TRUE(paid.pay({64, 8}));
  ASSERT_TRUE(paid.pay({32, 8}));
  EXPECT_FALSE(paid.pay({16, 8}));
  EXPECT_EQ(memory.left, 1U);
  void* const first = paid.allocate({64, 8});
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(memory.left, 1U);
  void* const other = paid.allocate({64, 8});  // no longer paid for
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(memory.left, 0U);
  EXPECT_EQ(paid.allocate({64, 16}), nullptr);  // another layout
  paid.refund();
  EXPECT_EQ(memory.live(), 2U);
  EXPECT_FALSE(paid.pay({32, 8}));
  EXPECT_EQ(paid.deallocate(first, {64, 8}), status::ok);
  EXPECT_EQ(paid.deallocate(other, {64, 8}), status::ok);
  EXPECT_EQ(memory.live(), 0U);
}

#if defined(__cpp_exceptions)
TEST(try_forms, with_exceptions_any_allocator_will_do) {
  limited memory;
  memory.left = 2;  // an empty deque has two
  {
    std::deque<element, std_allocator<element>> d{std_allocator<element>(memory)};
    int taken = 0;
    while (try_push_back(d, taken)) {
      ++taken;
    }
    EXPECT_GT(taken, 10);
    EXPECT_FALSE(try_emplace_front(d, -1));
    EXPECT_EQ(d.size(), static_cast<size_t>(taken));
    EXPECT_EQ(d.back().value, taken - 1);
    memory.left = 2;
    EXPECT_TRUE(try_emplace_front(d, -1));
  }
  EXPECT_EQ(memory.live(), 0U);
}

TEST(try_forms, exceptions_of_elements_pass_through) {
  struct thrower {
    explicit thrower(bool now) {
      if (now) {
        throw 5;
      }
    }
  };
  limited memory;
  memory.left = 10;
  prepaid<> paid(memory);
  std::list<thrower, on<thrower>> l{on<thrower>(paid)};
  EXPECT_THROW(static_cast<void>(try_emplace_back(l, true)), int);
  EXPECT_EQ(memory.live(), 0U);
}
#endif

}  // namespace
}  // namespace acre::test
