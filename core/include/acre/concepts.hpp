// SPDX-License-Identifier: MIT
// concepts: what generic code may ask of an allocator, a source, a lock or an observer.
//
// In prose: an allocator gives out blocks, `allocate` answers null iff it is exhausted, and
// `deallocate` takes the layout of the request back, so that no header is needed. Everything else
// is a refinement that an allocator has or has not.
#pragma once

#include <stddef.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/meta.hpp>
#include <acre/layout.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>
#include <acre/usage.hpp>

namespace acre::inline ACRE_ABI {

/// What all allocators are: deallocate is told the layout of the request. (The name `allocator` is that of the
/// standard library's kind, <acre/port/std_allocator.hpp>.)
template <class A>
concept sized_allocator = requires(A& a, void* p, layout l) {
  { a.allocate(l) }
  noexcept->detail::same_as<void*>;
  { a.deallocate(p, l) }
  noexcept->detail::same_as<status>;
};

/// deallocate without a layout.
template <class A>
concept unsized_allocator = sized_allocator<A> && requires(A& a, void* p) {
  { a.deallocate(p) }
  noexcept->detail::same_as<status>;
};

/// Knows which addresses are its own.
template <class A>
concept owning_allocator = sized_allocator<A> && requires(const A& a, const void* p) {
  { a.owns(p) }
  noexcept->detail::same_as<bool>;
};

/// Can tell a block that is live from everything else.
template <class A>
concept liveness_checking_allocator = sized_allocator<A> &&
    requires(const A& a, const void* p, layout l) {
  { a.is_live(p, l) }
  noexcept->detail::same_as<bool>;
};

/// Can change a block's size where it is; false, and nothing changed, if it can't.
template <class A>
concept resizable_allocator = unsized_allocator<A> && requires(A& a, void* p, size_t size) {
  { a.try_resize(p, size) }
  noexcept->detail::same_as<bool>;
  { a.usable_size(p) }
  noexcept->detail::same_as<size_t>;
};

/// Gives everything back at once.
template <class A>
concept resettable_allocator = sized_allocator<A> && requires(A& a) {
  a.reset();
};

/// Can check all its invariants, reading only.
template <class A>
concept auditable_allocator = sized_allocator<A> && requires(const A& a) {
  { a.validate() }
  noexcept->detail::same_as<status>;
};

/// Knows what is in use and the largest request that would succeed.
template <class A>
concept measurable_allocator = sized_allocator<A> && requires(const A& a) {
  { a.usage() }
  noexcept->detail::same_as<acre::usage>;
  { a.largest_free() }
  noexcept->detail::same_as<size_t>;
};

/// Gives regions of at least the bytes asked for (an empty region iff it has none), and takes back
/// exactly what it gave. granularity() is the size that it rounds up to.
template <class S>
concept region_source = requires(S& s, region r, size_t bytes) {
  { s.acquire(bytes) }
  noexcept->detail::same_as<region>;
  { s.release(r) }
  noexcept->detail::same_as<void>;
  { s.granularity() }
  noexcept->detail::same_as<size_t>;
};

/// lock() and unlock() by themselves: what unlock() restores, the lock remembers.
template <class L>
concept plain_lock = requires(L& l) {
  { l.lock() }
  noexcept->detail::same_as<void>;
  { l.unlock() }
  noexcept->detail::same_as<void>;
};

/// lock() answers what unlock() needs. Who locks keeps it, mostly in a register: such a lock has no
/// state in memory, and nests to any depth.
template <class L>
concept state_lock = requires(L& l) {
  { l.unlock(l.lock()) }
  noexcept->detail::same_as<void>;
};

/// Belongs to one allocator. lock() and unlock() are compiler barriers.
template <class L>
concept lock_policy = plain_lock<L> || state_lock<L>;

/// Knows whether lock() may be called by the context that asks: not where it would exclude too little,
/// and not where it would wait for ever. Asked at check level full only.
template <class L>
concept context_checking_lock = lock_policy<L> && requires(const L& l) {
  { l.may_lock() }
  noexcept->detail::same_as<bool>;
};

/// Keeps interrupts waiting while it is held, and says so by a constant `delays_interrupts`. Calls that
/// would hold it for long then take it several times instead, each time for a part (heap: an allocation
/// with a strict alignment), which is slower in all.
template <class L>
concept interrupt_delaying_lock = lock_policy<L> && requires {
  requires L::delays_interrupts;
};

/// Told of each outcome, under the allocator's lock. `bytes` is the block for an allocation and a
/// deallocation, and the request for a failure.
template <class O>
concept observer_policy = requires(O& o, size_t bytes) {
  { o.on_allocate(bytes) }
  noexcept->detail::same_as<void>;
  { o.on_deallocate(bytes) }
  noexcept->detail::same_as<void>;
  { o.on_exhausted(bytes) }
  noexcept->detail::same_as<void>;
  { o.on_refused() }
  noexcept->detail::same_as<void>;
  { o.on_usage(bytes, bytes) }
  noexcept->detail::same_as<void>;
};

/// Also told what an arena spends beside blocks: padding in front of one, for its alignment, and the end of a
/// region that is lost when it grows into another.
template <class O>
concept padding_observer = observer_policy<O> && requires(O& o, size_t bytes) {
  { o.on_padding(bytes, bytes) }
  noexcept->detail::same_as<void>;
};

}  // namespace acre
