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

/// The reserve and the heap behind `Budget`, one of the two above.
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
    const call_guard guard(lock_, this, begin_anew{});
    if (guard.refused()) {
      return status::wrong_context;
    }
    live_ = 0;
    const bool fits = memory.valid() && memory.size > reserved_bytes;
    const region rest = fits ? region{static_cast<unsigned char*>(memory.begin) + reserved_bytes,
                                      memory.size - reserved_bytes}
                             : region{};
    status result = !memory.valid() ? status::invalid_argument
                    : fits          ? heap_.init(rest)
                                    : status::region_too_small;
    if (result == status::ok) {
      result = reserve_.init({memory.begin, reserved_bytes});
    }
    if (result != status::ok) {
      static_cast<void>(heap_.init({}));
      static_cast<void>(reserve_.init({}));
    }
    return result;
  }

  /// A block from the heap. Null iff it is exhausted; then nothing has changed.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return nullptr;
    }
    return heap_.allocate(wanted);
  }

  /// A block from the reserve; never null as long as all of its requests keep to the budget: what is
  /// live, this block included, at most peak_live, and the block between smallest and largest.
  /// A request that breaks the budget is refused with null, so that it cannot hurt the others.
  [[nodiscard]] void* allocate_reserved(layout wanted) noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return nullptr;
    }
    const size_t bytes = wanted.valid() ? Reserve::block_bytes(wanted) : SIZE_MAX;
    if (bytes < least || bytes > most || bytes > peak_live - live_) {
      return nullptr;
    }
    void* block = reserve_.allocate(wanted);
    live_ += block != nullptr ? bytes : 0;
    return block;
  }

  /// Gives a block back to where it came from; `given` is the layout of the request. Returns ok, or
  /// the misuse that was found; then nothing has changed.
  status deallocate(void* block, layout given) noexcept {
    const call_guard guard(lock_, this, block);
    if (guard.refused()) {
      return status::wrong_context;
    }
    if (!reserve_.owns(block)) {
      return heap_.deallocate(block, given);
    }
    const status result = reserve_.deallocate(block, given);
    live_ -= result == status::ok ? Reserve::block_bytes(given) : 0;
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

  /// Of both. O(bitmap + blocks).
  [[nodiscard]] acre::usage usage() const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return {};
    }
    acre::usage sum = heap_.usage();
    sum += reserve_.usage();
    return sum;
  }

  /// The largest request that allocate() would serve now. O(1).
  [[nodiscard]] size_t largest_free() const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return 0;
    }
    return heap_.largest_free();
  }

  /// Both. O(region).
  [[nodiscard]] status validate() const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    const status result = reserve_.validate();
    return result == status::ok ? heap_.validate() : result;
  }

  /// validate() in parts, first of the reserve and then of the heap; a call ends with the reserve. See
  /// basic_allocator::validate_step, and buddy and heap for what a step is.
  [[nodiscard]] status validate_step(certified_cursor& cursor, size_t steps) const noexcept
      requires(Policies::level != check_level::none) {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    return cursor.reserve.finished() ? heap_.validate_step(cursor.heap, steps)
                                     : reserve_.validate_step(cursor.reserve, steps);
  }

  /// usage() in parts, likewise; adds to `sum`.
  [[nodiscard]] status usage_step(certified_cursor& cursor, size_t steps,
                                  acre::usage& sum) const noexcept
      requires(Policies::level != check_level::none) {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    return cursor.reserve.finished() ? heap_.usage_step(cursor.heap, steps, sum)
                                     : reserve_.usage_step(cursor.reserve, steps, sum);
  }

 protected:
  [[no_unique_address]] mutable checked_lock<typename Policies::lock, Policies::level> lock_;

 private:
  size_t live_ = 0;
  Reserve reserve_;
  Heap heap_;
};

template <class Policies>
using unlocked = policies<no_lock, checks<Policies::level>, no_observer>;

}  // namespace detail

/// `Budget` is in bytes of the buddy's blocks: powers of two, at least `Smallest`.
///
/// Cost: as buddy and heap; deallocate asks first whose block it is, O(1). Threads and interrupts: as
/// the lock in `Policies`, of which there is one for both.
template <workload Budget, size_t MaxBytes = config::heap_max_bytes, class Policies = policies<>,
          size_t Smallest = 16>
class certified
    : public detail::certified_shell<
          buddy<Smallest, detail::unlocked<Policies>>, heap<MaxBytes, detail::unlocked<Policies>>,
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
