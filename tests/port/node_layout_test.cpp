// SPDX-License-Identifier: MIT
// node_layout against what containers really ask their allocator for.
#include <acre/port/node_layout.hpp>

#include <acre/heap.hpp>
#include <acre/port/std_allocator.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace acre::test {

namespace {

/// A handle that writes down every request.
class recording {
 public:
  explicit recording(heap<>& target, std::vector<layout>& requests) noexcept
      : target_(&target), requests_(&requests) {}

  [[nodiscard]] void* allocate(layout wanted) const noexcept {
    requests_->push_back(wanted);
    return target_->allocate(wanted);
  }
  status deallocate(void* block, layout given) const noexcept {
    return target_->deallocate(block, given);
  }
  [[nodiscard]] const void* target() const noexcept {
    return target_;
  }
  [[maybe_unused]] friend bool operator==(const recording&, const recording&) noexcept = default;

 private:
  heap<>* target_;
  std::vector<layout>* requests_;
};

template <class T>
using recorder = std_allocator<T, recording>;

template <size_t Size, size_t Align>
struct alignas(Align) object {
  unsigned char bytes[Size];

  object(int n = 0) noexcept
      : bytes{} {  // NOLINT(google-explicit-constructor): stands for a number
    bytes[0] = static_cast<unsigned char>(n);
  }
  friend bool operator==(const object& a, const object& b) noexcept {
    return a.bytes[0] == b.bytes[0];
  }
  friend bool operator<(const object& a, const object& b) noexcept {
    return a.bytes[0] < b.bytes[0];
  }
};

/// One whose hash is dear and may throw, so that libraries keep it in the node, and one whose is not.
template <bool Fast>
struct hash_of {
  template <class T>
  size_t operator()(const T& o) const noexcept(Fast) {
    if constexpr (requires { o.bytes; }) {
      return o.bytes[0];
    } else {
      return static_cast<size_t>(o);
    }
  }
};

class node_layout_of : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(heap_.init(memory_), status::ok);
  }

  /// Fills a container with a recording allocator, whose plain kind is Plain, and compares.
  template <class Plain, class Recorded>
  void check(Recorded c) {
    constexpr layout node = node_layout<Plain>;
    static_assert(node.valid() && node == node_layout<Recorded>);
    static_assert(node_pool<Plain>::block_bytes == node_bytes<Plain>);
    constexpr int count = 40;
    // Buckets first and by themselves: an array of them can be as large as a node.
    if constexpr (requires { c.bucket_count(); }) {
      requests_.clear();
      c.reserve(count);
      ASSERT_EQ(requests_.size(), 1U);
      EXPECT_EQ(requests_[0], bucket_array_layout<Plain>(c.bucket_count()));
    }
    requests_.clear();
    for (int i = 0; i < count; ++i) {
      if constexpr (requires { typename Plain::mapped_type; }) {
        c.emplace(i, i);
      } else if constexpr (requires { typename Plain::key_type; }) {
        c.emplace(i);
      } else {
        c.emplace_front(i);
      }
    }
    EXPECT_EQ(requests_, std::vector<layout>(count, node)) << node.size << ' ' << node.align;
    ++checked_;
  }

  template <class K, class V>
  void check_maps() {
    using pair = std::pair<const K, V>;
    using less = std::less<K>;
    using equal = std::equal_to<K>;
    const recorder<pair> r(from_);
    check<std::map<K, V>>(std::map<K, V, less, recorder<pair>>(r));
    check<std::multimap<K, V>>(std::multimap<K, V, less, recorder<pair>>(r));
    check_hashed_maps<K, V, hash_of<true>, equal>(r);
    check_hashed_maps<K, V, hash_of<false>, equal>(r);
  }
  template <class K, class V, class H, class E, class R>
  void check_hashed_maps(R r) {
    check<std::unordered_map<K, V, H, E>>(std::unordered_map<K, V, H, E, R>(1, H(), E(), r));
    check<std::unordered_multimap<K, V, H, E>>(
        std::unordered_multimap<K, V, H, E, R>(1, H(), E(), r));
  }

  template <class T>
  void check_others() {
    using less = std::less<T>;
    using equal = std::equal_to<T>;
    const recorder<T> r(from_);
    check<std::list<T>>(std::list<T, recorder<T>>(r));
    check<std::forward_list<T>>(std::forward_list<T, recorder<T>>(r));
    check<std::set<T>>(std::set<T, less, recorder<T>>(r));
    check<std::multiset<T>>(std::multiset<T, less, recorder<T>>(r));
    check_hashed_sets<T, hash_of<true>, equal>(r);
    check_hashed_sets<T, hash_of<false>, equal>(r);
  }
  template <class T, class H, class E, class R>
  void check_hashed_sets(R r) {
    check<std::unordered_set<T, H, E>>(std::unordered_set<T, H, E, R>(1, H(), E(), r));
    check<std::unordered_multiset<T, H, E>>(std::unordered_multiset<T, H, E, R>(1, H(), E(), r));
  }

  template <class T>
  void check_shared() {
    requests_.clear();
    const auto p = std::allocate_shared<T>(recorder<T>(from_), T(1));
    const auto q = std::allocate_shared<const T>(recorder<char>(from_), T(1));
    ASSERT_EQ(requests_.size(), 2U);
    constexpr layout first = shared_layout<T, recorder<T>>;
    constexpr layout second = shared_layout<const T, recorder<char>>;
    EXPECT_EQ(requests_[0], first);
    EXPECT_EQ(requests_[1], second);
  }

  static_region<65536> memory_;
  heap<> heap_;
  std::vector<layout> requests_;
  recording from_{heap_, requests_};
  int checked_ = 0;
};

