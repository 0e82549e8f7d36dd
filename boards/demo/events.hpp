// SPDX-License-Identifier: MIT
// events: what happened and was not acknowledged yet. An event lives in the slab that fits its size
// until the base station has seen it; the unique_ptr in the list is its whole life cycle.
#pragma once

#include "csv.hpp"
#include "memory.hpp"

namespace demo {

/// The open events of one type, at most `Max`.
template <class Event, size_t Max>
class open_events {
 public:
  /// Keeps a copy. False iff there is no memory, or Max are open.
  [[nodiscard]] bool raise(const Event& happened) noexcept {
    if (count_ == Max) return false;
    open_[count_] = acre::make_unique<Event>(memory.events, happened);
    if (open_[count_] == nullptr) return false;
    ++count_;
    return true;
  }

  /// Releases all, and returns how many there were.
  size_t acknowledge() noexcept {
    const size_t released = count_;
    while (count_ > 0) {
      open_[--count_].reset();
    }
    return released;
  }

 private:
  acre::unique_ptr<Event, acre::owner_of<event_slab>> open_[Max];
  size_t count_ = 0;
};

struct event_board {
  static constexpr size_t open_max = 8;

  open_events<limit_event, open_max> limits;
  open_events<dropout_event, open_max> dropouts;
  open_events<vibration_event, open_max> vibrations;
  power_events::pointer power;  // one word: its allocator is a type

  /// Releases the events of the kind that `text` names, such as "limit"; returns how many.
  size_t acknowledge(text_view kind) noexcept;
  void acknowledge_all() noexcept;
};

}  // namespace demo
