// SPDX-License-Identifier: MIT
// Which memory a container has after copies, moves and swaps, and what nodes and lists may do between containers.
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "port/std_containers.hpp"

namespace acre::test {

namespace {

// What is compiled here is large, and a direct reference differs from others in nothing that matters here.
template <class Handle>
class memories : public containers<Handle> {};

using memory_handles = testing::Types<allocator_ref, default_memory>;
TYPED_TEST_SUITE(memories, memory_handles);

// --- which memory a container has -----------------------------------------------------------------

template <class C>
C filled(typename C::allocator_type from) {
  C c(from);
  for (int i = 0; i < 20; ++i) {
    if constexpr (requires { typename C::mapped_type; }) {
      c.emplace(i, i);
    } else if constexpr (requires { typename C::key_type; }) {
      c.emplace(i);
    } else {
      c.push_back(static_cast<typename C::value_type>(i));
    }
  }
  return c;
}

/// Copies, moves and swaps between two memories.
template <class C, class S>
void check_memories(S& a, S& b) {
  using A = typename C::allocator_type;
  const A from_a(a.handle());
  const A from_b(b.handle());
  {
    C first = filled<C>(from_a);
    C copy(first);
    EXPECT_TRUE(copy.get_allocator() == from_a);
    C elsewhere(first, from_b);
    EXPECT_TRUE(elsewhere.get_allocator() == from_b && elsewhere == first);
    // A copy is assigned into the memory that the target has.
    C second(from_b);
    second = first;
    EXPECT_TRUE(second.get_allocator() == from_b && second == first);
    // A move takes the memory along, and the elements stay where they are.
    const auto* where = &*first.begin();
    const C same(first);
    second = std::move(first);
    EXPECT_TRUE(second.get_allocator() == from_a && second == same && &*second.begin() == where);
    // Construction with another memory can't take the blocks: elements move one by one.
    C third(std::move(second), from_b);
    EXPECT_TRUE(third.get_allocator() == from_b && third == same);
    EXPECT_TRUE(S::stateless == (&*third.begin() == where));
    // A swap exchanges the memories.
    C fourth(from_a);
    third.swap(fourth);
    EXPECT_TRUE(third.get_allocator() == from_a && third.empty());
    EXPECT_TRUE(fourth.get_allocator() == from_b && fourth == same);
  }
}

TYPED_TEST(memories, every_container_knows_its_memory) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    using S = TypeParam;
    using pair = std::pair<const int, small>;
    check_memories<std::vector<small, alloc<small, S>>>(a, b);
    check_memories<std::deque<small, alloc<small, S>>>(a, b);
    check_memories<std::list<small, alloc<small, S>>>(a, b);
    check_memories<std::basic_string<char32_t, std::char_traits<char32_t>, alloc<char32_t, S>>>(a,
                                                                                                b);
    check_memories<std::set<small, std::less<small>, alloc<small, S>>>(a, b);
    check_memories<std::multiset<small, std::less<small>, alloc<small, S>>>(a, b);
    check_memories<std::map<int, small, std::less<int>, alloc<pair, S>>>(a, b);
    check_memories<std::multimap<int, small, std::less<int>, alloc<pair, S>>>(a, b);
    check_memories<std::unordered_set<small, hash_of, std::equal_to<small>, alloc<small, S>>>(a, b);
    check_memories<std::unordered_map<int, small, hash_of, std::equal_to<int>, alloc<pair, S>>>(a,
                                                                                                b);
  });
}

// --- node handles ---------------------------------------------------------------------------------

template <class C, class S>
void check_nodes(S& a, S& b) {
  using A = typename C::allocator_type;
  C first = filled<C>(A(a.handle()));
  C same(A(a.handle()));
  C other = filled<C>(A(b.handle()));
  const size_t blocks = a.blocks_in_use();
  // Between equal memories a node moves without an allocation.
  auto node = first.extract(7);
  ASSERT_TRUE(node);
  EXPECT_TRUE(node.get_allocator() == first.get_allocator());
  same.insert(std::move(node));
  EXPECT_EQ(same.count(7), 1U);
  EXPECT_EQ(first.count(7), 0U);
  const size_t sizes = first.size() + same.size();
  same.merge(first);
  EXPECT_EQ(first.size() + same.size(), sizes);
  if (!requires { first.bucket_count(); }) {
    EXPECT_EQ(a.blocks_in_use(), blocks);
  }
  // A handle that nobody takes gives the node back to where it is from.
  static_cast<void>(same.extract(8));
  // Handles of different memories can be assigned and swapped: each keeps its own.
  auto of_a = same.extract(9);
  auto of_b = other.extract(9);
  ASSERT_TRUE(of_a && of_b);
  of_a.swap(of_b);
  EXPECT_TRUE(of_a.get_allocator() == other.get_allocator());
  other.insert(std::move(of_a));
  EXPECT_EQ(other.count(9), 1U);
  auto target = other.extract(10);
  target = std::move(of_b);
  EXPECT_TRUE(target.get_allocator() == same.get_allocator());
  same.insert(std::move(target));
  EXPECT_EQ(same.count(9), 1U);
  // Between different memories the node stays and the element moves.
  auto leaving = same.extract(11);
  if constexpr (requires { leaving.mapped(); }) {
    other.emplace(leaving.key() + 100, std::move(leaving.mapped()));
    EXPECT_EQ(other.count(111), 1U);
  } else {
    leaving.value().value += 100;
    other.insert(std::move(leaving.value()));
    EXPECT_EQ(other.count(111), 1U);
  }
}

TYPED_TEST(memories, nodes_move_between_containers_of_one_memory) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    using S = TypeParam;
    using pair = std::pair<const int, small>;
    check_nodes<std::set<small, std::less<small>, alloc<small, S>>>(a, b);
    check_nodes<std::multiset<small, std::less<small>, alloc<small, S>>>(a, b);
    check_nodes<std::map<int, small, std::less<int>, alloc<pair, S>>>(a, b);
    check_nodes<std::multimap<int, small, std::less<int>, alloc<pair, S>>>(a, b);
    check_nodes<std::unordered_set<small, hash_of, std::equal_to<small>, alloc<small, S>>>(a, b);
    check_nodes<std::unordered_map<int, small, hash_of, std::equal_to<int>, alloc<pair, S>>>(a, b);
  });
}

TYPED_TEST(memories, lists_of_one_memory_are_spliced) {
  this->each([](auto& a, [[maybe_unused]] auto& b) {
    using list = std::list<small, alloc<small, TypeParam>>;
    list first = filled<list>(a.handle());
    list second(a.handle());
    const size_t blocks = a.blocks_in_use();
    second.splice(second.end(), first, std::next(first.begin(), 3));
    second.splice(second.begin(), first);
    EXPECT_EQ(second.size(), 20U);
    EXPECT_TRUE(first.empty());
    EXPECT_EQ(a.blocks_in_use(), blocks);
  });
}

}  // namespace

}  // namespace acre::test
