// SPDX-License-Identifier: MIT
// One table of 1 MiB sections. Source: Armv7-A Architecture Reference Manual, B3.5, "Short-descriptor".
// Made for QEMU, which models no caches: hardware would clean and invalidate them around this.
#include "memory_map.hpp"

#include <acre/platform/cores.hpp>

#include "../bare_metal/runtime.hpp"

namespace acre::platform {

namespace {

constexpr uint32_t section_count = 4096;
alignas(4 * section_count) uint32_t sections[section_count];

constexpr uint32_t section = 2;
constexpr uint32_t device = 1U << 2 | 1U << 4;              // B, and XN: nothing runs there
constexpr uint32_t normal = 1U << 12 | 3U << 2 | 1U << 16;  // write back, write allocate, shareable
constexpr uint32_t all_access = 3U << 10;
constexpr uint32_t ram_begin = 0x400;  // in MiB: QEMU's virt

void fill_table() noexcept {
  for (uint32_t i = 0; i < section_count; ++i) {
    sections[i] = i << 20 | all_access | (i < ram_begin ? device : normal) | section;
  }
  sections[(reinterpret_cast<uintptr_t>(acre_stack_begin) >> 20) - 1] = 0;
}

}  // namespace

void detail::map_memory() noexcept {
  if (core_id() == 0) {
    fill_table();
  }
  constexpr uint32_t table_walks_like_normal = 0x4A;
  const uint32_t table = reinterpret_cast<uintptr_t>(sections) | table_walks_like_normal;
  asm volatile(
      "mcr p15, 0, %0, c8, c7, 0\n\t"  // TLBIALL
      "mcr p15, 0, %1, c2, c0, 0\n\t"  // TTBR0
      "mcr p15, 0, %0, c2, c0, 2\n\t"  // TTBCR: TTBR0 for all addresses
      "mcr p15, 0, %2, c3, c0, 0\n\t"  // DACR: domain 0 is checked
      "dsb\n\t"
      "isb" ::"r"(0),
      "r"(table), "r"(1)
      : "memory");
  constexpr uint32_t mmu_and_caches = 1U << 0 | 1U << 2 | 1U << 12;
  uint32_t control;
  asm volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(control));
  asm volatile("mcr p15, 0, %0, c1, c0, 0\n\tisb" ::"r"(control | mmu_and_caches) : "memory");
}

}  // namespace acre::platform
