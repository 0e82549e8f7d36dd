// SPDX-License-Identifier: MIT
// certified: a part of the memory that cannot run out, and a heap for everything else.
//
// The part is a buddy on its published bound (engine/buddy.hpp): as long as the requests to it keep
// to the workload that was declared, none of them fails, whatever their order and whatever the heap
// is used for. The heap packs better, and promises nothing.
#pragma once

#include <acre/buddy.hpp>
#include <acre/call_guard.hpp>
#include <acre/detail/abi.hpp>
#include <acre/heap.hpp>
#include <acre/workload.hpp>

namespace acre::inline ACRE_ABI {

/// How far validate_step() or usage_step() of a certified allocator has come.
struct certified_cursor {
  buddy_cursor reserve;
  heap_cursor heap;

  [[nodiscard]] constexpr bool finished() const noexcept {
    return heap.finished();
  }
};

namespace detail {

/// What a budget comes to, in constants.
template <class Reserve, workload Budget>
struct budget_of {
  static constexpr size_t reserved_bytes =
      Reserve::required_bytes(Budget.peak_live, Budget.largest, Budget.smallest, 1);
  static constexpr size_t least = Reserve::block_bytes({Budget.smallest, 1});
  static constexpr size_t most = Reserve::block_bytes({Budget.largest, 1});
  static constexpr size_t peak_live = Budget.peak_live;
};

/// The same for one that is known at run time only.
template <class Reserve>
struct run_time_budget {
  size_t reserved_bytes = 0;
  size_t least = 0;
  size_t most = 0;
  size_t peak_live = 0;

  /// Before init(). False iff no region is large enough.
  bool declare(const workload& budget) noexcept {
    peak_live = budget.peak_live;
    least = Reserve::block_bytes({budget.smallest, 1});
    most = Reserve::block_bytes({budget.largest, 1});
    reserved_bytes = Reserve::required_bytes(budget.peak_live, budget.largest, budget.smallest, 1);
    return reserved_bytes != SIZE_MAX;
  }
};

/// The reserve and the heap behind `Budget`, one of the two above. The heap has a lock of its own; the
/// reserve, and the count of what is live in it, have this one's.
template <class Reserve, class Heap, class Budget, class Policies>
class certified_shell : protected Budget {
  using Budget::least;
  using Budget::most;
  using Budget::peak_live;

 public:
  /// The bytes at the region's begin that the budget takes.
  using Budget::reserved_bytes;

  constexpr certified_shell() noexcept = default;
  certified_shell(const certified_shell&) = delete;
  certified_shell& operator=(const certified_shell&) = delete;

  /// Takes over `memory`: reserved_bytes for the budget, the rest for the heap.
  /// Returns ok, or what buddy's or heap's init() says; region_too_small also if the heap gets
  /// nothing. Then the allocator is as if never initialised.
  [[nodiscard]] status init(region memory) noexcept {
    const bool fits = memory.valid() && memory.size > reserved_bytes;
    status result = init_reserve(fits ? region{memory.begin, reserved_bytes} : region{});
    if (result == status::wrong_context) {
      return result;
    }
    if (result != status::ok) {
      static_cast<void>(heap_.init({}));
      return memory.valid() && !fits ? status::region_too_small : result;
    }
    result = heap_.init(
        {static_cast<unsigned char*>(memory.begin) + reserved_bytes, memory.size - reserved_bytes});
    if (result != status::ok) {
      static_cast<void>(init_reserve({}));
    }
    return result;
  }

  /// A block from the heap. Null iff it is exhausted; then nothing has changed.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return heap_.allocate(wanted);
  }

  /// A block from the reserve; never null as long as all of its requests keep to the budget: what is
  /// live, this block included, at most peak_live, and the block between smallest and largest. A block
  /// counts as live until the call that gives it back has returned.
  /// A request that breaks the budget is refused with null, so that it cannot hurt the others.
  [[nodiscard]] void* allocate_reserved(layout wanted) noexcept {
    const size_t bytes = wanted.valid() ? Reserve::block_bytes(wanted) : SIZE_MAX;
    if constexpr (in_sections) {
      const call_guard guard(lock_, this);
      if (!count_in(bytes)) {
        return nullptr;
      }
    }
    const call_guard guard(lock_, this);
    if (guard.refused() || (!in_sections && !count_in(bytes))) {
      return nullptr;
    }
    void* block = reserve_.allocate(wanted);
    live_ -= block == nullptr ? bytes : 0;
    return block;
  }

  /// Gives a block back to where it came from; `given` is the layout of the request. Returns ok, or
  /// the misuse that was found; then nothing has changed.
  status deallocate(void* block, layout given) noexcept {
    if (!reserve_.owns(block)) {
      return heap_.deallocate(block, given);
    }
    const size_t bytes = Reserve::block_bytes(given);
    const call_guard guard(lock_, this, block);
    if (guard.refused()) {
      return status::wrong_context;
    }
    const status result = reserve_.deallocate(block, given);
    live_ -= result == status::ok ? bytes : 0;
    return result;
  }

