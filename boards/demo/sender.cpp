// SPDX-License-Identifier: MIT
#include "sender.hpp"

#include <acre/config.hpp>

#include "numbers.hpp"
#include "story.hpp"

namespace demo {

namespace {

// The queue counts as drained, and the story goes on, when this few packets wait.
constexpr size_t drained_count = packet_count / 4;

uint16_t checksum_of(const packet& p) noexcept {
  uint32_t a = 1;
  uint32_t b = 0;
  for (size_t i = 0; i < p.payload_bytes; ++i) {  // Fletcher's, on 8 bits
    a = (a + p.payload[i]) & 0xFF;
    b = (b + a) & 0xFF;
  }
  return static_cast<uint16_t>(b << 8 | a);
}

}  // namespace

void sender::queue(size_t payload_bytes) noexcept {
  packet* made = memory.packets.create();
  if (made == nullptr) {
    ++refused_;
    if (!congested_) {
      congested_ = true;
      story_line line("packets");
      line.text("all ").count(packet_count, "block").text(" in use: new packets are refused");
      line.print();
    }
    return;
  }
  made->number = ++made_;
  made->payload_bytes = static_cast<uint16_t>(smaller_of(payload_bytes, packet::payload_max));
  for (size_t i = 0; i < made->payload_bytes; ++i) {
    made->payload[i] = static_cast<uint8_t>(made_ + i);
  }
  made->checksum = checksum_of(*made);
  queue_[(oldest_ + waiting_) % packet_count] = made;
  ++waiting_;
}

packet* sender::take_oldest() noexcept {
  packet* oldest = queue_[oldest_];
  oldest_ = (oldest_ + 1) % packet_count;
  --waiting_;
  return oldest;
}

void sender::advance(uint32_t now_ms) noexcept {
  for (; next_slot_ms_ <= now_ms; next_slot_ms_ += slot_ms) {
    if (!powered_) continue;
    if (on_air_ != nullptr) finish_packet();
    if (waiting_ > 0) on_air_ = take_oldest();
  }
  if (congested_ && waiting_ <= drained_count) {
    congested_ = false;
    story_line line("packets");
    line.text("the queue drains, ").number(refused_).text(" were refused");
    line.print();
  }
}

void sender::finish_packet() noexcept {
  damaged_ += checksum_of(*on_air_) == on_air_->checksum ? 0U : 1U;
  ++sent_;
  char buffer[log_bytes_min];
  writer entry(buffer, sizeof buffer);
  entry.text("sent ").number(on_air_->number).text(", ").number(on_air_->payload_bytes).text("\n");
  log_.append(entry.begin(), entry.size());
  memory.packets.destroy(on_air_);
  on_air_ = nullptr;
}

void sender::power_fails() noexcept {
  powered_ = false;
  memory.packets.destroy(on_air_);
  // The bug that this demo plants: on_air_ still points to the packet. No packet is made until power
  // is back; else the block could have a new owner, and giving it back would look right to anyone.
}

void sender::power_returns() noexcept {
  powered_ = true;
  // The radio reports the end of the packet that it had begun, and it is given back once more. acre
  // finds that out before anything changes; the fault hook tells. Where the configuration traps
  // instead, the demo would end here.
  if constexpr (!acre::config::trap_on_misuse) {
    memory.packets.destroy(on_air_);
  }
  on_air_ = nullptr;
}

void sender::shut_down() noexcept {
  memory.packets.destroy(on_air_);
  on_air_ = nullptr;
  while (waiting_ > 0) {
    memory.packets.destroy(take_oldest());
  }
}

}  // namespace demo
