// SPDX-License-Identifier: MIT
// sender: packets on their way out. A packet is taken from the pool when the application has
// something to say and given back when the radio has sent it, one every slot. When the application
// says more than the radio sends the pool runs out, packets are refused, and nothing else happens.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "log_buffer.hpp"
#include "memory.hpp"

namespace demo {

class sender {
 public:
  static constexpr uint32_t slot_ms = 125;

  explicit sender(log_buffer& log) noexcept : log_(log) {}

  /// Makes a packet of `payload_bytes` and queues it; refuses it when no block is left.
  void queue(size_t payload_bytes) noexcept;

  /// Sends what the slots up to `now_ms` have room for.
  void advance(uint32_t now_ms) noexcept;

  /// The radio stops in the middle of a packet, which is given back.
  void power_fails() noexcept;
  void power_returns() noexcept;

  /// Gives back what is still queued.
  void shut_down() noexcept;

  [[nodiscard]] size_t waiting() const noexcept {
    return waiting_;
  }
  [[nodiscard]] size_t sent() const noexcept {
    return sent_;
  }
  [[nodiscard]] size_t refused() const noexcept {
    return refused_;
  }
  [[nodiscard]] size_t damaged() const noexcept {
    return damaged_;
  }

 private:
  [[nodiscard]] packet* take_oldest() noexcept;
  void finish_packet() noexcept;

  log_buffer& log_;
  packet* queue_[packet_count] = {};  // a ring: the pool never has more than fit into it
  size_t oldest_ = 0;
  size_t waiting_ = 0;
  packet* on_air_ = nullptr;
  uint32_t next_slot_ms_ = 0;
  bool powered_ = true;
  bool congested_ = false;
  uint32_t made_ = 0;
  size_t sent_ = 0;
  size_t refused_ = 0;
  size_t damaged_ = 0;  // packets whose checksum was wrong when they were sent
};

}  // namespace demo
