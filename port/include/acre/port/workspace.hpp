// SPDX-License-Identifier: MIT
// workspace: the class to start with. It owns its memory, picks the strategy for each request, and gives
// everything back when it goes.
//
//   small          up to 512 bytes: packed into slabs, no header
//   large          blocks of a heap
//   one lifetime   acre::workspace::scope: an arena, given back as a whole
//
// When you know more than size and lifetime (one type, a fixed budget, an interrupt), the allocators of core
// do better; they are what this is composed of.
#pragma once

#include <concepts>
#include <new>
#include <utility>

#include <acre/arena.hpp>
#include <acre/detail/abi.hpp>
#include <acre/port/allocator_source.hpp>
#include <acre/port/general_memory.hpp>
#include <acre/port/process_source.hpp>
#include <acre/port/std_allocator.hpp>
#include <acre/typed.hpp>
#include <acre/unique_ptr.hpp>

namespace acre::inline ACRE_ABI {

/// Told of what was still in use when a memory was closed: leaks, or objects whose end was left to it.
using leak_hook = void (*)(const usage& live) noexcept;

/// Takes regions from `Source` (a handle: it is default-constructed and copied) when they are needed, nothing before the first
/// request. Moving hands over the memory and all that lives in it: pointers, allocators and owners taken
/// from it stay good. What was moved from is empty, and usable: it begins anew.
///
/// Nothing here throws. Requests answer null iff there is no room, or the size overflows or the alignment is
/// no power of two; giving back answers a status, and at check level basic and above a bad free is found
/// and refused as in slab and heap.
///
/// Cost: as general_memory, and a load. Contexts: as the lock of `Policies`; moving, close() and the
/// destructor need the memory for themselves. The default has no lock: one thread at a time. Threads share a
/// `basic_workspace<process_source, policies<process_lock>>`.
template <region_source Source = process_source, class Policies = policies<>>
requires std::semiregular<Source>
class basic_workspace {
  using general = general_memory<Source, Policies>;

  struct control {
    control(const Source& source, region whole) noexcept
        : parts(source, rest_of(whole)), memory(whole) {}

    region rest_of(region whole) noexcept {
      auto* end = reinterpret_cast<unsigned char*>(this + 1);
      return {end,
              whole.size - static_cast<size_t>(end - static_cast<unsigned char*>(whole.begin))};
    }

    general parts;
    region memory;  // in which this lies
  };

 public:
  using parts_type = general;
  template <class T>
  using pointer = unique_ptr<T, owner_of<general>>;
  class scope;

  basic_workspace() noexcept = default;
  explicit basic_workspace(Source source) noexcept : source_(std::move(source)) {}
  basic_workspace(basic_workspace&& other) noexcept
      : source_(other.source_),
        leak_hook_(other.leak_hook_),
        control_(std::exchange(other.control_, nullptr)) {}
  basic_workspace& operator=(basic_workspace&& other) noexcept {
    if (this != &other) {
      close();
      source_ = other.source_;
      leak_hook_ = other.leak_hook_;
      control_ = std::exchange(other.control_, nullptr);
    }
    return *this;
  }
  ~basic_workspace() noexcept {
    close();
  }

  /// Uninitialised storage for `count` T.
  template <class T>
  [[nodiscard]] T* allocate(size_t count = 1) noexcept {
    return static_cast<T*>(allocate(layout::array_of<T>(count)));
  }
  /// The same, and says why it is null: ok, exhausted, or invalid_argument if the size overflows.
  template <class T>
  [[nodiscard]] T* allocate(size_t count, status& outcome) noexcept {
    return static_cast<T*>(allocate(layout::array_of<T>(count), outcome));
  }
  /// Gives back what allocate<T>(count) returned; null does nothing.
  template <class T>
  status deallocate(T* block, size_t count = 1) noexcept {
    return deallocate(block, layout::array_of<T>(count));
  }

