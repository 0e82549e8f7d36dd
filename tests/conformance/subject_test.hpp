// SPDX-License-Identifier: MIT
// subject_test: the fixture of typed tests over subjects.
#pragma once

#include "model/model.hpp"
#include "model/subject.hpp"
#include "support/counting_lock.hpp"
#include "support/report.hpp"

namespace acre::test {

/// Static storage: no test creates anything on a small board's stack. Large enough for any case.
inline constinit struct { alignas(16) unsigned char bytes[640]; } subject_storage{};

struct case_names {
  template <class Case>
  static const char* GetName(int) {
    return Case::name;
  }
};

template <class Case>
class subject_test : public seeded_test {
  static_assert(sizeof(typename Case::allocator) <= sizeof subject_storage);

 protected:
  static subject make() {
    return {&operations_of<Case>, &subject_storage, {}};
  }
  void TearDown() override {
    EXPECT_TRUE(test_memory.guards_intact()) << "a write outside of the region";
    EXPECT_EQ(counting_lock::held, 0U) << "a lock is still held";
    seeded_test::TearDown();
  }
};

}  // namespace acre::test
