// SPDX-License-Identifier: MIT
#include "node.hpp"

#include "numbers.hpp"
#include "receiver.hpp"
#include "story.hpp"

namespace demo {

namespace {

constexpr uint32_t window_ms = 1000;
constexpr uint32_t poll_ms = 500;  // how often the main program looks for messages

constexpr int32_t brown_out_mv = 2700;
constexpr int32_t recovered_mv = 3300;
constexpr int32_t shake_limit_mg = 1000;
constexpr int32_t temperature_limit = 3000;  // 1/100 degree
constexpr int32_t temperature_calm = 2950;
constexpr int32_t gravity_mg = 1000;

constexpr size_t reply_bytes = 16;

int32_t magnitude(int32_t value) noexcept {
  return value < 0 ? -value : value;
}

}  // namespace

void node::run(text_view recording) noexcept {
  receiver::start();
  recording.take_until('\n');  // the names of the columns
  while (!recording.empty()) {
    play(recording.take_until('\n'));
  }
  close_window();
}

void node::play(text_view line) noexcept {
  int32_t time_ms = 0;
  if (!parse_fixed(line.take_until(','), 0, time_ms)) {
    ++bad_lines_;
    return;
  }
  advance(static_cast<uint32_t>(time_ms));
  const text_view kind = line.take_until(',');
  if (kind.equals("sample")) {
    play_sample(line);
  } else if (kind.equals("packet")) {
    play_packet(line);
  } else if (kind.equals("radio")) {
    receiver::arrive(line);
  } else {
    ++bad_lines_;
  }
}

void node::advance(uint32_t now_ms) noexcept {
  if (now_ms / window_ms != window_number_) {
    close_window();
    window_number_ = now_ms / window_ms;
  }
  set_clock(now_ms);
  sender_.advance(now_ms);
  if (now_ms >= next_poll_ms_) {
    next_poll_ms_ = now_ms - now_ms % poll_ms + poll_ms;
    read_messages();
    settings_.audit();
  }
}

// --- what the recording brings --------------------------------------------------------------------

void node::play_sample(text_view fields) noexcept {
  sample taken{};
  taken.time_ms = clock_ms();
  const bool has_temperature = parse_fixed(fields.take_until(','), 2, taken.temperature);
  const bool has_pressure = parse_fixed(fields.take_until(','), 2, taken.pressure);  // hPa to Pa
  taken.complete = has_temperature && has_pressure ? 1 : 0;

  bool good = true;
  const int32_t rest[] = {0, 0, gravity_mg};
  for (const int32_t at_rest : rest) {
    int32_t axis = 0;
    good = parse_fixed(fields.take_until(','), 3, axis) && good;
    taken.shake = larger_of(taken.shake, magnitude(axis - at_rest));
  }
  good = parse_fixed(fields.take_until(','), 3, taken.battery) && good;
  if (!good) {
    ++bad_lines_;
    return;
  }

  ++samples_;
  watch_power(taken);
  watch_sensor(taken);
  if (!window_.add(taken)) log_event("window full: a sample is lost\n");
}

void node::play_packet(text_view fields) noexcept {
  int32_t bytes = 0;
  if (!parse_fixed(fields, 0, bytes) || bytes < 0) {
    ++bad_lines_;
    return;
  }
  sender_.queue(static_cast<size_t>(bytes));
}

void node::read_messages() noexcept {
  // The handler has no time for words: the pool's counters say what it could not take.
  const size_t lost = memory.messages.observer().read().exhausted_count;
  if (lost != messages_lost_) {
    story_line line("messages");
    line.text("the interrupt found no block for ").count(lost - messages_lost_, "message");
    line.print();
    messages_lost_ = lost;
  }
  const size_t settings_before = settings_.count();
  while (message* read = receiver::take()) {
    text_view rest{read->text, read->length};
    const text_view verb = rest.take_until(' ');
    if (verb.equals("ack")) {
      const size_t released = events_.acknowledge(rest);
      story_line line("radio");
      line.text(rest.begin, rest.size).text(" acknowledged: ").count(released, "event");
      line.text(" released");
      line.print();
      log_event("acknowledged\n");
    } else if (verb.equals("ping") && powered_) {
      sender_.queue(reply_bytes);
    } else if (verb.equals("set")) {
      const text_view name = rest.take_until(' ');
      int32_t entries = 0;
      if (parse_fixed(rest, 0, entries) && entries >= 0) {
        settings_.set(name, static_cast<size_t>(entries));
      }
    } else if (verb.equals("forget")) {
      settings_.forget(rest);
    } else if (verb.equals("expire")) {
      settings_.forget_badly(rest);
    }
    receiver::release(read);
  }
  if (settings_.count() > settings_before) {
    print_new_settings(settings_.count() - settings_before);
  }
}

// --- what is watched with each sample -------------------------------------------------------------

void node::watch_power(const sample& taken) noexcept {
  if (powered_ && taken.battery < brown_out_mv) {
    powered_ = false;
    events_.power = power_events::get_unique(
        power_event{taken.time_ms, 0, taken.battery, static_cast<uint32_t>(sender_.waiting())});
    story_line line("power");
    line.text("brown-out, ").fixed(taken.battery / 10, 2).text(" V: radio off, ");
    line.count(sender_.waiting(), "packet").text(" wait");
    line.text(events_.power != nullptr ? "; event kept" : "; no room for the event");
    line.print();
    log_event("brown-out\n");
    sender_.power_fails();
  } else if (!powered_ && taken.battery > recovered_mv) {
    powered_ = true;
    if (events_.power != nullptr) events_.power->end_ms = taken.time_ms;
    story_line line("power");
    line.text("back, ").fixed(taken.battery / 10, 2);
    line.text(" V: the radio ends a packet that was given back (a planted bug)");
    line.print();
    log_event("power is back\n");
    sender_.power_returns();
  } else if (!powered_ && events_.power != nullptr) {
    events_.power->lowest = smaller_of(events_.power->lowest, taken.battery);
  }
}

void node::watch_sensor(const sample& taken) noexcept {
  if (taken.complete == 0) {
    if (dropout_.samples_missed++ == 0) {
      dropout_.begin_ms = taken.time_ms;
      story_line line("sensor");
      line.text("gives no temperature and no pressure");
      line.print();
      log_event("sensor drop-out\n");
    }
    return;
  }
  if (dropout_.samples_missed != 0) {
    dropout_.end_ms = taken.time_ms;
    dropout_.last_temperature = last_complete_.temperature;
    dropout_.last_pressure = last_complete_.pressure;
    dropout_.window = window_number_;
    const bool kept = events_.dropouts.raise(dropout_);
    story_line line("sensor");
    line.text("back after ").count(dropout_.samples_missed, "sample");
    line.text(kept ? "; event kept" : "; no room for the event");
    line.print();
    log_event("sensor is back\n");
    dropout_ = {};
  }
  last_complete_ = taken;
}

// --- what is judged once a second -----------------------------------------------------------------

void node::close_window() noexcept {
  if (window_.size() == 0) return;
  // Two helpers, each with its own end of the scratch stack; both are gone at the end of the scope.
  const acre::frame sorting(memory.scratch, acre::stack_side::high);
  const acre::frame writing(memory.scratch, acre::stack_side::low);
  auto* sorted = static_cast<int32_t*>(memory.scratch.allocate(
      acre::layout::array_of<int32_t>(window_.size()), acre::stack_side::high));
  auto* text = static_cast<char*>(
      memory.scratch.allocate({log_bytes_min, alignof(char)}, acre::stack_side::low));
  const window_summary* summary =
      sorted == nullptr || text == nullptr ? nullptr : window_.summarise(sorted);

  if (summary != nullptr) {
    writer entry(text, log_bytes_min);
    entry.number(window_number_).text(" s ").fixed(summary->temperature, 2).text(" C ");
    entry.fixed(summary->pressure, 2).text(" hPa ").fixed(summary->shake_median, 3).text(" g\n");
    sample_log_.append(entry.begin(), entry.size());
    judge(*summary);
  }

  // The busiest moment of a window is now: all that it needs is taken, and nothing given back.
  if (const size_t in_use = bytes_in_use(); in_use > most_in_use_) {
    most_in_use_ = in_use;
    busiest_.draw();
  }
  window_.reset();
}

void node::judge(const window_summary& summary) noexcept {
  judge_shake(summary);
  judge_temperature(summary);
}

void node::judge_shake(const window_summary& summary) noexcept {
  const bool shakes = summary.shake_peak > shake_limit_mg;
  if (shakes && !shaking_) {
    story_line line("vibration");
    line.fixed(summary.shake_peak / 10, 2).text(" g: an event each second, with its trace");
    line.print();
  }
  if (shakes) {
    vibration_event happened{};
    happened.time_ms = clock_ms();
    happened.peak = summary.shake_peak;
    happened.samples = static_cast<uint16_t>(window_.size());
    for (size_t i = 0; i < window_.size(); ++i) {
      happened.trace[i] = static_cast<int16_t>(window_[i].shake);
    }
    if (!events_.vibrations.raise(happened) && vibrations_lost_++ == 0) {
      story_line line("events");
      line.text("the slabs are full: a vibration event is refused");
      line.print();
    }
    log_event("vibration\n");
  }
  if (!shakes && shaking_) {
    story_line line("vibration");
    line.text("over, ").count(vibrations_lost_, "event").text(" refused");
    line.print();
  }
  shaking_ = shakes;
}

void node::judge_temperature(const window_summary& summary) noexcept {
  if (summary.complete == 0) return;
  if (!hot_ && summary.temperature > temperature_limit) {
    hot_ = true;
    const bool kept =
        events_.limits.raise({clock_ms(), summary.temperature, temperature_limit, window_number_});
    story_line line("limit");
    line.fixed(summary.temperature, 2).text(" C is above ").fixed(temperature_limit, 2);
    line.text(kept ? "; event kept" : "; no room for the event");
    line.print();
    log_event("too hot\n");
  } else if (hot_ && summary.temperature < temperature_calm) {
    hot_ = false;
    log_event("cool again\n");
  }
}

void node::log_event(const char* text) noexcept {
  char buffer[log_bytes_min];
  writer entry(buffer, sizeof buffer);
  entry.number(clock_ms()).text(" ms: ").text(text);
  event_log_.append(entry.begin(), entry.size());
}

void node::shut_down() noexcept {
  sender_.shut_down();
  settings_.shut_down();
  while (message* left = receiver::take()) {
    receiver::release(left);
  }
  events_.acknowledge_all();
  sample_log_.flush();
  event_log_.flush();
  radio_log_.flush();
}

}  // namespace demo
