// SPDX-License-Identifier: MIT
// thread_slabs: blocks of one size for all threads of a process, which grows as it needs to.
//
// Each thread takes blocks from slabs of its own, without a lock or an atomic operation, and gives them back
// so, too; a block of another thread's slab goes back by one atomic OR, and for the first block of a slab an
// exchange. What is free and what is live stands in bits outside the blocks: exact checks, no header,
// and no link that a write after free could break. (detail/slab_store.hpp has the structure.)
//
// Use it where several threads allocate one type at a high rate. One thread: pool. Any size: heap, under a lock.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/poison.hpp>
#include <acre/fault.hpp>
#include <acre/policies.hpp>
#include <acre/pool.hpp>
#include <acre/port/detail/slab_store.hpp>
#include <acre/port/os_source.hpp>

namespace acre::inline ACRE_ABI::hosted {

/// Blocks of `BlockSize` bytes in regions from `Source`. Constinit; no call before the first is needed, and no
/// destructor runs: release_all() gives everything back.
///
/// A slab has a bit a block in one word: 64 blocks, 32 on 32-bit, and fewer where they would take more
/// than 16 KiB. Chunks, of 256 KiB to 1 MiB for blocks up to 64 KiB, hold slabs and nothing else; there are 64 bytes of metadata for
/// each slab. A thread keeps its current slab and up to 64 KiB of slabs with nothing in use (one at
/// least); when it ends, all of its slabs are for the others.
///
/// Threads: all members from any thread, at any time, but for release_all(). Also from destructors that run when a
/// thread ends: then under a lock. Signal handlers: give_back() only. fork(): the child may use everything;
/// what other threads had allocated stays allocated. No call to malloc.
/// Cost: allocate and deallocate O(1), expected; one of per_slab calls takes the lock, and one of a chunk's asks the source. A thread that
/// allocates also collects what others gave back.
/// Misuse found at basic and above: every double, foreign, interior and misaligned free, local or remote,
/// before anything changes. One exception at basic: where the thread whose slab it is frees a block in the same few
/// instructions as another thread, both may be told ok. The second is found when that thread takes the block up
/// again or gets it back; then the fault hook is told, without a call site, and the free is dropped: the block has
/// one owner at any time. At full exactly one of several frees is told ok, whoever they are: each call of allocate and
/// deallocate has one atomic operation for it. Also writes to free blocks are found, when they are handed out again.
template <size_t BlockSize, region_source Source = os_source, check_policy Checks = default_checks,
          size_t Align = acre::detail::natural_alignment<BlockSize>>
class thread_slabs {
  static constexpr size_t stride =
      acre::detail::round_up(acre::detail::max_of(BlockSize, Align), Align);
  static constexpr bool checked = Checks::level != check_level::none;
  static constexpr bool poisons = Checks::level == check_level::full;

  static constexpr size_t power_of_two_for(size_t n) noexcept {
    return size_t{1} << acre::detail::ceil_log2(n);
  }
  static constexpr acre::detail::slab_geometry shape_for() noexcept {
    constexpr size_t kib = 1024;
    const size_t per_slab =
        acre::detail::min_of(acre::detail::size_bits * size_t{1},
                             acre::detail::max_of(16 * kib / power_of_two_for(stride), size_t{1}));
    const size_t bytes_of_slab = per_slab * stride;
    const size_t bytes_of_chunk = acre::detail::max_of(
        acre::detail::min_of(acre::detail::max_of(power_of_two_for(4096 * stride), 256 * kib),
                             1024 * kib),
        power_of_two_for(16 * stride));
    return {.stride = stride,
            .per_slab = per_slab,
            .per_chunk = bytes_of_chunk / bytes_of_slab,
            .chunk_bytes = bytes_of_chunk,
            .spare_max = acre::detail::max_of(64 * kib / bytes_of_slab, size_t{1}),
            .kept_max = acre::detail::min_of(acre::detail::kept_most,
                                             acre::detail::max_of(64 * kib / stride, size_t{2})),
            .level = Checks::level};
  }
  static constexpr acre::detail::slab_geometry shape = shape_for();
  static constexpr acre::detail::exact_divisor divisor = acre::detail::exact_divisor::of(stride);
  static_assert(shape.per_chunk <= UINT16_MAX);
  static_assert(BlockSize > 0 && Align <= 4096 && acre::detail::is_power_of_two(Align));

