// SPDX-License-Identifier: MIT
// node: the application. It plays the recording and reacts to what it reads, as firmware reacts to
// its sensors and its radio.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "csv.hpp"
#include "events.hpp"
#include "log_buffer.hpp"
#include "memory_map.hpp"
#include "sender.hpp"
#include "settings.hpp"
#include "window.hpp"

namespace demo {

class node {
 public:
  /// `busiest` becomes a picture of memory when most of it was in use.
  explicit node(memory_map& busiest) noexcept : busiest_(busiest) {}

  /// Plays the whole recording.
  void run(text_view recording) noexcept;

  /// Gives back everything that is still held.
  void shut_down() noexcept;

  [[nodiscard]] size_t samples() const noexcept {
    return samples_;
  }
  [[nodiscard]] size_t bad_lines() const noexcept {
    return bad_lines_;
  }
  [[nodiscard]] const sender& radio() const noexcept {
    return sender_;
  }
  [[nodiscard]] const setting_store& settings() const noexcept {
    return settings_;
  }

 private:
  void advance(uint32_t now_ms) noexcept;
  void play(text_view line) noexcept;
  void play_sample(text_view fields) noexcept;
  void play_packet(text_view fields) noexcept;

  void watch_power(const sample& taken) noexcept;
  void watch_sensor(const sample& taken) noexcept;
  void read_messages() noexcept;
  void close_window() noexcept;
  void judge(const window_summary& summary) noexcept;
  void judge_shake(const window_summary& summary) noexcept;
  void judge_temperature(const window_summary& summary) noexcept;
  void log_event(const char* text) noexcept;

  log_buffer sample_log_;
  log_buffer event_log_;
  log_buffer radio_log_;
  event_board events_;
  sender sender_{radio_log_};
  setting_store settings_;
  window window_;

  bool powered_ = true;
  bool shaking_ = false;
  bool hot_ = false;
  dropout_event dropout_{};  // samples_missed != 0: going on
  sample last_complete_{};
  size_t vibrations_lost_ = 0;
  size_t messages_lost_ = 0;
  uint32_t window_number_ = 0;
  uint32_t next_poll_ms_ = 0;
  size_t samples_ = 0;
  size_t bad_lines_ = 0;
  size_t most_in_use_ = 0;
  memory_map& busiest_;
};

}  // namespace demo
