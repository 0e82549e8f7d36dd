// SPDX-License-Identifier: MIT
// settings: what the base station configures: a calibration, a route, a schedule. They come when they
// come, have as many entries as they have, grow and shrink while they are used, and stay as long as
// they like. No size and no lifetime is known beforehand: this is what a heap is for.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "csv.hpp"
#include "memory.hpp"

namespace demo {

class setting_store {
 public:
  static constexpr size_t kept_max = 8;

  /// From now on the setting has `entries` entries: it is made, or its block becomes larger or smaller,
  /// in place if it can. Where there is no room, everything stays as it was.
  void set(text_view name, size_t entries) noexcept;

  /// Gives the setting back.
  void forget(text_view name) noexcept;

  /// The same in the part of the program that has a bug.
  void forget_badly(text_view name) noexcept;

  /// Checks a part of the heap, in bounded time; call it whenever there is nothing else to do.
  void audit() noexcept;

  /// Gives everything back.
  void shut_down() noexcept;

  [[nodiscard]] size_t count() const noexcept;
  [[nodiscard]] size_t damaged() const noexcept {
    return damaged_;
  }

 private:
  [[nodiscard]] setting** find(text_view name) noexcept;
  [[nodiscard]] setting** find_unused() noexcept;
  void make(text_view name, size_t entries) noexcept;
  void resize(setting*& kept, size_t entries) noexcept;
  void give_back(setting*& kept) noexcept;

  setting* kept_[kept_max] = {};
  size_t damaged_ = 0;  // settings whose checksum was wrong, and validations that failed
  acre::heap_cursor audited_;
};

/// Prints how full the heap is, and how much of what is free lies in one piece.
void print_new_settings(size_t count) noexcept;

}  // namespace demo
