// SPDX-License-Identifier: MIT
// arena: bump allocation, given back all at once or down to a mark.
//
// Use it for what lives and dies together: a frame, a request, a parse. No metadata a block, and
// nothing to give back one by one; but nothing is reused before reset() or release_to().
//
// Deallocating a single block does nothing. At basic and above deallocate refuses an address outside
// the used memory (foreign_pointer), one that its alignment contradicts (misaligned_pointer) and a
// block that reaches past the used memory (wrong_size); a double free is harmless and not found.
#pragma once

#include <acre/basic_allocator.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/meta.hpp>
#include <acre/detail/placement.hpp>
#include <acre/engine/arena.hpp>
#include <acre/fault.hpp>
#include <acre/sources.hpp>

namespace acre::inline ACRE_ABI {

/// A position in an arena, to return to with release_to() of the same arena.
using arena_mark = engine::arena_mark;

/// How far validate_step() of an arena has come.
using arena_cursor = engine::arena_cursor;

/// With a `Source`, an arena that runs out acquires a further region of at least the source's
/// granularity, and gives it back when it is reset or released below it; reset_keep() keeps it for the
/// next time. The first region is the caller's, or the source's too.
///
/// Cost: allocate O(1), and when it grows O(regions kept) and a call of the source; deallocate O(regions)
/// from basic on; reset and release_to O(regions + destructors owed). The source and the destructors run
/// under the lock, so neither may use this arena.
///
/// validate_step() looks at the headers of all regions in each call, and at `steps` of the destructors
/// owed, O(regions) each; it sees all that validate() sees. A step that sees damage makes sure by a walk
/// from the newest, O(destructors owed): also if what is at the cursor was released and its memory
/// used again, and then the validation is over.
///
/// init() on an arena in use forgets what it had without looking at it, since that memory may be in
/// other use by then: reset() first if destructors are owed or regions were acquired, and release_all() if
/// the first region was.
///
/// Alignment costs padding in front of blocks, and growing what was left of the region before. An observer
/// with the member on_padding (padding_counters) is told of both; others cost nothing.
template <class Policies = policies<>, region_source Source = no_source>
class arena : public basic_allocator<engine::arena<Policies::level>, Policies> {
  using shell = basic_allocator<engine::arena<Policies::level>, Policies>;
  using core = engine::arena_core;
  static constexpr bool grows = !detail::is_same_v<Source, no_source>;

 public:
  using mark_type = arena_mark;

  constexpr arena() noexcept = default;
  constexpr explicit arena(Source source) noexcept : source_(source) {}

  /// The size of a region from which blocks of `payload` bytes in sum, padding included, can be
  /// allocated. SIZE_MAX if no region is large enough.
  static constexpr size_t required_bytes(size_t payload,
                                         size_t region_align = default_alignment) noexcept {
    const size_t slack =
        alignof(core::chunk_header) > region_align ? alignof(core::chunk_header) - region_align : 0;
    const size_t fixed = core::header_bytes + slack;
    return payload > SIZE_MAX / 2 ? SIZE_MAX : payload + fixed;
  }

  /// The size of a region that serves one request for `wanted`, wherever it begins.
  static constexpr size_t required_bytes_for(layout wanted) noexcept {
    return wanted.align > SIZE_MAX / 4 ? SIZE_MAX : required_bytes(wanted.size, 1) + wanted.align;
  }

  /// As basic_allocator::init.
  [[nodiscard]] status init(region memory) noexcept {
    const status result = shell::init(memory);
    if (result != status::wrong_context) {
      growth_ = {};
    }
    return result;
  }
  /// The same with a first region from the source, of its granularity. Returns ok, or exhausted: the source
  /// has none; then the arena is as if never initialised.
  [[nodiscard]] status init() noexcept requires(grows) {
    const call_guard guard(this->lock_, this, begin_anew{});
    if (guard.refused()) {
      return status::wrong_context;
    }
    this->observer_ = {};
    growth_ = {};
    const region first =
        source_.acquire(detail::max_of(required_bytes(1, 1), source_.granularity()));
    if (this->engine_.init(first) == status::ok) {
      growth_.first_is_the_sources = true;
      return status::ok;
    }
    if (!first.empty()) {
      source_.release(first);
    }
    return status::exhausted;
  }