  using word = acre::detail::slab_word;
  using record = acre::detail::slab_record;
  using heap = acre::detail::slab_heap;

 public:
  using policies_type = policies<lock_free, Checks, no_observer>;
  /// Bytes from one block to the next, and what each is aligned to.
  static constexpr size_t block_bytes = stride;
  static constexpr size_t block_alignment = Align;
  /// Blocks in a slab, and the bytes of one.
  static constexpr size_t blocks_per_slab = shape.per_slab;
  static constexpr size_t slab_bytes = shape.per_slab * stride;
  /// What is asked of the source, whose regions need not be aligned: then twice as much is.
  static constexpr size_t chunk_bytes = shape.chunk_bytes;
  /// Bytes of slabs that a thread keeps with nothing in use.
  static constexpr size_t kept_bytes_max =
      (shape.spare_max + 1) * slab_bytes + 2 * shape.kept_max * stride;

  constexpr thread_slabs() noexcept = default;
  thread_slabs(const thread_slabs&) = delete;
  thread_slabs& operator=(const thread_slabs&) = delete;

  /// A block. Null iff the source gave no region for more.
  [[nodiscard]] void* allocate() noexcept {
    heap* const mine = store_.heap();
    if (mine != nullptr && mine->own.count != 0) [[likely]] {
      const acre::detail::kept_block& top = mine->own.blocks[mine->own.count - 1];
      if (top.slab().take(top.bit(), Checks::level)) [[likely]] {
        --mine->own.count;
        return handed_out(top.block);
      }
    }
    return handed_out(store_.allocate_slow(mine));
  }

  /// A block for `wanted`. Null also if no block is large enough or aligned well enough.
  [[nodiscard]] void* allocate(layout wanted) noexcept {
    return fits(wanted) ? allocate() : nullptr;
  }

  /// Gives `block` back, in whatever thread; null does nothing. Returns ok, or the misuse that was found; then
  /// nothing has changed.
  status deallocate(void* block) noexcept {
    heap* const mine = store_.heap();
    word bit = 0;
    record* const slab = find(block, bit);
    if (slab == nullptr) [[unlikely]] {
      return block == nullptr ? status::ok : refuse(block, status::foreign_pointer);
    }
    if (slab->owner.load(std::memory_order_relaxed) != mine) [[unlikely]] {
      return free_remote(mine, *slab, bit, block);
    }
    if constexpr (poisons) {
      if (!slab->claim(bit)) {
        return refuse(block, status::double_free);
      }
      retire(block);
    } else if (!slab->give(bit, Checks::level)) [[unlikely]] {
      return free_remote(mine, *slab, bit, block);  // another thread handed it out, or it is free
    }
    if (mine->own.count == shape.kept_max) [[unlikely]] {
      store_.put_back(*mine);
    }
    mine->own.blocks[mine->own.count++] = {
        block, reinterpret_cast<uintptr_t>(slab) | acre::detail::trailing_zeros_word(bit)};
    return status::ok;
  }

  /// The same for the layout of the request; wrong_size if the block is smaller, and the level checks.
  status deallocate(void* block, layout given) noexcept {
    if (checked && block != nullptr && !fits(given)) [[unlikely]] {
      return refuse(block, status::wrong_size);
    }
    return deallocate(block);
  }

  /// As deallocate, for signal handlers: as if by another thread, wait-free, and without the thread's own
  /// data. It is free for its thread after that has collected.
  status give_back(void* block) noexcept {
    word bit = 0;
    record* const slab = find(block, bit);
    if (slab == nullptr) [[unlikely]] {
      return block == nullptr ? status::ok : refuse(block, status::foreign_pointer);
    }
    if (!slab->claim(bit)) {
      return refuse(block, status::double_free);
    }
    retire(block);
    store_.send_back(*slab, bit);
    return status::ok;
  }

