// SPDX-License-Identifier: MIT
// pool_world: scenarios for engine::lockfree_pool, from lists of operations: a small pool, what each
// thread holds, and the laws.
//
// Every owner of a block writes to its payload, which is plain: when two contexts have a block at a time,
// or one gets it without seeing what the last one did, that is a data race.
#pragma once

#include "interleavings/atomics.hpp"
#include "support/fault_recorder.hpp"

#include <acre/engine/lockfree_pool.hpp>

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace acre::test::interleavings {

template <check_level Level, class Atomics = atomics>
class pool_world {
  using engine_type = engine::lockfree_pool<16, 8, Level, uint16_t, Atomics>;

 public:
  static constexpr unsigned blocks_max = 6;

  struct operation {
    const char* name;
    void (*run)(pool_world&);
  };
  struct thread {
    std::vector<operation> operations;
    unsigned holds = 0;  // blocks, from the start
  };

  struct plan {
    unsigned blocks;
    unsigned nulls;  // how many blocks the threads may at most ask for in vain
    std::vector<thread> threads;
  };

  explicit pool_world(plan p)
      : blocks_(p.blocks), nulls_allowed_(p.nulls), threads_(std::move(p.threads)) {
    scenario_.name = Level == check_level::none ? "none: " : "basic: ";
    for (unsigned t = 0; t < threads_.size(); ++t) {
      scenario_.name += t == 0 ? "" : " || ";
      for (const operation& o : threads_[t].operations) {
        scenario_.name += &o == &threads_[t].operations[0] ? "" : ", ";
        scenario_.name += o.name;
      }
      scenario_.threads.emplace_back([this, t] {
        for (const operation& o : threads_[t].operations) {
          begin_operation(o.name);
          o.run(*this);
        }
      });
    }
    scenario_.name += "; " + std::to_string(blocks_) + " blocks";
    scenario_.set_up = [this] { set_up(); };
    scenario_.check = [this] { check(); };
    scenario_.name_of = [this](const void* c) { return name_of(c); };
    scenario_.text_of = [this](const void* c, uint64_t value) { return text_of(c, value); };
  }
  pool_world(const pool_world&) = delete;
  pool_world& operator=(const pool_world&) = delete;

  [[nodiscard]] const scenario& as_scenario() const noexcept {
    return scenario_;
  }

  // --- operations

  static constexpr operation pop{"pop", [](pool_world& w) { w.got(w.pool_->allocate()); }};
  static constexpr operation push{"push", [](pool_world& w) {
                                    if (void* const block = w.let_go(); block != nullptr) {
                                      require(w.pool_->deallocate(block) == status::ok,
                                              "a live block can be given back");
                                    }
                                  }};
  static constexpr operation take{"take 2", [](pool_world& w) {
                                    void* blocks[2] = {};
                                    const size_t count = w.pool_->take(blocks, 2);
                                    for (size_t i = 0; i < 2; ++i) {
                                      w.got(i < count ? blocks[i] : nullptr);
                                    }
                                  }};
  static constexpr operation give{"give 2", [](pool_world& w) {
                                    void* const first = w.let_go();
                                    void* const blocks[2] = {first, w.let_go()};
                                    require(w.pool_->give(blocks, 2) == status::ok,
                                            "live blocks can be given back");
                                  }};
  /// As a cache in front of the pool does: a batch leaves, and what is not needed comes back.
  static constexpr operation refill{"refill", [](pool_world& w) {
                                      auto batch = w.pool_->detach(2);
                                      void* block = nullptr;
                                      if (batch.count != 0) {
                                        block = w.pool_->hand_out(w.pool_->remove_first(batch));
                                      }
                                      w.pool_->attach(batch);
                                      w.got(block);
                                    }};
  static constexpr operation flush{
      "flush 2", [](pool_world& w) {
        typename engine_type::chain batch;
        for (int i = 0; i < 2; ++i) {
          const status said = w.pool_->retire(
              w.let_go(), [&](auto&, size_t number) { w.pool_->prepend(batch, number); });
          require(said == status::ok, "a live block can be given back");
        }
        w.pool_->attach(batch);
      }};
  /// A block goes to whoever does `receive`.
  static constexpr operation pass{
      "pass", [](pool_world& w) {
        if (void* const block = w.let_go(); block != nullptr) {
          w.letter_->template store<order::release>(static_cast<unsigned char*>(block));
        }
      }};
  static constexpr operation receive{
      "receive", [](pool_world& w) {
        if (void* const block = w.letter_->template exchange<order::acquire>(nullptr);
            block != nullptr) {
          w.own(block);
        }
      }};
  /// Frees block 1, which all threads hold: one of them may.
  static constexpr operation free_the_same{
      "free 1", [](pool_world& w) {
        const status said = w.pool_->deallocate(w.memory_);
        require(said == status::ok || said == status::double_free, "a double free is named");
        w.same_freed_ += said == status::ok ? 1 : 0;
      }};
  static constexpr operation give_the_same{
      "give 1, own", [](pool_world& w) {
        void* const own = w.let_go();
        void* const blocks[2] = {own, w.memory_};
        const status said = w.pool_->give(blocks, 2);
        require(said == status::ok || said == status::double_free, "a double free is named");
        w.same_freed_ += said == status::ok ? 1 : 0;
        if (said != status::ok) {
          w.own(own);
        }
      }};

 private:
  using link_cell = typename Atomics::template cell<uint16_t>;
  static constexpr uint64_t nobody = threads_max;

  [[nodiscard]] unsigned number_of(const void* block) const noexcept {
    return static_cast<unsigned>(static_cast<const unsigned char*>(block) - memory_) / 16 + 1;
  }
  [[nodiscard]] bool frees_the_same() const noexcept {
    for (const thread& t : threads_) {
      for (const operation& o : t.operations) {
        if (o.run == free_the_same.run || o.run == give_the_same.run) {
          return true;
        }
      }
    }
    return false;
  }

  void set_up() {
    pool_.emplace();
    letter_.emplace();
    payloads_.assign(blocks_ + 1, plain("payload"));
    owners_.assign(blocks_ + 1, nobody);
    for (plain& p : payloads_) {
      p.write(nobody);
    }
    held_.assign(threads_max, {});
    nulls_ = 0;
    same_freed_ = 0;
    require(pool_->init(region{memory_, engine_type::bytes_for(blocks_)}) == status::ok, "init");
    if (frees_the_same()) {
      require(pool_->allocate() == memory_, "block 1 is the first");
    }
    for (unsigned t = 0; t < threads_.size(); ++t) {
      for (unsigned i = 0; i < threads_[t].holds; ++i) {
        void* const block = pool_->allocate();
        owners_[number_of(block)] = t + 1;
        payloads_[number_of(block)].write(t + 1);
        held_[t + 1].push_back(block);
      }
    }
  }

  void got(void* block) {
    if (block == nullptr) {
      require(++nulls_ <= nulls_allowed_, "null only if no block is left");
      return;
    }
    own(block);
  }
  void own(void* block) {
    const unsigned i = number_of(block);
    require(i - 1 < blocks_, "a block is one of the pool's");
    require(owners_[i] == nobody, "a block has one owner");
    owners_[i] = this_thread();
    require(payloads_[i].read() == nobody, "who gets a block sees what its last owner wrote");
    payloads_[i].write(this_thread());
    held_[this_thread()].push_back(block);
  }
  /// The block that this thread has held for longest; null if none.
  void* let_go() {
    auto& mine = held_[this_thread()];
    if (mine.empty()) {
      return nullptr;
    }
    void* const block = mine.front();
    mine.pop_front();
    const unsigned i = number_of(block);
    require(owners_[i] == this_thread() && payloads_[i].read() == this_thread(),
            "a block is its owner's until it is given back");
    payloads_[i].write(nobody);
    owners_[i] = nobody;
    return block;
  }

  void check() {
    size_t live = letter_->template load<order::relaxed>() != nullptr ? 1 : 0;
    for (const auto& held : held_) {
      live += held.size();
    }
    // A thread that is suspended for ever may have two blocks in hand that nobody else can see.
    const size_t in_hand = all_ended() ? 0 : 2;
    require(!all_ended() || !frees_the_same() || same_freed_ == 1,
            "of several frees of a block one is not refused");
    const bool valid = pool_->validate() == status::ok;
    const bool exact = pool_->usage().blocks_in_use == live;
    size_t left = 0;
    for (void* block = pool_->allocate(); block != nullptr && left <= blocks_; ++left) {
      own(block);
      block = pool_->allocate();
    }
    require(left + live <= blocks_ && left + live + in_hand >= blocks_, "no block is lost");
    if (in_hand == 0) {
      require(valid, "validate() finds nothing");
      require(exact, "usage() is exact");
    }
  }

  [[nodiscard]] std::string name_of(const void* c) const {
    const auto offset = reinterpret_cast<uintptr_t>(c) -
                        reinterpret_cast<uintptr_t>(memory_ + size_t{16} * blocks_);
    return offset < sizeof memory_ ? "link " + std::to_string(offset / sizeof(link_cell) + 1)
           : c == &*letter_        ? "letter"
                                   : "head";
  }
  [[nodiscard]] std::string text_of(const void* c, uint64_t value) const {
    if (name_of(c) == "head") {
      return "tag " + std::to_string(value >> 16) + ", " + std::to_string(value & 0xFFFFU);
    }
    if (name_of(c) == "letter") {
      return value == 0 ? "null" : std::to_string(number_of(reinterpret_cast<const void*>(value)));
    }
    return value == 0xFFFFU ? "live" : value == 0xFFFEU ? "leaving" : std::to_string(value);
  }

  const unsigned blocks_;
  const unsigned nulls_allowed_;
  const std::vector<thread> threads_;
  scenario scenario_;
  fault_recorder faults_;
  std::optional<engine_type> pool_;
  std::optional<typename Atomics::template cell<unsigned char*>> letter_;
  std::vector<plain> payloads_;
  std::vector<uint64_t> owners_;
  std::vector<std::deque<void*>> held_;
  unsigned nulls_ = 0;
  unsigned same_freed_ = 0;
  alignas(64) unsigned char memory_[blocks_max * 64] = {};
};

}  // namespace acre::test::interleavings
