// SPDX-License-Identifier: MIT
#include <acre/stack.hpp>

#include "c_object.hpp"

using namespace acre;

struct acre_stack : c::object<c::locked<stack<c::policy>>, 4> {
  using object::object;
};

namespace {

// Whatever is not one side is the other.
stack_side from_c(acre_stack_side side) noexcept {
  return side == ACRE_STACK_LOW ? stack_side::low : stack_side::high;
}
acre_stack_mark as_c(const stack_mark& m) noexcept {
  return {{m.edge, m.blocks, static_cast<uintptr_t>(m.side)}};
}
stack_mark from_c(const acre_stack_mark& m) noexcept {
  return {m.place[0], m.place[1], m.place[2] == 0 ? stack_side::low : stack_side::high};
}

}  // namespace

extern "C" {

size_t acre_stack_required_bytes(size_t payload, size_t blocks, size_t align) noexcept {
  const size_t most = align == 0 ? default_alignment : align;
  if (!detail::is_power_of_two(most) || most > SIZE_MAX / 4) {
    return SIZE_MAX;
  }
  return c::sum_or_none(stack<c::policy>::required_bytes(payload, blocks, most),
                        c::control_bytes<acre_stack>());
}

acre_status acre_stack_create(acre_stack** stack, void* memory, size_t bytes,
                              const acre_lock* lock) noexcept {
  if (stack == nullptr) {
    return ACRE_INVALID_ARGUMENT;
  }
  *stack = nullptr;
  if (!c::is_complete(lock)) {
    return ACRE_INVALID_ARGUMENT;
  }
  region rest{memory, bytes};
  status result = status::ok;
  acre_stack* created = c::place<acre_stack>(rest, result, lock);
  if (created != nullptr) {
    result = created->allocator.init(rest);
  }
  return c::hand_over(stack, created, result);
}

acre_status acre_stack_destroy(acre_stack* stack) noexcept {
  return c::destroy(stack);
}

void* acre_stack_allocate(acre_stack* stack, size_t size) noexcept {
  return c::allocate(stack, size, default_alignment);
}

void* acre_stack_allocate_aligned(acre_stack* stack, size_t size, size_t align,
                                  acre_stack_side side) noexcept {
  return c::result_of(stack, static_cast<void*>(nullptr), [&](auto& a) {
    return a.allocate(layout{size, align}, from_c(side));
  });
}

acre_status acre_stack_free_sized(acre_stack* stack, void* block, size_t size) noexcept {
  return c::deallocate(stack, block, size, default_alignment);
}

acre_status acre_stack_free_aligned(acre_stack* stack, void* block, size_t size,
                                    size_t align) noexcept {
  return c::deallocate(stack, block, size, align);
}

acre_stack_mark acre_stack_get_mark(const acre_stack* stack, acre_stack_side side) noexcept {
  return c::result_of(stack, acre_stack_mark{},
                      [&](const auto& a) { return as_c(a.mark(from_c(side))); });
}

acre_status acre_stack_release_to(acre_stack* stack, acre_stack_mark position) noexcept {
  return c::status_of(stack, [&](auto& a) { return a.release_to(from_c(position)); });
}

acre_status acre_stack_reset(acre_stack* stack) noexcept {
  return c::status_of(stack, [](auto& a) {
    a.reset();
    return status::ok;
  });
}

bool acre_stack_owns(const acre_stack* stack, const void* p) noexcept {
  return c::owns(stack, p);
}

size_t acre_stack_largest_free(const acre_stack* stack) noexcept {
  return c::largest_free(stack);
}

acre_usage acre_stack_usage(const acre_stack* stack) noexcept {
  return c::usage_of(stack);
}

acre_status acre_stack_validate(const acre_stack* stack) noexcept {
  return c::validate(stack);
}

}  // extern "C"
