// SPDX-License-Identifier: MIT
// engine::remote_inbox: blocks pushed by anyone, taken out by one owner.
//
// Structure: a list through the first words of the blocks, newest first, that the owner takes whole, with
// one exchange, and then works off.
//
//    head_ -> newest -> ... -> oldest -> null        chain_ -> what the owner took and has not popped yet
//
// A push is one exchange: the block becomes the head, and what was the head becomes what lies below it.
// So there is nothing to try again. Between the two the block's link says `pending`: the owner that meets
// it comes back later, and never waits. Others' pushes do not wait either.
//
// Source: the exchange is that of D. Vyukov's intrusive queue of many producers and one consumer (2010),
// turned round: as the owner takes all at once, no stub element is needed.
//
// I1  Each block between a push and its pop is reachable from head_ or from chain_, once, but for those
//     below a link that is pending: these its pusher knows, and will link.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/abi.hpp>
#include <acre/detail/atomic.hpp>
#include <acre/detail/placement.hpp>

namespace acre::inline ACRE_ABI::engine {

template <class Atomics>
class remote_inbox {
  struct node;
  using link_cell = typename Atomics::template cell<node*>;
  using order = detail::order;

  struct [[gnu::may_alias]] node {
    link_cell next;
  };

 public:
  /// What a block must have room for, and be aligned to.
  static constexpr size_t block_bytes = sizeof(node);
  static constexpr size_t block_alignment = alignof(node);

  constexpr remote_inbox() noexcept = default;

  [[gnu::always_inline]] inline void push(void* block) noexcept {
    auto* const mine = new (detail::placement{block}) node{link_cell(pending())};
    // release: what the pusher wrote to the block, and that it is pending, is seen by the owner. Every
    // later exchange continues the release sequence, so that the owner sees it for all below, too.
    node* const below = head_.template exchange<order::release>(mine);
    // release: this is the pusher's last access, and has happened when the owner reuses the word.
    mine->next.template store<order::release>(below);
  }

  /// The owner only. Null if nothing is there, or what comes next is being pushed at this moment.
  [[nodiscard]] void* pop() noexcept {
    if (chain_ == nullptr) {
      if (empty()) {
        return nullptr;  // a load is cheaper than an exchange, and disturbs no pusher
      }
      chain_ = head_.template exchange<order::acquire>(nullptr);
    }
    node* const block = chain_;
    node* const below = block->next.template load<order::acquire>();
    if (below == pending()) {
      return nullptr;
    }
    chain_ = below;
    return block;
  }

  /// The owner only. False while pop() would find or await something.
  [[nodiscard]] bool empty() const noexcept {
    return chain_ == nullptr && head_.template load<order::relaxed>() == nullptr;
  }

  /// The owner only. Forgets what was taken and not popped yet: after a block that was in twice, what
  /// follows cannot be trusted.
  void drop() noexcept {
    chain_ = nullptr;
  }

 private:
  // No block lies there: blocks are aligned.
  static node* pending() noexcept {
    return reinterpret_cast<node*>(uintptr_t{1});
  }

  link_cell head_;
  node* chain_ = nullptr;
};

}  // namespace acre::engine
