// SPDX-License-Identifier: MIT
// recording: recording.csv, embedded into the image by embed.py.
#pragma once

#include <stddef.h>

namespace demo {

extern const char recording[];
extern const size_t recording_bytes;

}  // namespace demo