  /// A block of bytes, and how it is given back: with the same two numbers.
  [[nodiscard]] void* allocate_bytes(size_t bytes, size_t alignment = default_alignment) noexcept {
    return allocate(layout{bytes, alignment});
  }
  [[nodiscard]] void* allocate_bytes(size_t bytes, size_t alignment, status& outcome) noexcept {
    return allocate(layout{bytes, alignment}, outcome);
  }
  status deallocate_bytes(void* block, size_t bytes,
                          size_t alignment = default_alignment) noexcept {
    return deallocate(block, layout{bytes, alignment});
  }

  /// The same for a layout, which makes this an allocator for core's own templates.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    control* const all = opened();
    return all == nullptr ? nullptr : all->parts.allocate(wanted);
  }
  status deallocate(void* block, layout given) noexcept {
    if (control_ == nullptr) {
      return allocator_ref{}.deallocate(block, given);
    }
    return control_->parts.deallocate(block, given);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return control_ != nullptr && control_->parts.owns(p);
  }

  /// Constructs a T; null iff there is no room. Constructors must not throw.
  template <class T, class... Args>
  [[nodiscard]] T* construct(Args&&... args) noexcept {
    return acre::construct<T>(*this, std::forward<Args>(args)...);
  }
  /// Destroys what construct() returned; null does nothing.
  template <class T>
  status destroy(T* object) noexcept {
    return acre::destroy(*this, object);
  }
  /// The same for `count` value-initialised T.
  template <class T>
  [[nodiscard]] T* construct_array(size_t count) noexcept {
    return acre::construct_array<T>(*this, count);
  }
  template <class T>
  status destroy_array(T* first, size_t count) noexcept {
    return acre::destroy_array(*this, first, count);
  }
  /// A constructed T, owned; a null pointer iff there is no room. Stays good when this memory is moved, and
  /// must end before the memory that it went to.
  template <class T, class... Args>
  [[nodiscard]] pointer<T> make_unique(Args&&... args) noexcept {
    control* const all = opened();
    return all == nullptr ? pointer<T>()
                          : acre::make_unique<T>(all->parts, std::forward<Args>(args)...);
  }

  /// This memory for code that takes any allocator, and for containers. Stays good when this memory is
  /// moved. Refers to nothing, and so is always exhausted, iff the source has no first region.
  [[nodiscard]] allocator_ref ref() noexcept {
    control* const all = opened();
    return all == nullptr ? allocator_ref() : allocator_ref(all->parts);
  }
  template <class T>
  [[nodiscard]] std_allocator<T> get_allocator() noexcept {
    return ref();
  }

  /// What is in use, free and overhead now. O(chunks * slabs and blocks).
  [[nodiscard]] acre::usage usage() const noexcept {
    return control_ == nullptr ? acre::usage() : control_->parts.usage();
  }
  /// Checks every invariant, reading only; ok or corrupted.
  [[nodiscard]] status validate() const noexcept {
    return control_ == nullptr ? status::ok : control_->parts.validate();
  }
  /// Gives chunks with nothing in use back to the source. Returns the bytes given back.
  size_t trim() noexcept {
    return control_ == nullptr ? 0 : control_->parts.trim();
  }
  /// Forgets all that is live, without running destructors; chunks go back to the source.
  void reset() noexcept {
    if (control_ != nullptr) {
      control_->parts.release_all();
    }
  }
  /// Gives everything back to the source, tells the leak hook if something was live, and is empty then.
  /// Returns what was live.
  acre::usage close() noexcept {
    acre::usage live;
    if (control_ != nullptr) {
      live = control_->parts.usage();
      if (live.blocks_in_use != 0 && leak_hook_ != nullptr) {
        leak_hook_(live);
      }
      control_->parts.release_all();
      source_.release(std::exchange(control_, nullptr)->memory);
    }
    return live;
  }
  /// Told by close() and by the destructor; moves along. Null for none.
  void on_leak(leak_hook hook) noexcept {
    leak_hook_ = hook;
  }

 private:
  [[nodiscard]] void* allocate(layout wanted, status& outcome) noexcept {
    void* block = allocate(wanted);
    outcome = block != nullptr ? status::ok
              : wanted.valid() ? status::exhausted
                               : status::invalid_argument;
    return block;
  }

