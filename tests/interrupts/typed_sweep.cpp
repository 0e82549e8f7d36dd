// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "conformance/pool_cases.hpp"
#include "interrupts/cases.hpp"

#include <acre/object_pool.hpp>

namespace acre::test::sweep {

namespace {

struct object {
  uint32_t words[6];
  explicit object(uint32_t first) noexcept : words{first} {}
  ~object() noexcept {
    words[0] = 0;
  }
};

using objects = object_pool<object, shared<check_level::basic>>;

using objects_case = shared_case<
    pool_case<sizeof(object), objects::block_alignment, check_level::basic, detail::bit_live_map>,
    objects>;

constexpr layout requests[] = {layout::of<object>()};

constexpr special specials[] = {
    validates<objects>,
    asks_usage<objects>,
    {'C', special_kind::takes, true,
     [](void* pool, void*, size_t, size_t) -> uintptr_t {
       return reinterpret_cast<uintptr_t>(as<objects>(pool).create(7U));
     }},
    {'D', special_kind::gives, false,
     [](void* pool, void* block, size_t, size_t) -> uintptr_t {
       return static_cast<uintptr_t>(as<objects>(pool).destroy(static_cast<object*>(block)));
     }},
    {'E', special_kind::looks, true,
     [](void* pool, void*, size_t, size_t) -> uintptr_t {
       uintptr_t live = 0;
       as<objects>(pool).for_each([&live](object&) { ++live; });
       return live;
     }},
};

// Of six objects.
constexpr scenario scenarios[] = {
    {"create", "aa", "C-a", "C-a"},
    {"create from the list", "aaa1", "C-a", "aa"},
    {"create the last", "aaaaa", "C-a", "C-a"},
    {"none left, and the handler destroys", "aaaaaa", "C-a", "D3-"},
    {"destroy", "aaa", "D1-", "C-a"},
    {"destroy, and the handler destroys another", "aaa", "D1-", "D0-"},
    {"destroy where none is left", "aaaaaa", "D1-", "C-a"},
    {"for_each", "aaaa1", "E--", "C-a"},
};

}  // namespace

constexpr family families[] = {
    make_family<objects_case>("object_pool, basic", objects::required_bytes(6), requests, specials,
                              scenarios),
};
constexpr unsigned family_count = sizeof families / sizeof families[0];

}  // namespace acre::test::sweep