  /// As basic_allocator::allocate; null iff the newest region has no room and the source gives none.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return nullptr;
    }
    void* block = allocate_or_grow(wanted);
    this->note_allocation(block, wanted);
    return block;
  }
  [[nodiscard]] void* allocate(size_t size, size_t align = default_alignment) noexcept {
    return allocate(layout{size, align});
  }

  /// Constructs a T whose destructor is never run: for types that own nothing. Null iff exhausted.
  template <class T, class... Args>
  [[nodiscard]] T* construct(Args&&... args) noexcept {
    void* where = allocate(layout::of<T>());
    return where == nullptr ? nullptr
                            : new (detail::placement{where}) T(static_cast<Args&&>(args)...);
  }

  /// Constructs a T whose destructor is run by reset() or by the release_to() that gives it back,
  /// newest first. Costs three words more than construct(). Null iff exhausted.
  template <class T, class... Args>
  [[nodiscard]] T* construct_finalized(Args&&... args) noexcept {
    struct node {
      core::finalizer owed;
      alignas(T) unsigned char object[sizeof(T)];
    };
    node* owner = nullptr;
    {
      const call_guard guard(this->lock_, this);
      if (guard.refused()) {
        return nullptr;
      }
      owner = static_cast<node*>(allocate_or_grow(layout::of<node>()));
      this->note_allocation(owner, layout::of<node>());
      if (owner == nullptr) {
        return nullptr;
      }
      owner->owed.object = owner->object;
      owner->owed.destroy = [](void* p) noexcept { static_cast<T*>(p)->~T(); };
      // Before the constructor, which may itself owe destructors: the list is in order of age.
      this->engine_.add_finalizer(&owner->owed);
    }
    return new (detail::placement{owner->object}) T(static_cast<Args&&>(args)...);
  }

  /// The present position. O(1). Valid until the arena is released below it.
  [[nodiscard]] arena_mark mark() const noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return {};
    }
    return this->engine_.mark();
  }

  /// Gives back all that was allocated since `position`, and runs the destructors that are owed.
  /// Returns ok or out_of_order (a fault at basic and above): the position lies above the present
  /// one or in a region that was given back; then nothing has changed.
  status release_to(const arena_mark& position) noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    if constexpr (Policies::level != check_level::none) {
      if (!this->engine_.reachable(position)) {
        return detail::raise_misuse(status::out_of_order, reinterpret_cast<void*>(position.cursor),
                                    &this->engine_, __builtin_return_address(0));
      }
    }
    rewind(position);
    return status::ok;
  }

  /// Gives everything back, and runs the destructors that are owed. All regions but the first go back to
  /// the source.
  void reset() noexcept {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return;
    }
    if (const arena_mark start = this->engine_.origin(); start.chunk != nullptr) {
      rewind(start);
    }
    static_cast<void>(release_spares());
  }
  /// The same, but keeps the regions, and takes them in their old order before it asks the source: who
  /// does the same again needs no call of it. At full also fills what was used. O(regions + destructors
  /// owed).
  void reset_keep() noexcept requires(grows) {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return;
    }
    const arena_mark start = this->engine_.origin();
    if (start.chunk == nullptr) {
      return;
    }
    this->engine_.finalize(start);
    while (this->engine_.newer_chunk_than(start)) {
      if constexpr (Policies::level == check_level::full) {
        this->engine_.poison_newest();
      }
      keep(this->engine_.pop_region());
    }
    this->engine_.rewind(start, Policies::level);
    this->note_usage();
  }
  /// reset(), and a first region that init() had from the source goes back to it, too: then the arena is as
  /// if never initialised.
  void release_all() noexcept requires(grows) {
    const call_guard guard(this->lock_, this);
    if (guard.refused()) {
      return;
    }
    const arena_mark start = this->engine_.origin();
    if (start.chunk == nullptr) {
      return;
    }
    rewind(start);
    static_cast<void>(release_spares());
    if (growth_.first_is_the_sources) {
      growth_ = {};
      const region first = static_cast<core::chunk_header*>(start.chunk)->memory;
      static_cast<void>(this->engine_.init({}));  // has nothing now
      source_.release(first);
    }
  }
  /// Gives the regions that reset_keep() kept, and that are not in use again, back to the source. Returns
  /// their bytes. O(regions kept).
  size_t trim() noexcept requires(grows) {
    const call_guard guard(this->lock_, this);
    return guard.refused() ? 0 : release_spares();
  }
  /// What trim() would give back.
  [[nodiscard]] size_t bytes_kept() const noexcept requires(grows) {
    const call_guard guard(this->lock_, this);
    size_t sum = 0;
    if (!guard.refused()) {
      for (const auto* each = growth_.spares; each != nullptr; each = each->previous) {
        sum += each->memory.size;
      }
    }
    return sum;
  }

  /// The source that this arena grows from, which is part of the arena.
  [[nodiscard]] Source& source() noexcept {
    return source_;
  }

 private:
  // Told of padding, and of the end of a region that is lost when the arena grows.
  static constexpr bool shows_padding = padding_observer<typename shell::observer_type>;

  struct growth {
    core::chunk_header* spares = nullptr;  // by `previous`; the one to take first is at the front
    bool first_is_the_sources = false;
  };
  struct no_growth {};

  [[nodiscard]] void* place(layout wanted) noexcept {
    if constexpr (shows_padding) {
      const uintptr_t from = this->engine_.mark().cursor;
      void* block = this->engine_.allocate(wanted);
      if (block != nullptr) {
        this->observer_.on_padding(reinterpret_cast<uintptr_t>(block) - from, 0);
      }
      return block;
    } else {
      return this->engine_.allocate(wanted);
    }
  }

  [[nodiscard]] void* allocate_or_grow(layout wanted) noexcept {
    void* block = place(wanted);
    if constexpr (grows) {
      if (block == nullptr && wanted.valid() && wanted.size < SIZE_MAX / 4 &&
          wanted.align < SIZE_MAX / 4 && this->engine_.mark().chunk != nullptr) {
        const size_t least = required_bytes_for(wanted);
        region more = take_spare(least);
        if (more.empty()) {
          more = source_.acquire(detail::max_of(least, source_.granularity()));
        }
        [[maybe_unused]] const size_t lost = this->engine_.bytes_left();
        if (this->engine_.add_region(more) == status::ok) {
          if constexpr (shows_padding) {
            this->observer_.on_padding(0, lost);
          }
          block = place(wanted);
        } else if (!more.empty()) {
          source_.release(more);
        }
      }
    }
    return block;
  }

  void rewind(const arena_mark& position) noexcept {
    this->engine_.finalize(position);
    while (this->engine_.newer_chunk_than(position)) {
      source_.release(this->engine_.pop_region());
    }
    this->engine_.rewind(position, Policies::level);
    this->note_usage();
  }

  void keep(region memory) noexcept {
    // Where the engine had its own header, which it has done with.
    auto* spare =
        static_cast<core::chunk_header*>(memory.aligned(alignof(core::chunk_header)).begin);
    *spare = {growth_.spares, memory, 0};
    growth_.spares = spare;
  }
  [[nodiscard]] region take_spare(size_t least) noexcept {
    for (core::chunk_header** at = &growth_.spares; *at != nullptr; at = &(*at)->previous) {
      if (const region memory = (*at)->memory; memory.size >= least) {
        *at = (*at)->previous;
        return memory;
      }
    }
    return {};
  }
  size_t release_spares() noexcept {
    size_t released = 0;
    if constexpr (grows) {
      while (growth_.spares != nullptr) {
        const region memory = growth_.spares->memory;
        growth_.spares = growth_.spares->previous;
        released += memory.size;
        source_.release(memory);
      }
    }
    return released;
  }

  [[no_unique_address]] Source source_;
  [[no_unique_address]] detail::conditional_t<grows, growth, no_growth> growth_;
};

}  // namespace acre
