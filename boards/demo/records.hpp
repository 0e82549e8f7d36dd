// SPDX-License-Identifier: MIT
// records: what the node keeps in memory. No member is a pointer, so that each has the same size on
// a board and on a 64-bit host, and the figures of both can be compared.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace demo {

/// The fast rate of the sensor: what a window of one second can hold.
inline constexpr size_t samples_per_window_max = 24;

struct sample {
  uint32_t time_ms;
  int32_t temperature;  // 1/100 degree Celsius
  int32_t pressure;     // Pa
  int32_t shake;        // mg, the largest deviation of the three axes from rest
  int32_t battery;      // mV
  uint32_t complete;    // 0: the sensor gave no temperature and no pressure
};
static_assert(sizeof(sample) == 24);

/// What the node sends. Every packet takes a whole block, whatever it carries.
struct packet {
  static constexpr size_t payload_max = 56;

  uint32_t number;
  uint16_t payload_bytes;
  uint16_t checksum;
  uint8_t payload[payload_max];
};
static_assert(sizeof(packet) == 64);

/// What the node receives.
struct message {
  static constexpr size_t text_max = 31;

  uint8_t length;
  char text[text_max];
};
static_assert(sizeof(message) == 32);

/// A setting of the node: this head, and behind it the entries.
struct setting {
  static constexpr size_t name_max = 11;
  static constexpr size_t entries_max = 240;

  uint16_t entries;
  uint16_t checksum;
  char name[name_max + 1];  // ends with '\0'
};
static_assert(sizeof(setting) == 16);

struct setting_entry {
  int16_t at;
  int16_t value;
};
static_assert(sizeof(setting_entry) == 4);

/// A value crossed its limit.
struct limit_event {
  uint32_t time_ms;
  int32_t value;
  int32_t limit;
  uint32_t window;
};
static_assert(sizeof(limit_event) == 16);

/// The sensor gave nothing for a time.
struct dropout_event {
  uint32_t begin_ms;
  uint32_t end_ms;
  uint32_t samples_missed;
  int32_t last_temperature;
  int32_t last_pressure;
  uint32_t window;
};
static_assert(sizeof(dropout_event) == 24);

/// One window of vibration, with the trace that an engineer wants to see.
struct vibration_event {
  uint32_t time_ms;
  int32_t peak;
  uint16_t samples;
  int16_t trace[samples_per_window_max];
};
static_assert(sizeof(vibration_event) == 60);

/// The supply failed. Never to be lost because of the others.
struct power_event {
  uint32_t begin_ms;
  uint32_t end_ms;
  int32_t lowest;  // mV
  uint32_t packets_waiting;
};
static_assert(sizeof(power_event) == 16);

}  // namespace demo
