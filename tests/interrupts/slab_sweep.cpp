// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "conformance/slab_cases.hpp"
#include "interrupts/cases.hpp"

#include <acre/slab_cache.hpp>

namespace acre::test::sweep {

namespace {

using classes = size_classes<16, 32, 40>;

template <check_level Level, slab_metadata Metadata>
using slab_under_test = slab<classes, shared<Level>, 128, Metadata>;

template <class Allocator, check_level Level>
struct case_of : shared_case<slab_case<bitmap::narrow, slab_metadata::in_slab, Level>, Allocator> {
  static size_t bytes_in_use(region, const block* live, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; i < count; ++i) {
      sum += Allocator::block_bytes(live[i].request());
    }
    return sum;
  }
};

constexpr layout requests[] = {{40, 8}, {16, 8}, {32, 8}};

template <class A>
constexpr special specials[] = {validates<A>, asks_usage<A>, asks_largest_free<A>};

// Of three slabs; two objects of a, or three out of band, fit into one.
constexpr scenario scenarios[] = {
    {"the first object takes a slab", "", "a", "a"},
    {"the first object takes a slab, and the handler another class", "", "a", "b"},
    {"from a slab with room", "a", "a", "a"},
    {"from a slab with room, and the handler fills it", "b", "b", "bb"},
    {"a slab that was given back", "a0", "a", "b"},
    {"the last slab", "ab", "c", "a"},
    {"none left, and the handler gives", "aaaaaaaaa", "a", "2"},
    {"none left, and the handler gives another class", "abc", "a", "1"},
    {"back, and the slab stays", "aa", "0", "a"},
    {"back, and the slab is given back", "a", "0", "a"},
    {"back into a full slab", "aaa", "0", "a"},
    {"back, and the handler gives the last of it", "bb", "0", "1"},
    {"back, and the handler takes the slab for its class", "abc", "0", "cc"},
    {"validate", "abcab1", "V--", "a"},
    {"usage", "abcab1", "U--", "b"},
    {"largest_free", "abc", "L--", "1"},
};

template <check_level Level, slab_metadata Metadata>
constexpr family family_of(const char* name) {
  using A = slab_under_test<Level, Metadata>;
  return make_family<case_of<A, Level>>(name, A::required_bytes_for_slabs(3), requests, specials<A>,
                                        scenarios);
}

// --- slab_cache: objects that stay constructed

struct object {
  uint32_t words[6] = {1, 2, 3, 4, 5, 6};
  object() noexcept {}
  ~object() noexcept {
    words[0] = 0;
  }
};

/// slab_cache with the names that all allocators have.
struct cache_under_test : slab_cache<object, shared<check_level::basic>, 128> {
  using policies_type = shared<check_level::basic>;

  void* allocate(layout) noexcept {
    return acquire();
  }
  status deallocate(void* block, layout) noexcept {
    return release(static_cast<object*>(block));
  }
  static constexpr size_t block_bytes(layout) noexcept {
    return sizeof(object);
  }
};

constexpr layout object_layout[] = {layout::of<object>()};

constexpr special cache_specials[] = {
    validates<cache_under_test>,
    asks_usage<cache_under_test>,
    {'T', special_kind::looks, true,
     [](void* cache, void*, size_t, size_t) -> uintptr_t {
       return as<cache_under_test>(cache).trim();
     }},
};

constexpr scenario cache_scenarios[] = {
    {"the first object constructs a slab", "", "a", "a"},
    {"from a slab with room", "a", "a", "a"},
    {"the next slab", "aaaa", "a", "aa"},
    {"none left", "aaaaaaaaaaaa", "a", "3"},
    {"back", "aa", "0", "a"},
    {"the last of a slab back", "a", "0", "a"},
    {"trim of one slab", "aaaaa4", "T--", "a"},
    {"trim of all", "aaaaa01234", "T--", "aa"},
    {"trim of nothing", "a", "T--", "0"},
    {"validate", "aaaaa2", "V--", "a"},
    {"usage", "aaaaa2", "U--", "3"},
};

}  // namespace

constexpr family families[] = {
    family_of<check_level::none, slab_metadata::in_slab>("slab, none"),
    family_of<check_level::basic, slab_metadata::in_slab>("slab, basic"),
    family_of<check_level::basic, slab_metadata::out_of_band>("slab out of band, basic"),
    family_of<check_level::full, slab_metadata::in_slab>("slab, full"),
    make_family<case_of<cache_under_test, check_level::basic>>(
        "slab_cache, basic", 384, object_layout, cache_specials, cache_scenarios),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
