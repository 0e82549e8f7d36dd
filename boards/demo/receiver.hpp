// SPDX-License-Identifier: MIT
// receiver: messages on their way in. The interrupt handler takes a block from a pool that it shares
// with the main program, fills it and puts it into a ring; the main program takes it out, and gives
// the block back when it has read it. The pool's lock, irq_lock, is what makes that safe.
#pragma once

#include "csv.hpp"
#include "records.hpp"

namespace demo::receiver {

/// Begins to take interrupts.
void start() noexcept;

/// Plays the hardware: `text` arrives and raises the interrupt.
void arrive(text_view text) noexcept;

/// The oldest message, or null; give it back with release().
[[nodiscard]] message* take() noexcept;
void release(message* read) noexcept;

}  // namespace demo::receiver
