// SPDX-License-Identifier: MIT
// scenario_test: what the tests of scenarios share.
#pragma once

#include "interleavings/explorer.hpp"
#include "support/report.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

namespace acre::test::interleavings {

/// With ACRE_TEST_DEEP in the environment, where minutes are there to be spent.
inline bool deep() noexcept {
  return getenv("ACRE_TEST_DEEP") != nullptr;
}

/// What a program has explored, printed at its end.
class tally : public ::testing::Environment {
 public:
  static void add(const outcome& o) noexcept {
    ++scenarios_;
    complete_ += o.complete ? 1 : 0;
    executions_ += o.executions;
  }
  void TearDown() override {
    print_line(scenarios_, " scenarios, ", complete_, " of them completely explored; ", executions_,
               " executions");
  }

 private:
  static inline uint64_t scenarios_ = 0;
  static inline uint64_t complete_ = 0;
  static inline uint64_t executions_ = 0;
};
inline ::testing::Environment* const at_the_end =
    ::testing::AddGlobalTestEnvironment(new tally);  // GoogleTest's from here on

/// Explores, and expects that no law is broken and that nothing was left out.
inline void expect_lawful(const scenario& s, const limits& l = {}) {
  const outcome o = explore(s, l);
  print_summary(s, o);
  tally::add(o);
  EXPECT_EQ(o.broken, "") << s.name;
  EXPECT_TRUE(o.complete) << s.name;
}

/// Every reduction finds the executions that are found without one, each once.
inline void expect_same_executions(const scenario& s) {
  limits l;
  l.keep_executions = true;
  l.how = reduction::none;
  const outcome all = explore(s, l);
  EXPECT_TRUE(all.complete) << s.name;
  for (const reduction how : {reduction::sleep_sets, reduction::source_sets}) {
    l.how = how;
    const outcome some = explore(s, l);
    EXPECT_EQ(some.kept, all.kept) << s.name;
    EXPECT_EQ(some.executions, some.kept.size()) << s.name;
    EXPECT_TRUE(some.complete) << s.name;
  }
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
      tally::add(o);
      executions += o.executions;
      ++places;
    }
  }
  EXPECT_GT(places, s.threads.size());
  print_line("  ", s.name.c_str(), ", a thread suspended at ", places, " places: ", executions,
             " executions, all");
}

}  // namespace acre::test::interleavings
