// SPDX-License-Identifier: MIT
// pmr_resource over every kind of allocator, and pmr_source, the other way round.
#include <acre/port/pmr_resource.hpp>
#include <acre/port/pmr_source.hpp>
#include <acre/port/workspace.hpp>
#include <acre/stack.hpp>

#include "port/std_subjects.hpp"
#include "support/fault_recorder.hpp"

#include <array>
#include <list>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace acre::test {

namespace {

void use(std::pmr::memory_resource& resource) {
  std::pmr::vector<int> vector(&resource);
  std::pmr::list<std::pmr::string> list(&resource);
  std::pmr::map<int, std::pmr::string> map(&resource);
  std::pmr::unordered_map<int, int> hashed(&resource);
  for (int i = 0; i < 200; ++i) {
    vector.push_back(i);
    list.emplace_back("a string that is too long to be kept inside itself");
    map.emplace(i, "another string that is too long to be kept inside itself");
    hashed.emplace(i, i);
  }
  EXPECT_EQ(list.front().get_allocator().resource(), &resource);
  EXPECT_EQ(vector[199] + hashed.at(199) + static_cast<int>(map.size()), 598);
}

TEST(pmr_resource, serves_containers_from_every_kind_of_memory) {
  each_memory<allocator_ref>([](auto& a, auto&) {
    pmr_resource resource(a.handle());
    use(resource);
    EXPECT_EQ(a.validate(), status::ok);
    if (a.frees()) {
      EXPECT_EQ(a.blocks_in_use(), 0U);
    }
  });
}

template <class A>
class pmr_resource_of : public testing::Test {};

using every_allocator = testing::Types<pool<4096>, heap<1048576>, buddy<>, slab<>, arena<>>;
TYPED_TEST_SUITE(pmr_resource_of, every_allocator);

TYPED_TEST(pmr_resource_of, each_allocator_is_aligned_and_gives_back) {
  buffer memory;
  TypeParam allocator;
  ASSERT_EQ(allocator.init(memory), status::ok);
  pmr_resource resource(allocator);
  static_assert(std::is_same_v<decltype(resource), pmr_resource<TypeParam>>);
  for (size_t align = 1; align <= default_alignment; align *= 2) {
    void* block = resource.allocate(48, align);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % align, 0U);
    EXPECT_TRUE(allocator.owns(block));
    resource.deallocate(block, 48, align);
  }
  if (!std::is_same_v<TypeParam, arena<>>) {
    EXPECT_EQ(allocator.usage().blocks_in_use, 0U);
  }
}

TEST(pmr_resource, gives_a_stack_back_in_order) {
  static_region<4096> memory;
  stack<> scratch;
  ASSERT_EQ(scratch.init(memory), status::ok);
  pmr_resource resource(scratch);
  {
    std::pmr::vector<int> outer(100, &resource);
    std::pmr::vector<int> inner(100, &resource);
    EXPECT_EQ(scratch.usage().blocks_in_use, 2U);
  }
  EXPECT_EQ(scratch.usage().blocks_in_use, 0U);
}

TEST(pmr_resource, tells_the_fault_hook_of_an_order_that_a_stack_refuses) {
  fault_recorder faults;
  static_region<4096> memory;
  stack<> scratch;
  ASSERT_EQ(scratch.init(memory), status::ok);
  pmr_resource resource(scratch);
  void* first = resource.allocate(16, 8);
  void* second = resource.allocate(16, 8);
  resource.deallocate(first, 16, 8);
  EXPECT_EQ(faults.count(status::out_of_order), 1U);
  resource.deallocate(second, 16, 8);
}

TEST(pmr_resource, serves_what_is_composed) {
  buffer small_memory;
  buffer large_memory;
  slab<> small;
  heap<1048576> large;
  ASSERT_EQ(small.init(small_memory), status::ok);
  ASSERT_EQ(large.init(large_memory), status::ok);
  fallback joined(small, large);
  pmr_resource resource(joined);
  use(resource);
  EXPECT_EQ(small.usage().blocks_in_use + large.usage().blocks_in_use, 0U);
  workspace all;
  pmr_resource general(all);
  use(general);
  EXPECT_EQ(all.usage().blocks_in_use, 0U);
}

