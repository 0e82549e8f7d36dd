// SPDX-License-Identifier: MIT
// slab_world: scenarios for the words of a slab, from lists of operations: a slab of a few blocks, its owner, which
// is thread 1, others that free its blocks, rightly and not, and the laws.
//
// At first block 0 is in use, and all threads know it; block 1 is in the owner's hands; block t is thread t's. What is here beside the words stands for slab_store: lists of
// what each has in its hands. Who gets a block writes to its payload, which is plain: two owners are a data race.
#pragma once

#include "interleavings/atomics.hpp"

#include <acre/engine/remote_inbox.hpp>
#include <acre/port/detail/slab_words.hpp>

#include <optional>
#include <string>
#include <vector>

namespace acre::test::interleavings {

template <check_level Level, class Atomics = atomics>
class slab_world {
 public:
  struct operation {
    const char* name;
    void (*run)(slab_world&);
  };
  using plan = std::vector<std::vector<operation>>;

  explicit slab_world(plan threads) : threads_(std::move(threads)) {
    constexpr const char* levels[] = {"none: ", "basic: ", "full: "};
    scenario_.name = levels[static_cast<unsigned>(Level)];
    for (unsigned t = 0; t < threads_.size(); ++t) {
      scenario_.name += t == 0 ? "" : " || ";
      for (const operation& o : threads_[t]) {
        scenario_.name += &o == &threads_[t][0] ? "" : ", ";
        scenario_.name += o.name;
        frees_ += o.run == free.run ? 1 : 0;
      }
      scenario_.threads.emplace_back([this, t] {
        for (const operation& o : threads_[t]) {
          if (!stopped_[this_thread()]) {
            begin_operation(o.name);
            o.run(*this);
          }
        }
      });
    }
    scenario_.set_up = [this] { set_up(); };
    scenario_.check = [this] { check(); };
    scenario_.name_of = [this](const void* c) { return name_of(c); };
    scenario_.text_of = [](const void*, uint64_t value) { return std::to_string(value); };
  }
  slab_world(const slab_world&) = delete;
  slab_world& operator=(const slab_world&) = delete;

  [[nodiscard]] const scenario& as_scenario() const noexcept {
    return scenario_;
  }

  /// Of block 0: of several, all but one are a mistake.
  static constexpr operation free{"free", [](slab_world& w) { w.free_block(0, false); }};
  /// Goes on iff all that free block 0 have done so, and this thread has seen it.
  static constexpr operation when_freed{"when freed", [](slab_world& w) { w.await_frees(); }};
  /// A block from the thread's hands.
  static constexpr operation take{"take", [](slab_world& w) { w.take_block(); }};
  /// Rightly, what the thread took last, or has from the start.
  static constexpr operation give{"give", [](slab_world& w) { w.give_block(); }};
  /// What was taken is another thread's to give; it goes on iff there is something.
  static constexpr operation pass{"pass", [](slab_world& w) { w.pass_block(); }};
  static constexpr operation receive{"receive", [](slab_world& w) { w.receive_block(); }};
  /// What is in the hands of a thread goes home.
  static constexpr operation send{"send", [](slab_world& w) { w.send_all(); }};
  /// The owner has what came home in its hands.
  static constexpr operation collect{"collect", [](slab_world& w) { w.collect_all(); }};

 private:
  static constexpr unsigned blocks = 4;
  static constexpr detail::slab_word all = (detail::slab_word{1} << blocks) - 1;
  static constexpr unsigned owner = 1;

  template <class T>
  using cell = typename Atomics::template cell<T>;

  struct world {
    detail::slab_words<Atomics> words;
    cell<uint32_t> freed;
    cell<uint32_t> passed;  // block + 1
    engine::remote_inbox<Atomics> inbox;
  };

  [[nodiscard]] std::string name_of(const void* c) const {
    const auto offset =
        reinterpret_cast<uintptr_t>(c) - reinterpret_cast<uintptr_t>(&world_->words);
    const char* const words[] = {"live", "remote", "lent", "home", "queued"};
    const size_t i = offset / sizeof(cell<detail::slab_word>);
    if (i < 5 && offset < sizeof(world_->words)) {
      return words[i];
    }
    return c == &world_->freed    ? "freed"
           : c == &world_->passed ? "passed"
           : c == &world_->inbox  ? "head"
                                  : "link";
  }

  void set_up() {
    world_.emplace();
    world_->words.settle(all & ~detail::slab_word{2}, all, Level);
    hands_.assign(threads_max, {});
    taken_.assign(threads_max, {});
    hands_[owner] = {1};
    payload_.assign(blocks, plain("payload"));
    users_.assign(blocks, 1);
    users_[1] = 0;
    for (unsigned t = 2; t < blocks; ++t) {
      taken_[t] = {t};
    }
    stopped_.assign(threads_max, false);
    sent_.clear();
    accepted_ = 0;
    late_ = 0;
  }

  // --- operations

