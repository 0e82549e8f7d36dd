// SPDX-License-Identifier: MIT
// containers: nanoseconds an element of the standard library's containers costs, by where it takes its
// memory from. A name is pattern/memory/elements; one item is one element.
//
//   vector   a new vector, push_back without reserve, and its end
//   list     a new list, push_back, and its end
//   queue    a list of that length: push_back and pop_front
//   map      a new map, keys in random order, then erased in another
//   timers   a map of that length: a key at the end, and the first one goes
//   hash     the same with an unordered_map
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <numeric>
#include <random>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <acre/heap.hpp>
#include <acre/pool.hpp>
#include <acre/port/default_memory.hpp>
#include <acre/port/node_layout.hpp>
#include <acre/port/std_allocator.hpp>
#include <acre/port/workspace.hpp>

namespace bench {

namespace {

using value = std::uint64_t;
using entry = std::pair<const value, value>;

// --- where the memory comes from: get<T>() is an allocator for T -----------------------------------------

struct standard {
  template <class T>
  using allocator = std::allocator<T>;
  template <class T>
  allocator<T> get() {
    return {};
  }
};

struct pmr_pools {
  template <class T>
  using allocator = std::pmr::polymorphic_allocator<T>;
  template <class T>
  allocator<T> get() {
    return &resource;
  }
  std::pmr::unsynchronized_pool_resource resource;
};

/// acre::allocator: the stateless one, behind a lock, for all threads.
struct process_wide {
  template <class T>
  using allocator = acre::allocator<T>;
  template <class T>
  allocator<T> get() {
    return {};
  }
};

struct in_workspace {
  template <class T>
  using allocator = decltype(std::declval<acre::workspace&>().get_allocator<T>());
  template <class T>
  allocator<T> get() {
    return space.get_allocator<T>();
  }
  acre::workspace space;
};

/// An allocator of acre over a region.
template <class A, size_t Bytes>
struct over_region {
  template <class T>
  using allocator = acre::std_allocator<T, acre::direct_ref<A>>;

  over_region() : memory(new unsigned char[Bytes]) {
    if (target.init({memory.get(), Bytes}) != acre::status::ok) {
      std::abort();
    }
  }
  template <class T>
  allocator<T> get() {
    return target;
  }
  std::unique_ptr<unsigned char[]> memory;
  A target;
};

template <class Checks>
using unlocked = acre::policies<acre::no_lock, Checks, acre::no_observer>;

constexpr size_t heap_bytes = size_t{4} << 20;
template <class Checks>
using in_heap = over_region<acre::heap<heap_bytes, unlocked<Checks>, 0>, heap_bytes>;

// --- the containers, with the memory's allocator ---------------------------------------------------------

template <class Memory>
using vector_in = std::vector<value, typename Memory::template allocator<value>>;
template <class Memory>
using list_in = std::list<value, typename Memory::template allocator<value>>;
template <class Memory>
using map_in = std::map<value, value, std::less<>, typename Memory::template allocator<entry>>;
template <class Memory>
using hash_in = std::unordered_map<value, value, std::hash<value>, std::equal_to<>,
                                   typename Memory::template allocator<entry>>;

constexpr size_t most = 10'000;

/// A pool whose blocks are the nodes of `Container`.
template <class Container, class Checks>
using pool_for = acre::node_pool<Container, unlocked<Checks>>;
template <class Container, class Checks>
using in_pool = over_region<pool_for<Container, Checks>,
                            pool_for<Container, Checks>::required_bytes(most + 64)>;

// --- patterns --------------------------------------------------------------------------------------------

std::vector<value> shuffled(size_t count, unsigned seed) {
  std::vector<value> order(count);
  std::iota(order.begin(), order.end(), value{0});
  std::mt19937 generator(seed);
  std::shuffle(order.begin(), order.end(), generator);
  return order;
}

template <class Memory>
void run_vector(benchmark::State& state, size_t count) {
  Memory memory;
  for (auto _ : state) {
    vector_in<Memory> v(memory.template get<value>());
    for (size_t i = 0; i < count; ++i) {
      v.push_back(i);
    }
    benchmark::DoNotOptimize(v.data());
  }
}

template <class Memory>
void run_list(benchmark::State& state, size_t count) {
  Memory memory;
  for (auto _ : state) {
    list_in<Memory> l(memory.template get<value>());
    for (size_t i = 0; i < count; ++i) {
      l.push_back(i);
    }
    benchmark::DoNotOptimize(&l.back());
  }
}

template <class Memory>
void run_queue(benchmark::State& state, size_t count) {
  Memory memory;
  list_in<Memory> l(memory.template get<value>());
  for (size_t i = 0; i < count; ++i) {
    l.push_back(i);
  }
  for (auto _ : state) {
    for (size_t i = 0; i < count; ++i) {
      l.push_back(i);
      l.pop_front();
    }
    benchmark::DoNotOptimize(&l.back());
  }
}

template <class Memory, template <class> class Container>
void run_keys(benchmark::State& state, size_t count) {
  const std::vector<value> in = shuffled(count, 1);
  const std::vector<value> out = shuffled(count, 2);
  Memory memory;
  for (auto _ : state) {
    Container<Memory> c(memory.template get<entry>());
    for (const value key : in) {
      c.emplace(key, key);
    }
    for (const value key : out) {
      c.erase(key);
    }
    benchmark::DoNotOptimize(c.size());
  }
}

template <class Memory>
void run_timers(benchmark::State& state, size_t count) {
  Memory memory;
  map_in<Memory> timers(memory.template get<entry>());
  value now = 0;
  for (; now < count; ++now) {
    timers.emplace_hint(timers.end(), now, now);
  }
  for (auto _ : state) {
    for (const value end = now + count; now < end; ++now) {
      timers.emplace_hint(timers.end(), now, now);
      timers.erase(timers.begin());
    }
    benchmark::DoNotOptimize(timers.size());
  }
}

// --- the table -------------------------------------------------------------------------------------------

using body = void (*)(benchmark::State&, size_t);

void add(const std::string& pattern, const std::string& memory, body run) {
  for (const size_t count : {size_t{100}, most}) {
    benchmark::RegisterBenchmark(
        (pattern + "/" + memory + "/" + std::to_string(count)).c_str(),
        [run, count](benchmark::State& state) {
          run(state, count);
          state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
        });
  }
}

template <class Memory>
void add_all(const std::string& name) {
  add("vector", name, run_vector<Memory>);
  add("list", name, run_list<Memory>);
  add("queue", name, run_queue<Memory>);
  add("map", name, run_keys<Memory, map_in>);
  add("timers", name, run_timers<Memory>);
  add("hash", name, run_keys<Memory, hash_in>);
}

template <class Checks>
void add_pools(const std::string& name) {
  using list_nodes = in_pool<std::list<value>, Checks>;
  using map_nodes = in_pool<std::map<value, value>, Checks>;
  add("list", name, run_list<list_nodes>);
  add("queue", name, run_queue<list_nodes>);
  add("map", name, run_keys<map_nodes, map_in>);
  add("timers", name, run_timers<map_nodes>);
}

void add_benchmarks() {
  add_all<standard>("std::allocator");
  add_all<pmr_pools>("pmr pools");
  add_all<process_wide>("acre::allocator");
  add_all<in_workspace>("workspace");
  add_all<in_heap<acre::checks_none>>("heap none");
  add_all<in_heap<acre::checks_basic>>("heap basic");
  add_pools<acre::checks_none>("pool none");
  add_pools<acre::checks_basic>("pool basic");
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::add_benchmarks();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