  [[nodiscard]] control* opened() noexcept {
    control* const all = __atomic_load_n(&control_, __ATOMIC_ACQUIRE);
    return all != nullptr ? all : open();
  }
  /// Makes the control block at the begin of a first region. Null iff the source has none.
  [[gnu::cold, gnu::noinline]] control* open() noexcept {
    const lock_guard guard(opening_);
    if (control_ == nullptr) {
      const region memory = source_.acquire(
          detail::max_of(doubling_source<Source>::first_bytes, source_.granularity()));
      const region usable = memory.aligned(alignof(control));
      if (usable.size < sizeof(control)) {
        if (!memory.empty()) {
          source_.release(memory);
        }
        return nullptr;
      }
      __atomic_store_n(&control_, new (usable.begin) control(source_, memory), __ATOMIC_RELEASE);
    }
    return control_;
  }

  [[no_unique_address]] Source source_{};
  [[no_unique_address]] typename Policies::lock opening_{};
  leak_hook leak_hook_ = nullptr;
  control* control_ = nullptr;
};

/// Memory with one lifetime: nothing is given back one by one, everything at the end of the scope. Its
/// chunks are blocks of the memory, which has them back then. Scopes may be nested, overlap, and belong to
/// different threads where the memory may; one scope is for one thread.
template <region_source Source, class Policies>
requires std::semiregular<Source>
class [[nodiscard]] basic_workspace<Source, Policies>::scope {
  using arena_type =
      arena<policies<no_lock, checks<Policies::level>, no_observer>, allocator_source<>>;

 public:
  /// Takes nothing before the first request. Chunks have at least `chunk_bytes`.
  explicit scope(basic_workspace& from, size_t chunk_bytes = 4096) noexcept
      : arena_(allocator_source<>(from.ref(), chunk_bytes)) {}
  ~scope() noexcept {
    arena_.reset();
    if (!first_.empty()) {
      arena_.source().release(first_);
    }
  }
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;

  /// Null iff the memory has no room, or the layout is not valid().
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    if (first_.empty() && !open(wanted)) {
      return nullptr;
    }
    return arena_.allocate(wanted);
  }
  template <class T>
  [[nodiscard]] T* allocate(size_t count = 1) noexcept {
    return static_cast<T*>(allocate(layout::array_of<T>(count)));
  }
  [[nodiscard]] void* allocate_bytes(size_t bytes, size_t alignment = default_alignment) noexcept {
    return allocate(layout{bytes, alignment});
  }
  /// Does nothing but check, as arena's: for containers, which give back what they took.
  status deallocate(void* block, layout given) noexcept {
    return arena_.deallocate(block, given);
  }
  [[nodiscard]] bool owns(const void* p) const noexcept {
    return arena_.owns(p);
  }
  /// Constructs a T, which is destroyed at the end of the scope, newest first. Null iff there is no room.
  template <class T, class... Args>
  [[nodiscard]] T* construct(Args&&... args) noexcept {
    if constexpr (std::is_trivially_destructible_v<T>) {
      return acre::construct<T>(*this, std::forward<Args>(args)...);
    } else {
      if (first_.empty() && !open(layout::of<T>())) {
        return nullptr;
      }
      return arena_.template construct_finalized<T>(std::forward<Args>(args)...);
    }
  }
  /// The present position, and back to it: all that was taken since is given back.
  [[nodiscard]] arena_mark mark() const noexcept {
    return arena_.mark();
  }
  status release_to(const arena_mark& position) noexcept {
    return arena_.release_to(position);
  }
  /// For containers that do not outlive the scope.
  template <class T>
  [[nodiscard]] std_allocator<T> get_allocator() noexcept {
    return *this;
  }
  [[nodiscard]] acre::usage usage() const noexcept {
    return arena_.usage();
  }

 private:
  [[nodiscard]] bool open(layout wanted) noexcept {
    if (!wanted.valid()) {
      return false;
    }
    auto& source = arena_.source();
    const region memory = source.acquire(
        detail::max_of(arena_type::required_bytes_for(wanted), source.granularity()));
    if (memory.empty()) {
      return false;
    }
    first_ = memory;
    return arena_.init(memory) == status::ok;
  }

  arena_type arena_;
  region first_;
};

using workspace = basic_workspace<>;

}  // namespace acre
