// SPDX-License-Identifier: MIT
// Containers over a cache: what std_allocator, pmr_resource and unique_ptr ask of it, from several threads, and
// handed from one to another.
#include <acre/port/pmr_resource.hpp>
#include <acre/port/std_allocator.hpp>
#include <acre/unique_ptr.hpp>

#include <map>
#include <numeric>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "cache_kinds.hpp"

namespace acre::test {
namespace {

using region_type = heap_region<checks_basic>;
template <class T>
using cached_allocator_of = std_allocator<T, direct_ref<region_type::cache_type>>;

TEST(cache_containers, are_filled_by_one_thread_and_freed_by_another) {
  using words = std::vector<std::string, cached_allocator_of<std::string>>;
  using book = std::map<int, int, std::less<>, cached_allocator_of<std::pair<const int, int>>>;
  region_type subject;
  for (int round = 0; round < 5; ++round) {
    std::vector<book> books;
    std::vector<words> lists;
    for (int t = 0; t < 4; ++t) {
      books.emplace_back(subject.cache);
      lists.emplace_back(subject.cache);
    }
    std::vector<std::thread> crowd;
    for (size_t t = 0; t < 4; ++t) {
      crowd.emplace_back([&, t] {
        for (int i = 0; i < 2000; ++i) {
          books[t][i] = i;
          lists[t].emplace_back("word");
        }
      });
    }
    for (std::thread& one : crowd) {
      one.join();
    }
    crowd.clear();
    for (size_t t = 0; t < 4; ++t) {
      crowd.emplace_back([&books, &lists, from = (t + 1) % 4] {
        const int sum =
            std::accumulate(books[from].begin(), books[from].end(), 0,
                            [](int left, const auto& one) { return left + one.second; });
        EXPECT_EQ(sum, 1999 * 1000);
        books[from].clear();
        words(std::move(lists[from])).clear();
      });
    }
    for (std::thread& one : crowd) {
      one.join();
    }
  }
  EXPECT_GT(subject.cache.counts().hit_rate(), 0.9);
  subject.expect_nothing_lost();
}

TEST(cache_containers, stand_on_it_as_any_allocator_and_as_a_resource) {
  region_type subject;
  {
    std::vector<int, std_allocator<int>> numbers(subject.cache);
    for (int i = 0; i < 10000; ++i) {
      numbers.push_back(i);  // grows past the largest class
    }
    pmr_resource resource(subject.cache);
    std::pmr::unordered_map<int, std::pmr::string> names(&resource);
    for (int i = 0; i < 500; ++i) {
      names[i] = std::pmr::string(static_cast<size_t>(i), 'x', &resource);
    }
    const auto one = make_unique<std::string>(subject.cache, "owned");
    ASSERT_TRUE(one);
    EXPECT_EQ(subject.cache.validate(), status::ok);
    EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), 0), 9999 * 5000);
  }
  subject.expect_nothing_lost();
}

}  // namespace
}  // namespace acre::test
