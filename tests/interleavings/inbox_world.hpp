// SPDX-License-Identifier: MIT
// inbox_world: scenarios for engine::remote_inbox, from lists of operations: threads that push blocks of
// their own, one that pops, and the laws.
//
// Who pops a block overwrites it, the inbox's link with it: an access of a pusher that comes later, or
// that nothing orders, is a data race.
#pragma once

#include "interleavings/atomics.hpp"

#include <acre/engine/remote_inbox.hpp>

#include <optional>
#include <string>
#include <vector>

namespace acre::test::interleavings {

template <class Atomics = atomics>
class inbox_world {
 public:
  static constexpr unsigned blocks_max = 6;

  struct operation {
    const char* name;
    void (*run)(inbox_world&);
  };
  /// The first one is the owner: the only one that may pop. Each push takes a new block.
  using plan = std::vector<std::vector<operation>>;

  explicit inbox_world(plan threads) : threads_(std::move(threads)) {
    scenario_.name = "remote_inbox: ";
    for (unsigned t = 0; t < threads_.size(); ++t) {
      scenario_.name += t == 0 ? "" : " || ";
      for (const operation& o : threads_[t]) {
        scenario_.name += &o == &threads_[t][0] ? "" : ", ";
        scenario_.name += o.name;
      }
      scenario_.threads.emplace_back([this, t] {
        for (const operation& o : threads_[t]) {
          begin_operation(o.name);
          o.run(*this);
        }
      });
    }
    scenario_.set_up = [this] { set_up(); };
    scenario_.check = [this] { check(); };
    scenario_.name_of = [this](const void* c) {
      const unsigned i = number_of(c);
      return i == 0 ? std::string("head") : "link " + std::to_string(i);
    };
    scenario_.text_of = [this](const void*, uint64_t value) {
      return value == 0   ? std::string("null")
             : value == 1 ? std::string("pending")
                          : std::to_string(number_of(reinterpret_cast<const void*>(value)));
    };
  }
  inbox_world(const inbox_world&) = delete;
  inbox_world& operator=(const inbox_world&) = delete;

  [[nodiscard]] const scenario& as_scenario() const noexcept {
    return scenario_;
  }

  static constexpr operation push{"push",
                                  [](inbox_world& w) { w.push_block(++w.next_[this_thread()]); }};
  static constexpr operation pop{"pop", [](inbox_world& w) { static_cast<void>(w.pop_block()); }};
  /// A block that was popped goes in again.
  static constexpr operation pop_push{"pop, push", [](inbox_world& w) {
                                        if (const unsigned i = w.pop_block(); i != 0) {
                                          w.push_block(i);
                                        }
                                      }};

 private:
  using engine_type = engine::remote_inbox<Atomics>;

  struct slot {
    alignas(64) unsigned char bytes[64];
  };

  /// 0: what is no block.
  [[nodiscard]] unsigned number_of(const void* p) const noexcept {
    const uintptr_t offset = reinterpret_cast<uintptr_t>(p) - reinterpret_cast<uintptr_t>(slots_);
    return offset < sizeof slots_ ? static_cast<unsigned>(offset / sizeof(slot)) + 1 : 0;
  }

  void set_up() {
    inbox_.emplace();
    payloads_.assign(blocks_max + 1, plain("payload"));
    inside_.assign(blocks_max + 1, 0);
    // Whose is which block does not depend on who comes first.
    unsigned next = 0;
    next_.assign(1, 0);
    for (const auto& thread : threads_) {
      next_.push_back(next);
      for (const operation& o : thread) {
        next += o.run == push.run ? 1 : 0;
      }
    }
  }
  void push_block(unsigned i) {
    payloads_[i].write(i);
    inside_[i] = 1;
    inbox_->push(&slots_[i - 1]);
  }
  /// The block's number; 0 for none.
  unsigned pop_block() {
    void* const block = inbox_->pop();
    if (block == nullptr) {
      return 0;
    }
    const unsigned i = number_of(block);
    require(i != 0 && inside_[i] == 1, "what is popped was pushed, and not popped before");
    require(payloads_[i].read() == i, "the owner sees what the pusher wrote");
    inside_[i] = 0;
    overwrite(block, sizeof(slot));
    payloads_[i].write(0);
    return i;
  }

  void check() {
    if (!all_ended()) {
      return;
    }
    while (pop_block() != 0) {
    }
    for (const int inside : inside_) {
      require(inside == 0, "no block is lost");
    }
    require(inbox_->empty(), "an inbox that was emptied is empty");
  }

  const plan threads_;
  scenario scenario_;
  std::optional<engine_type> inbox_;
  std::vector<plain> payloads_;
  std::vector<int> inside_;
  std::vector<unsigned> next_;  // block of each thread, less 1
  slot slots_[blocks_max] = {};
};

}  // namespace acre::test::interleavings
