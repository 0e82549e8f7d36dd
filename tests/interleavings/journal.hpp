// SPDX-License-Identifier: MIT
// journal: what the threads of an execution did, in order, for people to read when a law is broken.
#pragma once

#include "interleavings/memory.hpp"

#include <string>
#include <vector>

namespace acre::test::interleavings {

struct scenario;

class journal {
 public:
  void clear() noexcept {
    lines_.clear();
    for (const char*& name : operations_) {
      name = "";
    }
    operations_[0] = "check";
  }
  void begin_operation(unsigned thread, const char* name) noexcept {
    operations_[thread] = name;
  }
  void accessed(unsigned thread, const request& r, const effect& e) {
    lines_.push_back({thread, operations_[thread], nullptr, nullptr, r, e});
  }
  void constructed(unsigned thread, unsigned where, uint64_t value) {
    request r{};
    r.where = where;
    r.value = value;
    lines_.push_back({thread, operations_[thread], "construct", nullptr, r, {}});
  }
  void plain(unsigned thread, const char* what, const char* name, uint64_t value) {
    request r{};
    r.value = value;
    lines_.push_back({thread, operations_[thread], what, name, r, {}});
  }
  /// With plain data, or with the life of a cell.
  void raced(unsigned thread, const char* name) {
    lines_.push_back({thread, operations_[thread], race, name, {}, {}});
  }
  void raced(unsigned thread, unsigned where) {
    request r{};
    r.where = where;
    lines_.push_back({thread, operations_[thread], race, nullptr, r, {}});
  }

  /// A line an access.
  [[nodiscard]] std::string text(const scenario& s, const memory& m) const;

 private:
  static constexpr const char* race = "DATA RACE";

  struct line {
    unsigned thread;
    const char* operation;
    const char* what;  // null: an atomic access
    const char* name;  // null: of a cell
    request r;
    effect e;
  };
  std::vector<line> lines_;
  const char* operations_[threads_max] = {};
};

}  // namespace acre::test::interleavings
