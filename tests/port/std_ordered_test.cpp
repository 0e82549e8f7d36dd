// SPDX-License-Identifier: MIT
// Maps and sets over every memory: they do what they do with std::allocator, and every block comes back.
#include <functional>
#include <map>
#include <set>

#include "port/std_containers.hpp"

namespace acre::test {

namespace {

TYPED_TEST(containers, map_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::map<int, wide, std::less<int>, alloc<std::pair<const int, wide>, TypeParam>> c(a.handle());
    std::map<int, wide> model;
    run(c, model, 7, key_step);
  });
}

TYPED_TEST(containers, multimap_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::multimap<int, small, std::less<int>, alloc<std::pair<const int, small>, TypeParam>> c(
        a.handle());
    std::multimap<int, small> model;
    run(c, model, 8, key_step);
  });
}

TYPED_TEST(containers, set_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::set<small, std::less<small>, alloc<small, TypeParam>> c(a.handle());
    std::set<small> model;
    run(c, model, 9, key_step);
  });
}

TYPED_TEST(containers, multiset_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::multiset<wide, std::less<wide>, alloc<wide, TypeParam>> c(a.handle());
    std::multiset<wide> model;
    run(c, model, 10, key_step);
  });
}

}  // namespace

}  // namespace acre::test
