// SPDX-License-Identifier: MIT
// chunk_group: the chunks of many arenas. What one arena gives back, the next one gets, whichever thread it is of.
//
// Chunks are powers of two up to a cap, larger ones as they are asked for. In front of each lies a record, in
// cache lines of its own:
//
//   | record | what an arena gets ............................. |
//   ^ aligned to cache_line_bytes; so are begin and end of the rest: no line belongs to two arenas
//
// Chunks that came back are in two lists: one for each power of two, the youngest first, because it is
// still in the cache; and one by age, from which the oldest go back to the source when it is too much.
//
// K1  Each record has the seal of its address, size and group.
// K2  A kept chunk is in the list of its size, and in that by age, and in no other.
// K3  bytes_kept and chunks_kept are the sums over the lists, and bytes_kept is at most keep_bytes.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/call_guard.hpp>
#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/meta.hpp>
#include <acre/detail/placement.hpp>
#include <acre/fault.hpp>
#include <acre/policies.hpp>
#include <acre/port/cache_line.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>

namespace acre::inline ACRE_ABI {

/// In bytes. The sizes of chunks include 128 bytes (64 on 32-bit) that are the group's own.
struct chunk_options {
  size_t smallest_chunk = 64 * 1024;  ///< an arena's first; a power of two, at least 4096
  size_t largest_chunk =
      4 * 1024 * 1024;  ///< each is twice the one before, up to this power of two
  size_t keep_bytes = size_t{16} * 1024 * 1024;  ///< what came back is kept up to this sum
};

/// In bytes or, where it says so, counts.
struct chunk_accounts {
  size_t bytes_out = 0;
  size_t chunks_out = 0;  ///< a count
  size_t bytes_kept = 0;
  size_t chunks_kept = 0;    ///< a count
  uint64_t recycled = 0;     ///< a count: acquires that a kept chunk served
  uint64_t from_source = 0;  ///< a count: those that the source served
  uint64_t to_source = 0;    ///< a count: chunks that went back to it

  friend constexpr bool operator==(const chunk_accounts&, const chunk_accounts&) = default;
};

/// A region_source for many arenas, each of which has a group_source of its own.
///
/// Cost: acquire O(1) where a kept chunk serves, which it does after warm-up: then no system call. Else
/// the source's acquire. release O(1), and the source's release for each chunk that is too much.
///
/// Threads: any, where `Lock` allows it; the lock is held for some ten instructions, and during calls of the
/// source, which needs no lock of its own. port::os_mutex does for most. Not for signal handlers.
/// fork(): another thread may hold the lock then; see before_fork().
///
/// At basic and above release() refuses what is not a chunk of this group that is out (foreign_pointer,
/// wrong_size, double_free; the address must be readable, and so must be the bytes in front of it); and a
/// record that was written over is corruption. Nothing is given back by a destructor: see trim().
template <region_source Source, lock_policy Lock, check_policy Checks = default_checks>
class chunk_group {
 public:
  static constexpr size_t record_bytes = port::cache_line_bytes;

  constexpr chunk_group() noexcept = default;
  constexpr explicit chunk_group(const chunk_options& options) noexcept : options_(options) {}
  chunk_group(const chunk_group&) = delete;
  chunk_group& operator=(const chunk_group&) = delete;

  /// Sets the options. Returns ok, or invalid_argument: they contradict each other, or chunks are out or kept;
  /// then nothing has changed.
  [[nodiscard]] status configure(const chunk_options& options) noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    if (!consistent(options) || now_.chunks_out != 0 || now_.chunks_kept != 0) {
      return status::invalid_argument;
    }
    options_ = options;
    return status::ok;
  }
  [[nodiscard]] const chunk_options& options() const noexcept {
    return options_;
  }