  /// True iff `p` points into a block, live or not. O(1), expected. Waits for nobody.
  [[nodiscard]] bool owns(const void* p) const noexcept {
    const auto address = reinterpret_cast<uintptr_t>(p);
    const uintptr_t begin = acre::detail::round_down(address, shape.chunk_bytes);
    return store_.find(begin, shape.chunk_shift()) != nullptr &&
           address - begin < shape.per_chunk * slab_bytes;
  }

  /// True iff deallocate(p, given) would succeed now and `p` is not null. O(1), expected. Waits for nobody.
  [[nodiscard]] bool is_live(const void* p, layout given) const noexcept {
    word bit = 0;
    const record* const slab = find(p, bit);
    return slab != nullptr && fits(given) && (slab->in_use() & bit) != 0;
  }

  /// What is in use, in all threads, and what is free in chunks. Exact when nobody else calls. O(slabs), under
  /// the lock.
  [[nodiscard]] acre::usage usage() const noexcept {
    return store_.usage();
  }

  /// block_bytes: there may always be more.
  [[nodiscard]] size_t largest_free() const noexcept {
    return block_bytes;
  }

  /// Checks every invariant. Returns ok, or corrupted, which a block also is that two have freed before that is
  /// found. Only when nobody else calls. O(slabs).
  [[nodiscard]] status validate() const noexcept {
    return store_.validate();
  }

  /// Puts what this thread keeps where all threads find it: before it sleeps for long.
  void flush() noexcept {
    store_.flush();
  }

  /// flush(), then gives the chunks with nothing in use back to the source; what other threads keep stays. Returns the bytes given
  /// back. O(slabs), under the lock.
  size_t trim() noexcept {
    return store_.trim();
  }

  /// Gives everything back to the source, whatever is live. No other thread may be calling, and pointers to
  /// blocks are foreign from then on.
  void release_all() noexcept {
    store_.release_all();
  }

  /// What has happened so far, in all threads; exact when nobody else calls. O(threads).
  [[nodiscard]] acre::detail::slab_store::counts counts() const noexcept {
    return store_.read_counts();
  }

  /// The source, which is part of this object. It is called under the lock.
  [[nodiscard]] Source& source() noexcept {
    return source_;
  }

 private:
  static constexpr bool fits(layout wanted) noexcept {
    return wanted.valid() && wanted.size <= stride && wanted.align <= Align;
  }

  /// The slab in which a block begins at `p`, and its bit there; null if there is none.
  [[gnu::always_inline]] [[nodiscard]] inline record* find(const void* p,
                                                           word& bit) const noexcept {
    const auto address = reinterpret_cast<uintptr_t>(p);
    const uintptr_t begin = acre::detail::round_down(address, shape.chunk_bytes);
    record* const records = store_.find(begin, shape.chunk_shift());
    const size_t number = divisor.index(address - begin);
    if (records == nullptr || number >= shape.per_chunk * shape.per_slab) [[unlikely]] {
      return nullptr;
    }
    bit = word{1} << (number % shape.per_slab);
    return records + number / shape.per_slab;
  }

  [[gnu::always_inline]] inline void* handed_out(void* block) noexcept {
    if constexpr (poisons) {
      if (block != nullptr && !acre::detail::is_poisoned(block, 0, stride)) {
        acre::detail::raise_corruption(block, this);
      }
    }
    return block;
  }
  [[gnu::always_inline]] inline void retire(void* block) noexcept {
    if constexpr (poisons) {
      acre::detail::poison(block, 0, stride);
    }
  }

  [[gnu::noinline]] status free_remote(heap* mine, record& slab, word bit, void* block) noexcept {
    if (!slab.claim(bit)) {
      return refuse(block, status::double_free);
    }
    retire(block);
    store_.keep(mine, slab, bit, block);
    return status::ok;
  }

  /// Finds out why, and tells the hook.
  [[gnu::cold, gnu::noinline]] status refuse(void* block, status code) noexcept {
    if (code == status::foreign_pointer && owns(block)) {
      code = reinterpret_cast<uintptr_t>(block) % Align != 0 ? status::misaligned_pointer
                                                             : status::interior_pointer;
    }
    return acre::detail::raise_misuse(code, block, this, __builtin_return_address(0));
  }

  Source source_;
  acre::detail::slab_store store_{shape, acre::detail::source_calls(source_)};
};

}  // namespace acre::hosted
