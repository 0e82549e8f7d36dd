// SPDX-License-Identifier: MIT
// remote_inbox: a letter box for blocks. Anyone drops a block in, in any context; one owner empties it.
//
// Use it to hand blocks from interrupts, threads and other cores to the one context that owns their
// allocator. deferred<A> does so for frees.
#pragma once

#include <acre/config.hpp>
#include <acre/detail/abi.hpp>
#include <acre/engine/remote_inbox.hpp>

namespace acre::inline ACRE_ABI {

/// Two words, constinit. While a block is in the box its first word is the box's; the rest stays as it was,
/// and the owner sees what the pusher wrote there. Not copyable: its address is in nobody's hands but the
/// pushers'.
///
/// No order is promised: what came since the owner last looked is popped newest first.
class remote_inbox {
  using engine_type = engine::remote_inbox<detail::native_atomics<config::smp>>;

 public:
  /// What a block must have room for, and be aligned to.
  static constexpr size_t block_bytes = engine_type::block_bytes;
  static constexpr size_t block_alignment = engine_type::block_alignment;

  constexpr remote_inbox() noexcept = default;
  remote_inbox(const remote_inbox&) = delete;
  remote_inbox& operator=(const remote_inbox&) = delete;

  /// Drops `block` in; null does nothing. It must be the caller's, of block_bytes, aligned to block_alignment, and not in a
  /// box already; nobody touches it before it is popped. Any thread, interrupt or core; wait-free: one
  /// exchange and two stores, and no loop but that of the exchange, where a core makes it of two
  /// instructions (LDREX and STREX, LR and SC).
  void push(void* block) noexcept {
    if (block != nullptr) {
      engine_.push(block);
    }
  }

  /// Takes a block out. Null iff there is none, or the next one is in the middle of its push: then ask
  /// again later. The owner only; O(1), waits for nobody.
  [[nodiscard]] void* pop() noexcept {
    return engine_.pop();
  }

  /// True iff nothing was pushed that has not been popped. The owner only; O(1).
  [[nodiscard]] bool empty() const noexcept {
    return engine_.empty();
  }

  /// Forgets the blocks that the owner has begun to work off: after it popped one that it had already,
  /// for then somebody pushed a block that was in the box, and what follows it cannot be trusted. Blocks
  /// that were not taken out yet stay. The owner only; O(1).
  void drop() noexcept {
    engine_.drop();
  }

 private:
  engine_type engine_;
};

}  // namespace acre
