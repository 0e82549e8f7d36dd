// SPDX-License-Identifier: MIT
// slab_words: who has each block of a slab, in words of a bit a block.
//
//   live     remote   lent
//   1        0        0      in use: its owner handed it out
//   1        1        1      in use: a thread handed it out that does not own the slab, and had freed it
//   1        1        0      in that thread's hands, or on its way home, and then in `home`, too
//   0        0        0      its owner's, in its hands or in the slab
//   0        1        any    freed by the owner and another thread at the same time: found late
//
// Only the slab's owner (a thread, or who has the lock) writes `live`, by plain loads and stores. Others claim a
// block by an atomic OR of `remote`, and of two of them one wins. `remote` stays set until the owner has the
// block back from who claimed it, however often it is handed out meanwhile: that is `lent`, which the next free
// takes back by an atomic AND. So an owner that freed the block when another thread did, both before they could see
// each other, has proof when it takes the block up again: it leaves the block to the other one, whose it is from
// then on, and there is no moment at which both may hand it out.
//
// At level full `lent` alone tells what is in use, also of the owner's blocks: every free is an atomic AND, and
// exactly one of two frees is told ok. `remote` is all ones, and `live` zero.
//
// I1  `lent` and `home` are parts of `remote`, and have no bit in common.
// I2  A bit in `remote`, and not in `lent`, is in one place: some thread's hands, or `home`.
// I3  A slab with a bit in `home` is queued, or about to be. (Who sets the bit then exchanges `queued`; who comes for
//     the bits has exchanged it before: one of the two exchanges sees the other.)
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/check_level.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/atomic.hpp>

namespace acre::inline ACRE_ABI::detail {

/// A bit for each block of a slab.
using slab_word = size_t;

/// `Atomics`: as native_atomics.
template <class Atomics>
class slab_words {
  using cell = typename Atomics::template cell<slab_word>;
  using flag = typename Atomics::template cell<uint32_t>;

 public:
  constexpr slab_words() noexcept = default;

  // --- for the owner

  /// Hands out a block of its own. False, and nothing has changed, iff another thread freed it when the owner did:
  /// yield() it.
  [[gnu::always_inline]] [[nodiscard]] inline bool take(slab_word bit, check_level level) noexcept {
    if (level == check_level::full) {
      lent_.template fetch_or<order::relaxed>(bit);
      return true;
    }
    if (level != check_level::none && (remote() & bit) != 0) [[unlikely]] {
      return false;
    }
    set_live(live() | bit);
    return true;
  }
  /// The block is that thread's.
  void yield(slab_word bit) noexcept {
    set_live(live() | bit);
  }

  /// A free of a block that the owner handed out. False if it did not: then claim() it.
  [[gnu::always_inline]] [[nodiscard]] inline bool give(slab_word bit, check_level level) noexcept {
    const slab_word now = live();
    if (level != check_level::none && (now & ~remote() & bit) == 0) {
      return false;
    }
    set_live(now & ~bit);
    return true;
  }

  struct arrivals {
    slab_word back;   // free in the slab now
    slab_word twice;  // these the owner had freed, too: they were in its hands before
  };
  /// What has come home.
  [[nodiscard]] arrivals collect(check_level level) noexcept {
    static_cast<void>(queued_.template exchange<order::acq_rel>(0));
    const slab_word home = home_.template exchange<order::acq_rel>(0);
    if (level == check_level::full) {
      return {home, 0};
    }
    // First `live`, then `remote`: who frees one of them again sees one or the other.
    const slab_word now = live();
    set_live(now & ~home);
    remote_.template fetch_and<order::acq_rel>(~home);
    return {home & now, home & ~now};
  }

  // --- for any thread

  /// A free: the block is the caller's, to lend() or to send home. False iff it is not in use.
  [[nodiscard]] bool claim(slab_word bit) noexcept {
    // acquire: who sees that a block has come home sees that it is not live. release: what this thread wrote to
    // the block is seen by who gets it next.
    if ((remote_.template load<order::acquire>() & bit) != 0) {
      return (lent_.template fetch_and<order::acq_rel>(~bit) & bit) != 0;
    }
    return (live() & bit) != 0 && (remote_.template fetch_or<order::acq_rel>(bit) & bit) == 0;
  }
  /// Hands out a block that it has claimed. At none, where the owner does not look whose a block is, it is as if
  /// the owner had done so.
  void lend(slab_word bit, check_level level) noexcept {
    if (level == check_level::none) {
      remote_.template fetch_and<order::relaxed>(~bit);
    } else {
      lent_.template fetch_or<order::relaxed>(bit);
    }
  }
  /// Sends blocks home that it has claimed. True: the caller puts the slab into its owner's inbox.
  [[nodiscard]] bool send(slab_word bits) noexcept {
    home_.template fetch_or<order::acq_rel>(bits);
    return queued_.template exchange<order::acq_rel>(1) == 0;
  }

  /// These are the user's.
  [[nodiscard]] slab_word in_use() const noexcept {
    return (live() & ~remote()) | lent();
  }

  // --- under the lock of the store, while nothing is in use

  /// From now on every claim fails. False, and nothing has changed, if a block is in the hands of a thread that freed
  /// it when its owner did.
  [[nodiscard]] bool close(slab_word all, check_level level) noexcept {
    if (level == check_level::full) {
      return true;
    }
    const slab_word before = remote_.template exchange<order::acq_rel>(all);
    if (before != 0) {
      remote_.template fetch_and<order::acq_rel>(before);
    }
    return before == 0;
  }
  void reopen(slab_word all, check_level level) noexcept {
    remote_.template store<order::release>(level == check_level::full ? all : 0);
  }

  // --- when nobody else calls

  /// Just these are in use, and handed out by the owner; none is on its way.
  void settle(slab_word used, slab_word all, check_level level) noexcept {
    const bool exact = level == check_level::full;
    set_live(exact ? 0 : used);
    remote_.template store<order::relaxed>(exact ? all : 0);
    lent_.template store<order::relaxed>(exact ? used : 0);
    home_.template store<order::relaxed>(0);
    queued_.template store<order::relaxed>(0);
  }
  /// Every invariant, where `free` are in the slab; and no block was freed by two that has not been found.
  [[nodiscard]] bool valid(slab_word free, slab_word all, check_level level) const noexcept {
    const slab_word home = home_.template load<order::relaxed>();
    const slab_word used = live() | lent();
    return ((free | used) & ~all) == 0 && (free & (used | home)) == 0 && (lent() & home) == 0 &&
           ((lent() | home) & ~remote()) == 0 &&
           (home == 0 || queued_.template load<order::relaxed>() != 0) &&
           (level == check_level::full ? remote() == all && live() == 0
                                       : (remote() & ~live()) == 0);
  }

 private:
  [[nodiscard]] slab_word live() const noexcept {
    return live_.template load<order::relaxed>();
  }
  void set_live(slab_word bits) noexcept {
    live_.template store<order::relaxed>(bits);
  }
  [[nodiscard]] slab_word remote() const noexcept {
    return remote_.template load<order::relaxed>();
  }
  [[nodiscard]] slab_word lent() const noexcept {
    return lent_.template load<order::relaxed>();
  }

  cell live_;
  cell remote_;
  cell lent_;
  cell home_;
  flag queued_;
};

}  // namespace acre::detail
