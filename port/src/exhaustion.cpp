// SPDX-License-Identifier: MIT
// What all containers of a process share when there is no room: the hook, and each thread's prepaid blocks.
#include <acre/port/exhaustion.hpp>

#include <atomic>

namespace acre {

namespace {

constinit std::atomic<exhaustion_hook> installed{nullptr};

}  // namespace

exhaustion_hook set_exhaustion_hook(exhaustion_hook hook) noexcept {
  return installed.exchange(hook, std::memory_order_acq_rel);
}

namespace detail {

namespace {

// The innermost form in progress. Constant-initialised and trivial: no destructor to register.
thread_local constinit prepaid_blocks* innermost = nullptr;

}  // namespace

void tell_exhaustion(layout wanted) noexcept {
  if (const exhaustion_hook hook = installed.load(std::memory_order_acquire); hook != nullptr) {
    hook(wanted);
  }
}

prepaid_blocks::prepaid_blocks() noexcept : outer_(innermost) {
  innermost = this;
}

prepaid_blocks::~prepaid_blocks() noexcept {
  innermost = outer_;
}

void* prepaid_blocks::take(const void* whose, layout wanted) noexcept {
  for (prepaid_blocks* at = innermost; at != nullptr; at = at->outer_) {
    for (unsigned i = 0; i < at->count_; ++i) {
      entry& paid = at->blocks_[i];
      if (paid.block != nullptr && paid.whose == whose && paid.size_and_alignment == wanted) {
        void* block = paid.block;
        paid.block = nullptr;
        return block;
      }
    }
  }
  return nullptr;
}

}  // namespace detail
}  // namespace acre
