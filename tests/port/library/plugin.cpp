// SPDX-License-Identifier: MIT
#include "port/library/plugin.hpp"

#include <acre/lockfree_pool.hpp>
#include <acre/region.hpp>

namespace acre::test {
namespace {

using shared_pool = lockfree_pool<plugin::block_bytes, checks_basic>;
static_region<shared_pool::required_bytes(plugin::blocks)> memory;
constinit shared_pool pool;

constexpr plugin exported{
    []() noexcept { return pool.allocate(); },
    [](void* block) noexcept { return pool.deallocate(block) == status::ok; },
    []() noexcept { return pool.usage().blocks_in_use; },
};

}  // namespace

#if defined(_WIN32)
#define ACRE_TEST_EXPORT __declspec(dllexport)
#else
#define ACRE_TEST_EXPORT __attribute__((visibility("default")))
#endif

/// For whoever has loaded the library, once: prepares the pool. Null iff it takes no region.
// Not by an initialised static in this function: the guard of mingw-w64 needs winpthreads, which takes a TLS
// index of the process and gives none back when the library is unloaded.
extern "C" ACRE_TEST_EXPORT const plugin* acre_test_plugin() noexcept {
  return pool.init(memory) == status::ok ? &exported : nullptr;
}

}  // namespace acre::test
