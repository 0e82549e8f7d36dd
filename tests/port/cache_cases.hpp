// SPDX-License-Identifier: MIT
// thread_cache as cases of the laws: in front of pools, slab and heap, in one thread. What a case expects of
// sizes comes from that of the allocator behind.
#pragma once

#include "conformance/heap_cases.hpp"
#include "conformance/lockfree_pool_cases.hpp"
#include "conformance/pool_cases.hpp"
#include "conformance/slab_cases.hpp"
#include "support/counted_source.hpp"

#include <acre/port/thread_cache.hpp>

namespace acre::test {

/// An allocator and its cache as one, with counters. Too large for where subjects lie, so there is one of each.
/// `Exact`: what is kept counts as free to the byte, and can't be used for another size.
template <class A, bool Exact>
class cached {
 public:
  using policies_type = policies<no_lock, checks<A::policies_type::level>, usage_counters>;
  using cache_type = hosted::thread_cache<A, detail::cached_sizes_of<A>, detail::checks_of<A>,
                                          counted_source, hosted::cache_limits{1024, 3}>;

  constexpr cached() noexcept = default;

  status init(region memory) noexcept {
    counters_ = {};
    own().cache.forget_all();
    const status result = own().memory.init(memory);
    if (result != status::ok || own().cache.largest_free() != 0) {
      return result;
    }
    // The allocator has a block, but none of the smallest class.
    static_cast<void>(own().memory.init({}));
    return status::region_too_small;
  }
  [[nodiscard]] void* allocate(layout l) noexcept {
    void* const block = own().cache.allocate(l);
    if (block == nullptr) {
      counters_.on_exhausted(l.size);
    }
    if (Exact) {
      note();
    }
    return block;
  }
  status deallocate(void* block, layout l) noexcept {
    const status result = own().cache.deallocate(block, l);
    if (is_misuse(result)) {
      counters_.on_refused();
    }
    if (Exact) {
      note();
    }
    return result;
  }
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return own().cache.owns(p);
  }
  [[nodiscard]] acre::usage usage() const noexcept {
    if (!Exact) {
      own().cache.trim();
    }
    return own().cache.usage();
  }
  [[nodiscard]] size_t largest_free() const noexcept {
    if (!Exact) {
      own().cache.trim();
    }
    return own().cache.largest_free();
  }
  [[nodiscard]] status validate() const noexcept {
    return own().cache.validate();
  }
  [[nodiscard]] const usage_counters& observer() const noexcept {
    note();
    return counters_;
  }

  static const A& memory() noexcept {
    return parts_->memory;
  }

 private:
  struct parts {
    A memory;
    cache_type cache{memory};
  };
  alignas(parts) static inline unsigned char storage_[sizeof(parts)] = {};
  static inline parts* parts_ = nullptr;

  /// At the end of the program the thread's magazines would go to an allocator whose memory others have used.
  struct at_end {
    ~at_end() {
      if (parts_ != nullptr) {
        parts_->cache.forget_all();
      }
    }
  };

  /// New ones for a new object, at its first call.
  parts& own() const noexcept {
    if (!known_) {
      static const at_end forgets;
      known_ = true;
      if (parts_ != nullptr) {
        parts_->cache.forget_all();
      }
      parts_ = new (detail::placement{storage_}) parts;
    }
    return *parts_;
  }
  /// Where it is not exact only when somebody looks: everything goes back to the allocator.
  void note() const noexcept {
    const acre::usage now = usage();
    counters_.on_usage(now.bytes_in_use, now.blocks_in_use);
  }

  mutable usage_counters counters_;
  mutable bool known_ = false;
};

/// `Inner`: the case of the allocator behind.
template <class Inner>
struct cached_pool_case : Inner {
  using allocator = cached<typename Inner::allocator, true>;
  static constexpr auto make_name() {
    joined_name<48> out{"cached_"};
    for (size_t i = 0; Inner::name[i] != '\0'; ++i) {
      out.text[7 + i] = Inner::name[i];
    }
    return out;
  }
  static constexpr auto cached_name = make_name();
  static constexpr const char* name = cached_name.text;
};

template <class Inner>
struct cached_sizes_case : Inner {
  using behind = typename Inner::allocator;
  using allocator = cached<behind, false>;
  using classes =
      detail::cached_classes<detail::cached_sizes_of<behind>, detail::granule_of<behind>>;
  static constexpr auto cached_name = cached_pool_case<Inner>::cached_name;
  static constexpr const char* name = cached_name.text;
  static constexpr bool keeps_blocks = true;

  static void* allocate(allocator& a, layout wanted) {
    if constexpr (requires { Inner::current; }) {
      Inner::current = &allocator::memory();
    }
    return a.allocate(wanted);
  }
  // Of the same class; and where neither is of a class, what the allocator behind accepts.
  static bool accepts(const block& live, layout given) {
    const unsigned c = classes::of(live.request());
    return c == classes::of(given) && (c != classes::count || Inner::accepts(live, given));
  }
};

/// A heap's typical request becomes a block of its class.
template <class Inner>
struct cached_heap_case : cached_sizes_case<Inner> {
  static constexpr bool failed_init_writes = true;

  static size_t required(size_t count, size_t region_align) {
    using heap_type = typename Inner::allocator;
    constexpr size_t size = 32;
    constexpr size_t each = heap_type::block_bytes({size, default_alignment});
    static_assert(Inner::typical.size <= size && Inner::typical.size > 16);
    return heap_type::required_bytes(count > SIZE_MAX / each ? SIZE_MAX : count * each, size, size,
                                     region_align);
  }
};

}  // namespace acre::test
