// SPDX-License-Identifier: MIT
// Sequences over every memory: they do what they do with std::allocator, and every block comes back.
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <queue>
#include <stack>
#include <vector>

#include "port/std_containers.hpp"

namespace acre::test {

namespace {

constexpr auto sequence_step = [](auto& c, auto& model, random& numbers) {
  const int n = static_cast<int>(numbers.below(1000));
  const size_t at = numbers.below(c.size() + 1);
  const auto distance = static_cast<std::ptrdiff_t>(at);
  if (c.size() < 60 && !numbers.one_in(3)) {
    c.insert(std::next(c.begin(), distance), n);
    model.insert(std::next(model.begin(), distance), n);
  } else if (at < c.size()) {
    c.erase(std::next(c.begin(), distance));
    model.erase(std::next(model.begin(), distance));
  }
  if (numbers.one_in(50)) {
    c.clear();
    model.clear();
  } else if (numbers.one_in(20)) {
    const size_t size = numbers.below(50);
    c.resize(size);
    model.resize(size);
  }
  if constexpr (requires { c.shrink_to_fit(); }) {
    if (numbers.one_in(20)) {
      c.shrink_to_fit();
    }
  }
};

TYPED_TEST(containers, vector_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::vector<small, alloc<small, TypeParam>> c(a.handle());
    std::vector<small> model;
    run(c, model, 1, sequence_step);
  });
}

TYPED_TEST(containers, vector_of_over_aligned_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::vector<wide, alloc<wide, TypeParam>> c(a.handle());
    std::vector<wide> model;
    run(c, model, 2, sequence_step);
  });
}

TYPED_TEST(containers, vector_of_bool_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::vector<bool, alloc<bool, TypeParam>> c(a.handle());
    std::vector<bool> model;
    random numbers(3);
    for (int i = 0; i < 2000; ++i) {
      c.push_back(numbers.one_in(2));
      model.push_back(c.back());
      if (numbers.one_in(100)) {
        c.erase(c.begin(), c.begin() + 7 * static_cast<int>(c.size() / 8));
        model.erase(model.begin(), model.begin() + 7 * static_cast<int>(model.size() / 8));
      }
    }
    c.flip();
    model.flip();
    EXPECT_TRUE(std::equal(c.begin(), c.end(), model.begin(), model.end()));
  });
}

TYPED_TEST(containers, deque_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::deque<small, alloc<small, TypeParam>> c(a.handle());
    std::deque<small> model;
    run(c, model, 4, sequence_step);
    for (int i = 0; i < 1000; ++i) {
      c.push_front(i);
      c.push_back(-i);
      if (i % 3 != 0) {
        c.pop_front();
        c.pop_back();
      }
    }
  });
}

TYPED_TEST(containers, list_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::list<wide, alloc<wide, TypeParam>> c(a.handle());
    std::list<wide> model;
    run(c, model, 5, sequence_step);
    c.sort();
    model.sort();
    c.unique();
    model.unique();
    EXPECT_TRUE(std::equal(c.begin(), c.end(), model.begin(), model.end()));
  });
}

TYPED_TEST(containers, forward_list_is_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    std::forward_list<small, alloc<small, TypeParam>> c(a.handle());
    std::forward_list<small> model;
    run(c, model, 6, [](auto& each, auto& other, random& numbers) {
      const int n = static_cast<int>(numbers.below(1000));
      if (numbers.one_in(3) && !each.empty()) {
        each.pop_front();
        other.pop_front();
      } else {
        each.push_front(n);
        other.push_front(n);
      }
    });
  });
}

TYPED_TEST(containers, adaptors_are_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    using vector = std::vector<small, alloc<small, TypeParam>>;
    using deque = std::deque<small, alloc<small, TypeParam>>;
    std::priority_queue<small, vector> first(std::less<small>(),
                                             alloc<small, TypeParam>(a.handle()));
    std::stack<small, deque> second{alloc<small, TypeParam>(a.handle())};
    std::queue<small, deque> third{alloc<small, TypeParam>(a.handle())};
    for (int i = 0; i < 200; ++i) {
      first.push(i * 7 % 200);
      second.push(i);
      third.push(i);
    }
    for (int i = 0; i < 200; ++i) {
      EXPECT_EQ(first.top().value, 199 - i);
      EXPECT_EQ(second.top().value, 199 - i);
      EXPECT_EQ(third.front().value, i);
      first.pop();
      second.pop();
      third.pop();
    }
  });
}

TYPED_TEST(containers, shared_objects_live_in_the_memory) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    const size_t before = a.blocks_in_use();
    auto p = std::allocate_shared<wide>(alloc<wide, TypeParam>(a.handle()), 42);
    EXPECT_GT(a.blocks_in_use(), before);
    std::weak_ptr<wide> weak = p;
    auto q = p;
    p.reset();
    EXPECT_EQ(q->value, 42);
    q.reset();
    EXPECT_TRUE(weak.expired());
  });
}

TYPED_TEST(containers, containers_of_containers_are_as_ever) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    using inner = std::vector<small, alloc<small, TypeParam>>;
    std::map<int, inner, std::less<int>, alloc<std::pair<const int, inner>, TypeParam>> c(
        a.handle());
    for (int i = 0; i < 50; ++i) {
      auto& row = c.try_emplace(i % 10, a.handle()).first->second;
      row.push_back(i);
    }
    EXPECT_EQ(c.at(3).size(), 5U);
  });
}

}  // namespace

}  // namespace acre::test