TEST_F(node_layout_of, maps_is_what_they_ask_for) {
  check_maps<int, int>();
  check_maps<char, char>();
  check_maps<int64_t, char>();
  check_maps<char, int64_t>();
  check_maps<object<1, 1>, object<3, 1>>();
  check_maps<object<3, 1>, object<100, 4>>();
  check_maps<object<7, 1>, object<16, 16>>();
  check_maps<int, object<64, 64>>();
  check_maps<object<200, 8>, object<1, 1>>();
  check_maps<short, double>();
  EXPECT_EQ(checked_, 60);
}

TEST_F(node_layout_of, lists_and_sets_is_what_they_ask_for) {
  check_others<int>();
  check_others<char>();
  check_others<int64_t>();
  check_others<object<1, 1>>();
  check_others<object<3, 1>>();
  check_others<object<17, 1>>();
  check_others<object<16, 16>>();
  check_others<object<96, 32>>();
  check_others<object<64, 64>>();
  check_others<object<250, 2>>();
  EXPECT_EQ(checked_, 80);
}

TEST_F(node_layout_of, a_shared_object_is_what_it_asks_for) {
  check_shared<int>();
  check_shared<char>();
  check_shared<object<3, 1>>();
  check_shared<object<100, 4>>();
  check_shared<object<64, 64>>();
}

TEST_F(node_layout_of, a_string_key_with_the_standard_hash_is_what_it_asks_for) {
  using pair = std::pair<const std::string, int>;
  requests_.clear();
  std::unordered_map<std::string, int, std::hash<std::string>, std::equal_to<std::string>,
                     recorder<pair>>
      c(1, std::hash<std::string>(), std::equal_to<std::string>(), recorder<pair>(from_));
  c.emplace("key", 1);
  constexpr layout node = node_layout<std::unordered_map<std::string, int>>;
  EXPECT_EQ(std::count(requests_.begin(), requests_.end(), node), 1);
}

TEST_F(node_layout_of, a_pool_of_that_size_serves_exactly_as_many_elements) {
  using map = std::map<int, double>;
  using pair = std::pair<const int, double>;
  using nodes = node_pool<map>;
  static static_region<nodes::required_bytes(25)> memory;
  nodes pool;
  ASSERT_EQ(pool.init(memory), status::ok);
  {
    std::map<int, double, std::less<>, std_allocator<pair, direct_ref<nodes>>> c(pool);
    for (int i = 0; i < 25; ++i) {
      c.emplace(i, i);
    }
    EXPECT_EQ(pool.usage().blocks_in_use, 25U);
    EXPECT_EQ(pool.largest_free(), 0U);
  }
  EXPECT_EQ(pool.usage().blocks_in_use, 0U);
}

}  // namespace

}  // namespace acre::test