TEST(pmr_resource, is_equal_iff_it_is_the_same_memory) {
  static_region<4096> memory;
  static_region<4096> other_memory;
  heap<> first;
  heap<> second;
  ASSERT_EQ(first.init(memory), status::ok);
  ASSERT_EQ(second.init(other_memory), status::ok);
  pmr_resource a(first);
  pmr_resource same(first);
  pmr_resource b(second);
  pmr_resource erased{allocator_ref(first)};
  pmr_resource erased_too{allocator_ref(first)};
  EXPECT_TRUE(a.is_equal(a) && a.is_equal(same) && same.is_equal(a));
  EXPECT_FALSE(a.is_equal(b));
  EXPECT_TRUE(erased.is_equal(erased_too));
  EXPECT_FALSE(a.is_equal(erased) || erased.is_equal(a));
  EXPECT_FALSE(a.is_equal(*std::pmr::new_delete_resource()));
  EXPECT_FALSE(std::pmr::new_delete_resource()->is_equal(a));
  EXPECT_FALSE(a.is_equal(*std::pmr::null_memory_resource()));
  // Equal resources take blocks over: the elements stay where they are.
  std::pmr::vector<int> from(100, 7, &a);
  const int* where = from.data();
  std::pmr::vector<int> to(&same);
  to = std::move(from);
  EXPECT_EQ(to.data(), where);
  std::pmr::vector<int> elsewhere(&b);
  elsewhere = std::move(to);
  EXPECT_NE(elsewhere.data(), where);
  EXPECT_EQ(elsewhere.size(), 100U);
}

TEST(pmr_resource, is_the_upstream_of_the_librarys_own_resources) {
  buffer memory;
  heap<1048576> target;
  ASSERT_EQ(target.init(memory), status::ok);
  pmr_resource resource(target);
  {
    std::pmr::unsynchronized_pool_resource pools(&resource);
    use(pools);
    std::pmr::monotonic_buffer_resource bump(&resource);
    use(bump);
    EXPECT_GT(target.usage().blocks_in_use, 0U);
  }
  EXPECT_EQ(target.usage().blocks_in_use, 0U);
}

#if defined(__cpp_exceptions)

TEST(pmr_resource, that_is_exhausted_throws_and_changes_nothing) {
  static_region<1024> memory;
  pool<64> target;
  ASSERT_EQ(target.init(memory), status::ok);
  pmr_resource resource(target);
  EXPECT_THROW(static_cast<void>(resource.allocate(65)), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(resource.allocate(64, 4096)), std::bad_alloc);
  size_t largest = SIZE_MAX;
  asm volatile("" : "+r"(largest));  // compilers warn of the constant
  EXPECT_THROW(static_cast<void>(resource.allocate(largest)), std::bad_alloc);
  EXPECT_EQ(target.usage().blocks_in_use, 0U);
  std::pmr::list<int> list(&resource);
  EXPECT_THROW(
      for (;;) { list.push_back(1); }, std::bad_alloc);
  EXPECT_EQ(list.size(), target.usage().blocks_in_use);
}

TEST(pmr_source, answers_an_empty_region_when_its_resource_throws) {
  pmr_source none(std::pmr::null_memory_resource());
  EXPECT_TRUE(none.acquire(100).empty());
  growing<heap<>, pmr_source> grows;
  grows.source() = none;
  EXPECT_EQ(grows.allocate({100, 8}), nullptr);
}

#else

TEST(pmr_resource, that_is_exhausted_ends_the_program) {
  static_region<1024> memory;
  pool<64> target;
  ASSERT_EQ(target.init(memory), status::ok);
  pmr_resource resource(target);
  EXPECT_DEATH(static_cast<void>(resource.allocate(65)), "");
}

#endif

/// Counts what goes out and comes back.
class counting_resource final : public std::pmr::memory_resource {
 public:
  int out = 0;

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    ++out;
    return std::pmr::new_delete_resource()->allocate(bytes, alignment);
  }
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
    --out;
    std::pmr::new_delete_resource()->deallocate(block, bytes, alignment);
  }
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }
};

TEST(pmr_source, is_where_allocators_grow_from) {
  counting_resource upstream;
  growing<heap<>, pmr_source> grows;
  grows.source() = pmr_source(&upstream, 8192);
  std::array<void*, 100> blocks{};
  for (void*& block : blocks) {
    block = grows.allocate({500, 8});
    ASSERT_NE(block, nullptr);
  }
  EXPECT_GT(upstream.out, 3);
  for (void* block : blocks) {
    EXPECT_EQ(grows.deallocate(block, {500, 8}), status::ok);
  }
  EXPECT_GT(grows.trim(), 0U);
  EXPECT_EQ(upstream.out, 0);
}

}  // namespace

}  // namespace acre::test
