// SPDX-License-Identifier: MIT
// subject: any allocator under test behind one table of functions, so that laws and models are
// compiled once, and an allocator more costs a few hundred bytes of flash.
#pragma once

#include <acre/check_level.hpp>
#include <acre/detail/placement.hpp>
#include <acre/layout.hpp>
#include <acre/observers.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

#include <stddef.h>
#include <stdint.h>

namespace acre::test {

/// How blocks may be given back.
enum class giving : uint8_t {
  any_order,
  newest_first,
  all_at_once,
};

/// A block that the model knows as live.
struct block {
  unsigned char* begin;
  size_t size;
  size_t align;
  uint32_t tag;

  [[nodiscard]] layout request() const noexcept {
    return {size, align};
  }
  [[nodiscard]] bool contains(const void* p) const noexcept {
    return static_cast<size_t>(reinterpret_cast<uintptr_t>(p) -
                               reinterpret_cast<uintptr_t>(begin)) < (size == 0 ? 1U : size);
  }
};

struct operations {
  const char* name;
  check_level level;
  giving order;
  size_t object_bytes;
  size_t natural_align;     // what largest_free() speaks of
  bool failed_init_writes;  // to the region, although it refuses it
  bool keeps_blocks;        // of what was freed; an exhausted call gives them back
  layout typical;
  layout (*shape)(uint32_t bits);                    // a request that some region could serve
  bool (*accepts)(const block& live, layout given);  // deallocate(live, given) is no mistake
  size_t (*bytes_in_use)(region memory, const block* live, size_t count);
  size_t (*required)(size_t count, size_t region_align);  // for `count` typical requests
  size_t (*interior_align)(const block& live);  // an address in a block that is not aligned so is
                                                // misaligned, any other interior

  void (*create)(void* object);
  status (*init)(void* object, region memory);
  void* (*allocate)(void* object, layout wanted);
  status (*deallocate)(void* object, void* p, layout given);
  void (*reset)(void* object);
  bool (*owns)(const void* object, const void* p);
  usage (*used)(const void* object);
  size_t (*largest_free)(const void* object);
  status (*validate)(const void* object);
  // Goes on from where it was, at first from the beginning; null where the allocator has no steps.
  status (*validate_step)(const void* object, size_t steps);
  const usage_counters::values& (*observed)(const void* object);
};

/// An allocator: its operations and where it lies.
struct subject {
  const operations* ops = nullptr;
  void* object = nullptr;
  region memory;

  /// Makes it a fresh one, as default-constructed.
  void create() const noexcept {
    ops->create(object);
  }
  [[nodiscard]] status init(region over) noexcept {
    memory = over;
    return ops->init(object, over);
  }
  [[nodiscard]] void* allocate(layout wanted) const noexcept {
    return ops->allocate(object, wanted);
  }
  status deallocate(void* p, layout given) const noexcept {
    return ops->deallocate(object, p, given);
  }
  void reset() const noexcept {
    ops->reset(object);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return ops->owns(object, p);
  }
  [[nodiscard]] acre::usage usage() const noexcept {
    return ops->used(object);
  }
  [[nodiscard]] size_t largest_free() const noexcept {
    return ops->largest_free(object);
  }
  [[nodiscard]] status validate() const noexcept {
    return ops->validate(object);
  }
  [[nodiscard]] status validate_step(size_t steps) const noexcept {
    return ops->validate_step == nullptr ? status::ok : ops->validate_step(object, steps);
  }
  [[nodiscard]] const usage_counters::values& observed() const noexcept {
    return ops->observed(object);
  }
  [[nodiscard]] bool checked() const noexcept {
    return ops->level != check_level::none;
  }
};

/// validate_step of an allocator that has it, with one cursor for all calls.
template <class Allocator>
constexpr auto validate_step_of() noexcept -> status (*)(const void*, size_t) {
  if constexpr (requires { typename Allocator::engine_type::cursor_type::step_cursor; }) {
    return [](const void* object, size_t steps) {
      static typename Allocator::engine_type::cursor_type cursor;
      if (cursor.finished()) {
        cursor = {};
      }
      return static_cast<const Allocator*>(object)->validate_step(cursor, steps);
    };
  } else {
    return nullptr;
  }
}

/// A case describes one allocator: its type `allocator`, and the constants and functions above.
template <class Case>
inline constexpr operations operations_of = {
    .name = Case::name,
    .level = Case::allocator::policies_type::level,
    .order = Case::order,
    .object_bytes = sizeof(typename Case::allocator),
    .natural_align = Case::natural_align,
    .failed_init_writes = Case::failed_init_writes,
    .keeps_blocks = Case::keeps_blocks,
    .typical = Case::typical,
    .shape = &Case::shape,
    .accepts = &Case::accepts,
    .bytes_in_use = &Case::bytes_in_use,
    .required = &Case::required,
    .interior_align = &Case::interior_align,
    .create = [](void* object) { new (detail::placement{object}) typename Case::allocator(); },
    .init =
        [](void* object, region memory) {
          return static_cast<typename Case::allocator*>(object)->init(memory);
        },
    .allocate =
        [](void* object, layout wanted) {
          return Case::allocate(*static_cast<typename Case::allocator*>(object), wanted);
        },
    .deallocate =
        [](void* object, void* p, layout given) {
          return static_cast<typename Case::allocator*>(object)->deallocate(p, given);
        },
    .reset = [](void* object) { Case::reset(*static_cast<typename Case::allocator*>(object)); },
    .owns =
        [](const void* object, const void* p) {
          return static_cast<const typename Case::allocator*>(object)->owns(p);
        },
    .used =
        [](const void* object) {
          return static_cast<const typename Case::allocator*>(object)->usage();
        },
    .largest_free =
        [](const void* object) {
          return static_cast<const typename Case::allocator*>(object)->largest_free();
        },
    .validate =
        [](const void* object) {
          return static_cast<const typename Case::allocator*>(object)->validate();
        },
    .validate_step = validate_step_of<typename Case::allocator>(),
    .observed = [](const void* object) -> const usage_counters::values& {
      return static_cast<const typename Case::allocator*>(object)->observer().read();
    },
};

}  // namespace acre::test
