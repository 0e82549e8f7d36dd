// SPDX-License-Identifier: MIT
#include "port/library/plugin.hpp"

#include <acre/lockfree_pool.hpp>
#include <acre/port/thread_slabs.hpp>
#include <acre/region.hpp>

namespace acre::test {
namespace {

using shared_pool = lockfree_pool<plugin::block_bytes, checks_basic>;
static_region<shared_pool::required_bytes(plugin::blocks)> memory;
constinit shared_pool pool;
constinit hosted::thread_slabs<plugin::block_bytes, os_source, checks_basic> slabs;

template <auto& Allocator>
constexpr plugin exported{
    []() noexcept { return Allocator.allocate(); },
    [](void* block) noexcept { return Allocator.deallocate(block) == status::ok; },
    []() noexcept { return Allocator.usage().blocks_in_use; },
    []() noexcept {
      if constexpr (requires { Allocator.release_all(); }) {
        Allocator.release_all();
      }
    },
};

}  // namespace

#if defined(_WIN32)
#define ACRE_TEST_EXPORT __declspec(dllexport)
#else
#define ACRE_TEST_EXPORT __attribute__((visibility("default")))
#endif

/// For whoever has loaded the library, once: prepares the pool. Null iff that takes no region.
// Not by an initialised static in this function: the guard of mingw-w64 needs winpthreads, which takes a TLS
// index of the process and gives none back when the library is unloaded.
extern "C" ACRE_TEST_EXPORT const plugin* acre_test_plugin(plugin_kind kind) noexcept {
  if (kind == plugin_kind::slabs) {
    return &exported<slabs>;
  }
  return pool.init(memory) == status::ok ? &exported<pool> : nullptr;
}

}  // namespace acre::test
