// SPDX-License-Identifier: MIT
// What cores do between reset and their work: each has a mailbox, and sleeps while it is empty.
#include <acre/platform/cores.hpp>

#include "cores.hpp"
#include "runtime.hpp"

namespace acre::platform {

namespace {

struct mailbox {
  core_entry entry;  // null: the core sleeps, or is off
  void* argument;    // belongs to whoever sees `entry`: the sender while null, the core while not
  bool on;           // core 0's
};

mailbox mailboxes[core_count];

bool stacks_painted;  // core 0's

void paint_stack(uint32_t id) noexcept {
  const detail::stack_extent stack = detail::stack_of(id);
  for (auto word = stack.begin; word < stack.end; word += sizeof(uint32_t)) {
    *reinterpret_cast<volatile uint32_t*>(word) = detail::stack_paint;
  }
}

// Before the first of them runs: where cores sleep from reset on, its first event wakes them all.
void paint_stacks() noexcept {
  if (stacks_painted) {
    return;
  }
  stacks_painted = true;
  for (uint32_t id = 1; id < core_count; ++id) {
    paint_stack(id);
  }
}

}  // namespace

void start_core(uint32_t id, core_entry entry, void* argument) noexcept {
  paint_stacks();
  mailbox& box = mailboxes[id];
  box.argument = argument;
  __atomic_store_n(&box.entry, entry, __ATOMIC_RELEASE);
  if (box.on) {
    send_event();
    return;
  }
  box.on = true;
  detail::switch_on_core(id);
}

void wait_for_core(uint32_t id) noexcept {
  while (__atomic_load_n(&mailboxes[id].entry, __ATOMIC_ACQUIRE) != nullptr) {
    wait_for_event();
  }
}

void run_on_all(core_entry entry, void* argument) noexcept {
  for (uint32_t id = 1; id < core_count; ++id) {
    start_core(id, entry, argument);
  }
  entry(argument);
  for (uint32_t id = 1; id < core_count; ++id) {
    wait_for_core(id);
  }
}

}  // namespace acre::platform

void acre_start_other() {
  using namespace acre::platform;
  detail::set_up_core();
  mailbox& box = mailboxes[core_id()];
  for (;;) {
    const core_entry entry = __atomic_load_n(&box.entry, __ATOMIC_ACQUIRE);
    if (entry == nullptr) {
      wait_for_event();
      continue;
    }
    entry(box.argument);
    __atomic_store_n(&box.entry, core_entry{nullptr}, __ATOMIC_RELEASE);
    send_event();
  }
}
