// SPDX-License-Identifier: MIT
// What GCC calls for an atomic operation that the core has no instruction for; libgcc has none of it.
// Loads and stores are always instructions.
//
// Armv6-M and RV32 without A: the operation runs with interrupts disabled, for at most about ten
// instructions, which is enough because such a core is alone. RV32 with A, which may not be: words have
// instructions, so a byte or a half is changed by exchanging the word around it.
#include <stdint.h>

#include <acre/platform/irq.hpp>

#if __GCC_ATOMIC_CHAR_LOCK_FREE < 2

namespace acre::platform {

namespace {

// Replaces the value by change(value), unless that says not to; returns the value from before.
// `change` is void(T& value, bool& store).

#if __GCC_ATOMIC_INT_LOCK_FREE < 2

template <class T, class Change>
[[gnu::always_inline]] inline T update(volatile void* object, Change change) noexcept {
  auto* const target = static_cast<volatile T*>(object);
  const irq_state state = irq_disable();
  const T before = *target;
  T value = before;
  bool store = true;
  change(value, store);
  if (store) {
    *target = value;
  }
  irq_restore(state);
  return before;
}

#else

template <class T, class Change>
[[gnu::always_inline]] inline T update(volatile void* object, Change change) noexcept {
  const auto address = reinterpret_cast<uintptr_t>(object);
  auto* const word = reinterpret_cast<uint32_t*>(address & ~uintptr_t{3});
  const unsigned shift = 8 * (address & 3);  // little endian
  const uint32_t mask = uint32_t{static_cast<T>(~T{0})} << shift;
  uint32_t whole = __atomic_load_n(word, __ATOMIC_RELAXED);
  for (;;) {  // again only when another core or an interrupt has changed the word: some call got on
    const T before = static_cast<T>(whole >> shift);
    T value = before;
    bool store = true;
    change(value, store);
    const uint32_t changed = (whole & ~mask) | (uint32_t{value} << shift);
    if (!store || __atomic_compare_exchange_n(word, &whole, changed, false, __ATOMIC_SEQ_CST,
                                              __ATOMIC_SEQ_CST)) {
      return before;
    }
  }
}

#endif

}  // namespace

// GCC knows these names as builtins and lets no one define them by name. The memory order is the last
// argument; the strongest is always right.
#define ACRE_ATOMIC_UPDATE(type, name, change)                                                   \
  extern "C" type acre_atomic_##name(volatile void*, type, int) noexcept asm("__atomic_" #name); \
  extern "C" type acre_atomic_##name(volatile void* object, type operand, int) noexcept {        \
    return update<type>(object, [operand](type& value, bool&) { value = change; });              \
  }

#define ACRE_ATOMIC(type, size)                                                                \
  ACRE_ATOMIC_UPDATE(type, exchange_##size, operand)                                           \
  ACRE_ATOMIC_UPDATE(type, fetch_add_##size, static_cast<type>(value + operand))               \
  ACRE_ATOMIC_UPDATE(type, fetch_sub_##size, static_cast<type>(value - operand))               \
  ACRE_ATOMIC_UPDATE(type, fetch_and_##size, static_cast<type>(value & operand))               \
  ACRE_ATOMIC_UPDATE(type, fetch_or_##size, static_cast<type>(value | operand))                \
  ACRE_ATOMIC_UPDATE(type, fetch_xor_##size, static_cast<type>(value ^ operand))               \
  extern "C" bool acre_atomic_compare_exchange_##size(                                         \
      volatile void*, void*, type, int, int) noexcept asm("__atomic_compare_exchange_" #size); \
  extern "C" bool acre_atomic_compare_exchange_##size(volatile void* object, void* expected,   \
                                                      type desired, int, int) noexcept {       \
    auto& wanted = *static_cast<type*>(expected);                                              \
    const type before = update<type>(object, [&wanted, desired](type& value, bool& store) {    \
      store = value == wanted;                                                                 \
      value = desired;                                                                         \
    });                                                                                        \
    const bool equal = before == wanted;                                                       \
    wanted = before;                                                                           \
    return equal;                                                                              \
  }

ACRE_ATOMIC(uint8_t, 1)
ACRE_ATOMIC(uint16_t, 2)
#if __GCC_ATOMIC_INT_LOCK_FREE < 2
ACRE_ATOMIC(uint32_t, 4)
#endif

}  // namespace acre::platform

#endif
