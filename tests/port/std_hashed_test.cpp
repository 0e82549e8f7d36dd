// SPDX-License-Identifier: MIT
// Unordered containers over every memory: they have what the ordered ones have.
#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "port/std_containers.hpp"

namespace acre::test {

namespace {

/// Order is the library's own affair: a hashed container is compared as a sorted one.
template <class Container, class Model>
void run_hashed(Container& c, Model& model, uint32_t stream) {
  random numbers(stream);
  for (int i = 0; i < 600; ++i) {
    key_step(c, model, numbers);
    if (numbers.one_in(50)) {
      c.rehash(numbers.below(500));
    }
  }
  EXPECT_EQ(c.size(), model.size());
  for (const auto& each : c) {
    if constexpr (requires { each.first; }) {
      EXPECT_EQ(c.count(each.first), model.count(each.first));
    } else {
      EXPECT_EQ(c.count(each), model.count(each));
    }
  }
}

TYPED_TEST(containers, unordered_map_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::unordered_map<int, wide, hash_of, std::equal_to<int>,
                       alloc<std::pair<const int, wide>, TypeParam>>
        c(0, hash_of(), std::equal_to<int>(), a.handle());
    std::map<int, wide> model;
    run_hashed(c, model, 11);
  });
}

TYPED_TEST(containers, unordered_multimap_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::unordered_multimap<int, small, hash_of, std::equal_to<int>,
                            alloc<std::pair<const int, small>, TypeParam>>
        c(0, hash_of(), std::equal_to<int>(), a.handle());
    std::multimap<int, small> model;
    run_hashed(c, model, 12);
  });
}

TYPED_TEST(containers, unordered_set_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::unordered_set<small, hash_of, std::equal_to<small>, alloc<small, TypeParam>> c(
        0, hash_of(), std::equal_to<small>(), a.handle());
    std::set<small> model;
    run_hashed(c, model, 13);
  });
}

TYPED_TEST(containers, unordered_multiset_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::unordered_multiset<small, hash_of, std::equal_to<small>, alloc<small, TypeParam>> c(
        0, hash_of(), std::equal_to<small>(), a.handle());
    std::multiset<small> model;
    run_hashed(c, model, 14);
  });
}

}  // namespace

}  // namespace acre::test