  [[nodiscard]] bool owns(const void* p) const noexcept {
    return reserve_.owns(p) || heap_.owns(p);
  }

  /// What of the budget is live, in bytes of blocks.
  [[nodiscard]] size_t reserved_live() const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return 0;
    }
    return live_;
  }

  /// Of the reserve, and then of the heap. O(bitmap + blocks).
  [[nodiscard]] acre::usage usage() const noexcept {
    acre::usage sum;
    {
      const call_guard guard(lock_, this);
      if (guard.refused()) {
        return {};
      }
      sum = reserve_.usage();
    }
    sum += heap_.usage();
    return sum;
  }

  /// The largest request that allocate() would serve now. O(1).
  [[nodiscard]] size_t largest_free() const noexcept {
    return heap_.largest_free();
  }

  /// The reserve, and then the heap. O(region).
  [[nodiscard]] status validate() const noexcept {
    {
      const call_guard guard(lock_, this);
      const status result = guard.refused() ? status::wrong_context : reserve_.validate();
      if (result != status::ok) {
        return result;
      }
    }
    return heap_.validate();
  }

  /// validate() in parts, first of the reserve and then of the heap; a call ends with the reserve. See
  /// basic_allocator::validate_step, and buddy and heap for what a step is.
  [[nodiscard]] status validate_step(certified_cursor& cursor, size_t steps) const noexcept
      requires(Policies::level != check_level::none) {
    if (cursor.reserve.finished()) {
      return heap_.validate_step(cursor.heap, steps);
    }
    const call_guard guard(lock_, this);
    return guard.refused() ? status::wrong_context : reserve_.validate_step(cursor.reserve, steps);
  }

  /// usage() in parts, first of the reserve; adds to `sum`.
  [[nodiscard]] status usage_step(certified_cursor& cursor, size_t steps,
                                  acre::usage& sum) const noexcept
      requires(Policies::level != check_level::none) {
    if (cursor.reserve.finished()) {
      return heap_.usage_step(cursor.heap, steps, sum);
    }
    const call_guard guard(lock_, this);
    return guard.refused() ? status::wrong_context
                           : reserve_.usage_step(cursor.reserve, steps, sum);
  }

 protected:
  /// For a lock that is told something when it is made: what the heap's is told. The reserve's is lock_.
  template <class Argument>
  constexpr explicit certified_shell(Argument for_lock) noexcept : heap_(for_lock) {}

  [[no_unique_address]] mutable checked_lock<typename Policies::lock, Policies::level> lock_;

 private:
  /// Is a request counted by itself before it is served, with the lock free in between? Not at full,
  /// where a call may be refused at any of its parts, and nothing may have changed then.
  static constexpr bool in_sections =
      interrupt_delaying_lock<typename Policies::lock> && Policies::level != check_level::full;

  [[nodiscard]] status init_reserve(region memory) noexcept {
    const call_guard guard(lock_, this, begin_anew{});
    if (guard.refused()) {
      return status::wrong_context;
    }
    live_ = 0;
    return reserve_.init(memory);
  }

  /// Counts a block as live, unless that breaks the budget. Before there is a block: what is counted is
  /// never less than what is live, as the bound requires.
  [[nodiscard]] bool count_in(size_t bytes) noexcept {
    if (bytes < least || bytes > most || bytes > peak_live - live_) {
      return false;
    }
    live_ += bytes;
    return true;
  }

  size_t live_ = 0;
  Reserve reserve_;
  Heap heap_;
};

template <class Policies>
using unlocked = policies<no_lock, checks<Policies::level>, no_observer>;
template <class Policies>
using unobserved = policies<typename Policies::lock, checks<Policies::level>, no_observer>;

}  // namespace detail

/// `Budget` is in bytes of the buddy's blocks: powers of two, at least `Smallest`.
///
/// Cost: as buddy and heap; deallocate asks first whose block it is, O(1). Threads and interrupts: as
/// the lock in `Policies`, of which the reserve and the heap have one each: a call of one does not wait for
/// the other's.
template <workload Budget, size_t MaxBytes = config::heap_max_bytes, class Policies = policies<>,
          size_t Smallest = 16>
class certified
    : public detail::certified_shell<
          buddy<Smallest, detail::unlocked<Policies>>, heap<MaxBytes, detail::unobserved<Policies>>,
          detail::budget_of<buddy<Smallest, detail::unlocked<Policies>>, Budget>, Policies> {
  using shell = typename certified::certified_shell;

 public:
  using shell::allocate;
  using shell::allocate_reserved;
  using shell::deallocate;
  using shell::init;
  using shell::largest_free;
  using shell::owns;
  using shell::reserved_live;
  using shell::usage;
  using shell::usage_step;
  using shell::validate;
  using shell::validate_step;

  static_assert(shell::reserved_bytes <= MaxBytes, "the budget does not fit into MaxBytes");
};

}  // namespace acre
