// SPDX-License-Identifier: MIT
// The program of a sweep: all scenarios of the image, or random ones. Its arguments are words such as
// trace, pairs, step=7, random=100, seed=3.
#include "interrupts/sweep.hpp"
#include "interrupts/world.hpp"
#include "support/fault_recorder.hpp"
#include "support/report.hpp"

#include <acre/platform/arguments.hpp>

namespace acre::test::sweep {

namespace {

// Where `text` goes on behind `word`; null if it does not begin with it.
const char* behind(const char* text, const char* word) noexcept {
  while (*word != '\0') {
    if (*text++ != *word++) {
      return nullptr;
    }
  }
  return text;
}

uint32_t number(const char* text) noexcept {
  uint32_t value = 0;
  while (*text >= '0' && *text <= '9') {
    value = value * 10 + static_cast<uint32_t>(*text++ - '0');
  }
  return value;
}

settings read_arguments() noexcept {
  char text[256];
  platform::arguments(text, sizeof text);
  settings how;
  for (const char* at = text; *at != '\0'; ++at) {
    if (at != text && at[-1] != ' ') {
      continue;
    }
    how.pairs = how.pairs || behind(at, "pairs") != nullptr;
    how.trace = how.trace || behind(at, "trace") != nullptr;
    if (const char* value = behind(at, "step="); value != nullptr) {
      how.step = number(value);
    }
    if (const char* value = behind(at, "random="); value != nullptr) {
      how.random = number(value);
    }
    if (const char* value = behind(at, "seed="); value != nullptr) {
      how.seed = number(value);
    }
  }
  return how;
}

void sweep_family(const family& allocator, unsigned index, const settings& how,
                  totals& sum) noexcept {
  the_world.choose(allocator);
  if (how.random == 0) {
    for (unsigned i = 0; i < allocator.scenario_count; ++i) {
      sweep(allocator, allocator.scenarios[i], how, sum);
    }
    return;
  }
  char text[scenario_text_max];
  for (uint32_t i = 0; i < how.random; ++i) {
    const uint32_t stream = (how.seed * 64 + index) * 65536 + i;
    sweep(allocator, random_scenario(allocator, stream, text), how, sum);
  }
}

}  // namespace

}  // namespace acre::test::sweep

extern "C" int acre_main() {
  using namespace acre::test::sweep;
  const acre::test::fault_recorder faults;
  const settings how = read_arguments();
  totals sum;
  for (unsigned i = 0; i < family_count; ++i) {
    sweep_family(families[i], i, how, sum);
  }
  acre::test::print_line("end|", uint64_t{sum.scenarios}, "|", uint64_t{sum.offsets}, "|",
                         uint64_t{sum.violations});
  return 0;
}