  void free_block(unsigned block, bool rightly) {
    const detail::slab_word bit = detail::slab_word{1} << block;
    if (users_[block] != 0) {
      --users_[block];
    }
    const unsigned t = this_thread();
    bool good = false;
    if (t == owner && Level != check_level::full && world_->words.give(bit, Level)) {
      hands_[owner].push_back(block);
      good = true;
    } else if (world_->words.claim(bit)) {
      (t == owner && Level != check_level::full ? sent_ : hands_[t]).push_back(block);
      good = true;
    }
    if (rightly) {
      require(good, "who has a block may free it");
    } else {
      accepted_ += good ? 1 : 0;
      world_->freed.template fetch_or<order::acq_rel>(1U << t);
    }
  }
  void await_frees() {
    const auto seen = world_->freed.template load<order::acquire>();
    stopped_[this_thread()] = static_cast<unsigned>(__builtin_popcount(seen)) != frees_;
  }

  void got(unsigned block) {
    require(++users_[block] == 1, "a block has one owner");
    payload_[block].write(this_thread());
    taken_[this_thread()].push_back(block);
  }
  void take_block() {
    const unsigned t = this_thread();
    std::vector<unsigned>& hands = hands_[t];
    while (!hands.empty()) {
      const unsigned block = hands.back();
      const detail::slab_word bit = detail::slab_word{1} << block;
      hands.pop_back();
      if (t != owner) {
        world_->words.lend(bit, Level);
        return got(block);
      }
      if (world_->words.take(bit, Level)) {
        return got(block);
      }
      ++late_;
      world_->words.yield(bit);
    }
  }
  void give_block() {
    std::vector<unsigned>& taken = taken_[this_thread()];
    if (!taken.empty()) {
      const unsigned block = taken.back();
      taken.pop_back();
      free_block(block, true);
    }
  }
  void pass_block() {
    std::vector<unsigned>& taken = taken_[this_thread()];
    if (!taken.empty()) {
      world_->passed.template store<order::release>(taken.back() + 1);
      taken.pop_back();
    }
  }
  void receive_block() {
    const uint32_t block = world_->passed.template load<order::acquire>();
    stopped_[this_thread()] = block == 0;
    if (block != 0) {
      taken_[this_thread()].push_back(block - 1);
    }
  }
  void send_all() {
    detail::slab_word bits = 0;
    for (const unsigned block : hands_[this_thread()]) {
      bits |= detail::slab_word{1} << block;
    }
    hands_[this_thread()].clear();
    send_bits(bits);
  }
  void send_bits(detail::slab_word bits) {
    if (bits != 0 && world_->words.send(bits)) {
      world_->inbox.push(node_);
    }
  }
  void collect_all() {
    while (world_->inbox.pop() != nullptr) {
      const auto came = world_->words.collect(Level);
      late_ += static_cast<unsigned>(__builtin_popcountll(came.twice));
      for (unsigned block = 0; block < blocks; ++block) {
        if ((came.back >> block & 1) != 0) {
          hands_[owner].insert(hands_[owner].begin(), block);
        }
      }
    }
  }

  // --- the end

  void check() {
    if (!all_ended()) {
      return;
    }
    for (unsigned t = 2; t < threads_max; ++t) {
      for (const unsigned block : hands_[t]) {
        send_bits(detail::slab_word{1} << block);
      }
      hands_[t].clear();
    }
    for (const unsigned block : sent_) {
      send_bits(detail::slab_word{1} << block);
    }
    sent_.clear();
    collect_all();
    std::vector<unsigned> places(blocks, 0);
    for (unsigned block = 0; block < blocks; ++block) {
      places[block] += (world_->words.in_use() >> block & 1) != 0 ? 1 : 0;
    }
    for (const unsigned block : hands_[owner]) {
      if (world_->words.take(detail::slab_word{1} << block, Level)) {
        ++places[block];
      } else {
        ++late_;
        world_->words.yield(detail::slab_word{1} << block);
      }
    }
    for (const unsigned found : places) {
      require(found != 0, "no block is lost");
      require(found == 1, "no block is in two places");
    }
    require(world_->words.valid(0, all, Level), "the words agree");
    if (frees_ != 0) {
      require(accepted_ == 1 + late_, "of several frees all but one are told");
      require(Level != check_level::full || late_ == 0, "at full at once");
    }
  }

  const plan threads_;
  unsigned frees_ = 0;
  scenario scenario_;
  std::optional<world> world_;
  std::vector<std::vector<unsigned>> hands_;
  std::vector<std::vector<unsigned>> taken_;
  std::vector<unsigned> sent_;  // the owner's, that are not in its slab's words
  std::vector<plain> payload_;
  std::vector<unsigned> users_;
  std::vector<bool> stopped_;
  unsigned accepted_ = 0;
  unsigned late_ = 0;
  alignas(64) unsigned char node_[64] = {};
};

}  // namespace acre::test::interleavings
