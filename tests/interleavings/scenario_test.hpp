// SPDX-License-Identifier: MIT
// scenario_test: what the tests of scenarios share.
#pragma once

#include "interleavings/explorer.hpp"
#include "support/report.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <initializer_list>

namespace acre::test::interleavings {

/// With ACRE_TEST_DEEP in the environment, where minutes are there to be spent.
inline bool deep() noexcept {
  return getenv("ACRE_TEST_DEEP") != nullptr;
}

/// What a run has explored, in sum.
struct tally {
  static inline uint64_t scenarios = 0;
  static inline uint64_t complete = 0;
  static inline uint64_t executions = 0;

  static void add(const outcome& o) noexcept {
    ++scenarios;
    complete += o.complete ? 1 : 0;
    executions += o.executions;
  }
};

/// Explores, and expects that no law is broken and that nothing was left out.
inline void expect_lawful(const scenario& s, const limits& l = {}) {
  const outcome o = explore(s, l);
  print_summary(s, o);
  tally::add(o);
  EXPECT_EQ(o.broken, "") << s.name;
  EXPECT_TRUE(o.complete) << s.name;
}

/// Wherever one of the threads is suspended for ever, the others end what they do.
inline void expect_lock_free(const scenario& s) {
  uint64_t executions = 0;
  uint64_t places = 0;
  limits l;
  for (l.parked = 1; l.parked <= s.threads.size(); ++l.parked) {
    for (l.parked_after = 0;; ++l.parked_after) {
      const outcome o = explore(s, l);
      ASSERT_EQ(o.broken, "") << s.name << ", thread " << l.parked << " suspended after "
                              << l.parked_after << " accesses\n"
                              << o.how;
      ASSERT_TRUE(o.complete);
      if (!o.suspended) {
        break;
      }
      executions += o.executions;
      ++places;
    }
  }
  EXPECT_GT(places, s.threads.size());
  print_line("  ", s.name.c_str(), ", a thread suspended at ", places, " places: ", executions,
             " executions, all");
}

}  // namespace acre::test::interleavings
