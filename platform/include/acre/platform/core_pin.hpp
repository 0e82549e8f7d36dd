// SPDX-License-Identifier: MIT
// core_pin: what acre::per_core_pool keeps its caller undisturbed with, on bare metal.
#pragma once

#include <acre/platform/cores.hpp>
#include <acre/platform/irq.hpp>

namespace acre::platform {

/// Interrupts of this core are masked for its life, so nothing moves the caller to another core or calls
/// in between.
class [[nodiscard]] core_pin {
 public:
  core_pin() noexcept : state_(irq_disable()) {}
  ~core_pin() noexcept {
    irq_restore(state_);
  }
  core_pin(const core_pin&) = delete;
  core_pin& operator=(const core_pin&) = delete;

  [[nodiscard]] uint32_t core() const noexcept {
    return core_id();
  }

 private:
  irq_state state_;
};

}  // namespace acre::platform