  /// A chunk with room for `bytes`: begin and size are multiples of cache_line_bytes. It holds what the last
  /// user left, or what the source gave. Empty iff neither a kept chunk nor the source has so much, or the
  /// options contradict each other.
  [[nodiscard]] region acquire(size_t bytes) noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused() || !consistent(options_) || bytes > SIZE_MAX / 4) {
      return {};
    }
    const size_t total = total_for(bytes);
    record* found = youngest_of(total);
    if (found == nullptr) {
      found = from_source(total);
    }
    if (found == nullptr) {
      found = any_above(total);
    }
    if (found == nullptr && evict_to(0) != 0) {
      found = from_source(total);
    }
    if (found == nullptr) {
      return {};
    }
    found->kept = false;
    now_.bytes_out += found->size;
    ++now_.chunks_out;
    return payload_of(found);
  }

  /// Takes back what acquire() gave, for the next one. An empty region is ignored.
  void release(region memory) noexcept {
    if (memory.begin == nullptr) {
      return;
    }
    const call_guard guard(lock_, this, memory.begin);
    if (guard.refused()) {
      return;
    }
    auto* const chunk = reinterpret_cast<record*>(memory.address() - record_bytes);
    if constexpr (Checks::level != check_level::none) {
      const status found = check(chunk, memory);
      if (found != status::ok) {
        static_cast<void>(
            detail::raise_misuse(found, memory.begin, this, __builtin_return_address(0)));
        return;
      }
    }
    now_.bytes_out -= chunk->size;
    --now_.chunks_out;
    if (chunk->size > options_.keep_bytes) {
      give_back(chunk);
      return;
    }
    static_cast<void>(evict_to(options_.keep_bytes - chunk->size));
    keep(chunk);
  }

  /// The room in the chunk that an arena gets which has `chunks` already.
  [[nodiscard]] size_t chunk_bytes(size_t chunks) const noexcept {
    const size_t doublings =
        detail::floor_log2(options_.largest_chunk) - detail::floor_log2(options_.smallest_chunk);
    return (options_.smallest_chunk << detail::min_of(chunks, doublings)) - record_bytes;
  }
  [[nodiscard]] size_t granularity() const noexcept {
    return chunk_bytes(0);
  }

  /// Gives the oldest of what is kept back to the source until at most `bytes` are. Returns how many went.
  /// For a timer: trim(accounts().bytes_kept / 2) each second lets what nobody needs decay.
  size_t trim(size_t bytes = 0) noexcept {
    const call_guard guard(lock_, this);
    return guard.refused() ? 0 : evict_to(bytes);
  }

  [[nodiscard]] chunk_accounts accounts() const noexcept {
    const call_guard guard(lock_, this);
    return guard.refused() ? chunk_accounts{} : now_;
  }

  /// Checks K1 to K3, reading only. Returns ok or corrupted. O(chunks kept).
  [[nodiscard]] status validate() const noexcept {
    const call_guard guard(lock_, this);
    if (guard.refused()) {
      return status::wrong_context;
    }
    size_t bytes = 0;
    size_t chunks = 0;
    const record* before = nullptr;
    for (const record* each = oldest_; each != nullptr; each = each->younger) {
      if (++chunks > now_.chunks_kept || each->seal != seal_of(each) || !each->kept ||
          each->older != before) {
        return status::corrupted;
      }
      bytes += each->size;
      before = each;
    }
    size_t listed = 0;
    for (size_t bin = 0; bin < detail::size_bits; ++bin) {
      const record* left = nullptr;
      for (const record* each = bins_[bin]; each != nullptr; each = each->next) {
        if (++listed > now_.chunks_kept || each->previous != left || bin_of(each->size) != bin ||
            !each->kept) {
          return status::corrupted;
        }
        left = each;
      }
    }
    return before == youngest_ && chunks == now_.chunks_kept && listed == chunks &&
                   bytes == now_.bytes_kept && bytes <= options_.keep_bytes
               ? status::ok
               : status::corrupted;
  }

  /// For pthread_atfork(): holds the lock while the process is forked, and releases it in both processes. Then the
  /// child may use the group and has copies of all chunks; those that were out to other threads are lost to
  /// it.
  void before_fork() noexcept requires plain_lock<Lock> {
    lock_.lock.lock();
  }
  void after_fork() noexcept requires plain_lock<Lock> {
    lock_.lock.unlock();
  }

  /// The source, which is part of this object. Not synchronised.
  [[nodiscard]] Source& source() noexcept {
    return source_;
  }

 private:
  struct alignas(port::cache_line_bytes) record {
    uintptr_t seal = 0;
    region memory;           // as the source gave it
    size_t size = 0;         // from the record on
    record* next = nullptr;  // kept: of its size
    record* previous = nullptr;
    record* younger = nullptr;  // kept: by age
    record* older = nullptr;
    bool kept = false;
  };
  static_assert(sizeof(record) == record_bytes);

  static constexpr size_t looks_max = 8;  // at chunks above the cap, whose sizes differ

  [[nodiscard]] static bool consistent(const chunk_options& options) noexcept {
    return detail::is_power_of_two(options.smallest_chunk) &&
           detail::is_power_of_two(options.largest_chunk) && options.smallest_chunk >= 4096 &&
           options.smallest_chunk <= options.largest_chunk && options.largest_chunk <= SIZE_MAX / 8;
  }
  /// As the source rounds, too: else what it gives would not be found again under its size.
  [[nodiscard]] size_t total_for(size_t bytes) const noexcept {
    const size_t least = bytes + record_bytes;
    const size_t total =
        least > options_.largest_chunk
            ? detail::round_up(least, port::cache_line_bytes)
            : detail::max_of(size_t{1} << detail::ceil_log2(least), options_.smallest_chunk);
    const size_t unit = detail::max_of(source_.granularity(), size_t{1});
    return unit > SIZE_MAX / 4 ? total : (total + unit - 1) / unit * unit;
  }
  [[nodiscard]] static size_t bin_of(size_t size) noexcept {
    return detail::floor_log2(size);
  }
  [[nodiscard]] uintptr_t seal_of(const record* chunk) const noexcept {
    // Not zero, nor a value that a program writes; different for each chunk and group.
    const auto mixed = reinterpret_cast<uintptr_t>(chunk) ^
                       (reinterpret_cast<uintptr_t>(this) << 1) ^ chunk->size ^
                       chunk->memory.address() ^ (chunk->memory.size << 3);
    return mixed ^ static_cast<uintptr_t>(0x9E37'79B9'7F4A'7C15);
  }
  [[nodiscard]] static region payload_of(record* chunk) noexcept {
    return {reinterpret_cast<unsigned char*>(chunk) + record_bytes, chunk->size - record_bytes};
  }
  [[nodiscard]] status check(const record* chunk, region memory) const noexcept {
    if (memory.address() % port::cache_line_bytes != 0 || chunk->seal != seal_of(chunk)) {
      return status::foreign_pointer;
    }
    if (chunk->kept) {
      return status::double_free;
    }
    return memory.size == chunk->size - record_bytes ? status::ok : status::wrong_size;
  }

  [[nodiscard]] record* youngest_of(size_t total) noexcept {
    record* at = bins_[bin_of(total)];
    for (size_t looks = 0; at != nullptr && looks < looks_max; ++looks, at = at->next) {
      if (at->size >= total) {
        return recycle(at);
      }
    }
    return nullptr;
  }
  [[nodiscard]] record* any_above(size_t total) noexcept {
    for (size_t bin = bin_of(total); bin < detail::size_bits; ++bin) {
      for (record* at = bins_[bin]; at != nullptr; at = at->next) {
        if (at->size >= total) {
          return recycle(at);
        }
      }
    }
    return nullptr;
  }
  [[nodiscard]] record* recycle(record* chunk) noexcept {
    if constexpr (Checks::level != check_level::none) {
      if (chunk->seal != seal_of(chunk) || !chunk->kept) {
        detail::raise_corruption(chunk, this);
      }
    }
    unlink(chunk);
    ++now_.recycled;
    return chunk;
  }

  [[nodiscard]] record* from_source(size_t total) noexcept {
    region memory = source_.acquire(total);
    region usable = lines_of(memory);
    if (!memory.empty() &&
        usable.size < total) {  // it does not align: once more, with room for that
      source_.release(memory);
      memory = source_.acquire(total + 2 * port::cache_line_bytes);
      usable = lines_of(memory);
    }
    if (usable.size < total) {
      if (!memory.empty()) {
        source_.release(memory);
      }
      return nullptr;
    }
    auto* const chunk = new (detail::placement{usable.begin}) record;
    chunk->memory = memory;
    chunk->size = usable.size;
    chunk->seal = seal_of(chunk);
    ++now_.from_source;
    return chunk;
  }
  [[nodiscard]] static region lines_of(region memory) noexcept {
    const region aligned = memory.aligned(port::cache_line_bytes);
    return {aligned.begin, detail::round_down(aligned.size, port::cache_line_bytes)};
  }

  void keep(record* chunk) noexcept {
    chunk->kept = true;
    record*& first = bins_[bin_of(chunk->size)];
    chunk->previous = nullptr;
    chunk->next = first;
    if (first != nullptr) {
      first->previous = chunk;
    }
    first = chunk;
    chunk->younger = nullptr;
    chunk->older = youngest_;
    (youngest_ != nullptr ? youngest_->younger : oldest_) = chunk;
    youngest_ = chunk;
    now_.bytes_kept += chunk->size;
    ++now_.chunks_kept;
  }
  void unlink(record* chunk) noexcept {
    (chunk->previous != nullptr ? chunk->previous->next : bins_[bin_of(chunk->size)]) = chunk->next;
    if (chunk->next != nullptr) {
      chunk->next->previous = chunk->previous;
    }
    (chunk->older != nullptr ? chunk->older->younger : oldest_) = chunk->younger;
    (chunk->younger != nullptr ? chunk->younger->older : youngest_) = chunk->older;
    now_.bytes_kept -= chunk->size;
    --now_.chunks_kept;
  }
  void give_back(record* chunk) noexcept {
    const region memory = chunk->memory;
    chunk->seal = 0;  // nobody's, wherever the source keeps it
    ++now_.to_source;
    source_.release(memory);
  }
  /// Returns the bytes given back.
  size_t evict_to(size_t bytes) noexcept {
    const size_t before = now_.bytes_kept;
    while (now_.bytes_kept > bytes && oldest_ != nullptr) {
      record* const chunk = oldest_;
      if constexpr (Checks::level != check_level::none) {
        if (chunk->seal != seal_of(chunk)) {
          detail::raise_corruption(chunk, this);
        }
      }
      unlink(chunk);
      give_back(chunk);
    }
    return before - now_.bytes_kept;
  }

  chunk_options options_;
  chunk_accounts now_;
  record* bins_[detail::size_bits] = {};
  record* oldest_ = nullptr;
  record* youngest_ = nullptr;
  [[no_unique_address]] Source source_;
  [[no_unique_address]] mutable checked_lock<Lock, Checks::level> lock_;
};

}  // namespace acre
