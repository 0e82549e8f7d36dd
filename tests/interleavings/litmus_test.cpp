// SPDX-License-Identifier: MIT
// The test of the memory and of the explorer: small programs whose outcomes under C++'s rules are known,
// and the same executions with every reduction as without.
#include <gtest/gtest.h>

#include "interleavings/atomics.hpp"
#include "interleavings/scenario_test.hpp"
#include "support/random.hpp"
#include "support/report.hpp"

#include <memory>
#include <set>
#include <string>

namespace acre::test::interleavings {
namespace {

using cell = atomics::cell<unsigned>;

/// Two cells x and y, and what the threads read, as a string of digits.
class litmus {
 public:
  litmus(const char* name, std::initializer_list<std::function<void(litmus&)>> threads) {
    s_.name = name;
    s_.set_up = [this] {
      cells_ = std::make_unique<cells>();
      for (char& r : results_) {
        r = '-';
      }
    };
    for (const auto& thread : threads) {
      s_.threads.emplace_back([this, thread] { thread(*this); });
    }
    s_.check = [this] {
      std::string seen(results_, results_ + results_max);
      seen.resize(seen.find_last_not_of('-') + 1);
      outcomes_.insert(seen + "/" + std::to_string(x().load<order::relaxed>()) +
                       std::to_string(y().load<order::relaxed>()));
    };
    s_.name_of = [this](const void* c) { return std::string(c == &x() ? "x" : "y"); };
    s_.text_of = [](const void*, uint64_t value) { return std::to_string(value); };
  }

  litmus(const litmus&) = delete;
  litmus& operator=(const litmus&) = delete;

  cell& x() {
    return cells_->x;
  }
  cell& y() {
    return cells_->y;
  }
  plain& data() {
    return cells_->data;
  }
  void saw(unsigned index, unsigned value) {
    results_[index] = static_cast<char>('0' + value);
  }

  /// What was read in each execution, and x and y in the end: "10/11".
  const std::set<std::string>& outcomes() {
    outcomes_.clear();
    last_ = explore(s_);
    tally::add(last_);
    EXPECT_TRUE(last_.complete || !last_.broken.empty());
    return outcomes_;
  }
  const outcome& last() const {
    return last_;
  }
  bool races() {
    outcomes();
    EXPECT_TRUE(last_.broken.empty() || last_.broken == "there is no data race") << last_.broken;
    return !last_.broken.empty();
  }

  /// On a machine with one memory, and without a reduction.
  uint64_t executions_with(unsigned preemptions) {
    limits l;
    l.how = reduction::none;
    l.weak = false;
    l.preemptions = preemptions;
    return explore(s_, l).executions;
  }
  void expect_same_executions() {
    interleavings::expect_same_executions(s_);
  }

 private:
  static constexpr unsigned results_max = 8;
  struct cells {
    cell x, y;
    plain data{"data"};
  };
  std::unique_ptr<cells> cells_;
  char results_[results_max] = {};
  scenario s_;
  std::set<std::string> outcomes_;
  outcome last_;
};

using outcomes = std::set<std::string>;
constexpr order relaxed = order::relaxed;
constexpr order acquire = order::acquire;
constexpr order release = order::release;

void increment_x(litmus& l) {
  l.x().update<relaxed>([](unsigned& word) {
    ++word;
    return true;
  });
}

// --- what a weak memory allows, and what it does not

TEST(litmus, two_threads_may_both_miss_the_others_store) {
  litmus l("store buffering", {[](litmus& t) {
                                 t.x().store<release>(1);
                                 t.saw(0, t.y().load<acquire>());
                               },
                               [](litmus& t) {
                                 t.y().store<release>(1);
                                 t.saw(1, t.x().load<acquire>());
                               }});
  EXPECT_EQ(l.outcomes(), (outcomes{"00/11", "01/11", "10/11", "11/11"}));
  l.expect_same_executions();
}

TEST(litmus, a_thread_never_reads_backwards) {
  litmus l("coherence", {[](litmus& t) {
                           t.x().store<relaxed>(1);
                           t.x().store<relaxed>(2);
                         },
                         [](litmus& t) {
                           t.saw(0, t.x().load<relaxed>());
                           t.saw(1, t.x().load<relaxed>());
                         }});
  EXPECT_EQ(l.outcomes(), (outcomes{"00/20", "01/20", "02/20", "11/20", "12/20", "22/20"}));
  EXPECT_EQ(l.last().executions, 6U);
  l.expect_same_executions();
}

TEST(litmus, two_readers_may_disagree_on_the_order_of_independent_stores) {
  litmus l("independent reads of independent writes",
           {[](litmus& t) { t.x().store<release>(1); }, [](litmus& t) { t.y().store<release>(1); },
            [](litmus& t) {
              t.saw(0, t.x().load<acquire>());
              t.saw(1, t.y().load<acquire>());
            },
            [](litmus& t) {
              t.saw(2, t.y().load<acquire>());
              t.saw(3, t.x().load<acquire>());
            }});
  EXPECT_EQ(l.outcomes().size(), 16U);
  EXPECT_TRUE(l.outcomes().contains("1010/11"));
  EXPECT_EQ(l.last().executions, 16U);
  l.expect_same_executions();
}

TEST(litmus, the_first_store_of_each_of_two_threads_may_be_the_one_that_stays) {
  litmus l("2+2W", {[](litmus& t) {
                      t.x().store<relaxed>(1);
                      t.y().store<relaxed>(2);
                    },
                    [](litmus& t) {
                      t.y().store<relaxed>(1);
                      t.x().store<relaxed>(2);
                    }});
  EXPECT_EQ(l.outcomes(), (outcomes{"/11", "/12", "/21", "/22"}));
  l.expect_same_executions();
}

TEST(litmus, no_load_reads_what_is_written_later) {
  // C++ allows 11; no machine that acre runs on does where it matters. See memory.hpp.
  litmus l("load buffering", {[](litmus& t) {
                                t.saw(0, t.x().load<relaxed>());
                                t.y().store<relaxed>(1);
                              },
                              [](litmus& t) {
                                t.saw(1, t.y().load<relaxed>());
                                t.x().store<relaxed>(1);
                              }});
  EXPECT_EQ(l.outcomes(), (outcomes{"00/11", "01/11", "10/11"}));
  l.expect_same_executions();
}

TEST(litmus, what_is_seen_to_be_seen_is_seen) {
  litmus l("write to read causality", {[](litmus& t) { t.x().store<relaxed>(1); },
                                       [](litmus& t) {
                                         t.saw(0, t.x().load<relaxed>());
                                         t.y().store<release>(1);
                                       },
                                       [](litmus& t) {
                                         t.saw(1, t.y().load<acquire>());
                                         t.saw(2, t.x().load<relaxed>());
                                       }});
  EXPECT_EQ(l.outcomes(),
            (outcomes{"000/11", "001/11", "010/11", "011/11", "100/11", "101/11", "111/11"}));
  l.expect_same_executions();
}

// --- read-modify-writes

TEST(litmus, no_increment_is_lost) {
  litmus l("increments", {increment_x, increment_x, increment_x});
  EXPECT_EQ(l.outcomes(), (outcomes{"/30"}));
  l.expect_same_executions();
}

TEST(litmus, an_increment_that_is_a_load_and_a_store_is_lost) {
  const auto torn = [](litmus& t) { t.x().store<relaxed>(t.x().load<relaxed>() + 1); };
  litmus l("torn increments", {torn, torn});
  EXPECT_EQ(l.outcomes(), (outcomes{"/10", "/20"}));
  l.expect_same_executions();
}

TEST(litmus, of_two_exchanges_each_reads_what_the_other_left) {
  litmus l("exchanges", {[](litmus& t) { t.saw(0, t.x().exchange<relaxed>(1)); },
                         [](litmus& t) { t.saw(1, t.x().exchange<relaxed>(2)); }});
  EXPECT_EQ(l.outcomes(), (outcomes{"01/20", "20/10"}));
  EXPECT_EQ(l.last().executions, 2U);
  l.expect_same_executions();
}

TEST(litmus, a_compare_exchange_may_fail_without_a_reason) {
  litmus l("weak", {[](litmus& t) {
             unsigned expected = 0;
             t.saw(0, t.x().compare_exchange<relaxed>(expected, 1) ? 1 : 0);
             t.saw(1, expected);
           }});
  EXPECT_EQ(l.outcomes(), (outcomes{"00/00", "10/10"}));
}

TEST(litmus, a_store_may_come_between_a_read_modify_write_and_what_is_read_later) {
  litmus l("store and exchange", {[](litmus& t) { t.saw(0, t.x().exchange<relaxed>(1)); },
                                  [](litmus& t) { t.x().store<relaxed>(2); },
                                  [](litmus& t) {
                                    t.saw(1, t.x().load<relaxed>());
                                    t.saw(2, t.x().load<relaxed>());
                                  }});
  EXPECT_FALSE(l.outcomes().contains("012/10")) << "the exchange stands right behind what it read";
  EXPECT_TRUE(l.outcomes().contains("012/20"));
  EXPECT_TRUE(l.outcomes().contains("221/10"));
  l.expect_same_executions();
}

// --- plain data

template <order Store, order Load>
bool message_passing_races() {
  litmus l("message passing", {[](litmus& t) {
                                 t.data().write(1);
                                 t.x().store<Store>(1);
                               },
                               [](litmus& t) {
                                 if (t.x().load<Load>() == 1) {
                                   EXPECT_EQ(t.data().read(), 1U);
                                 }
                               }});
  return l.races();
}

TEST(litmus, data_is_handed_over_by_a_release_and_an_acquire_and_by_nothing_less) {
  EXPECT_FALSE((message_passing_races<release, acquire>()));
  EXPECT_TRUE((message_passing_races<relaxed, acquire>()));
  EXPECT_TRUE((message_passing_races<release, relaxed>()));
}

template <class Between>
bool release_sequence_races(Between between) {
  litmus l("release sequence", {[](litmus& t) {
                                  t.data().write(1);
                                  t.x().store<release>(1);
                                },
                                between,
                                [](litmus& t) {
                                  if (t.x().load<acquire>() == 2) {
                                    static_cast<void>(t.data().read());
                                  }
                                }});
  return l.races();
}

TEST(litmus, a_read_modify_write_continues_a_release_sequence_and_a_store_does_not) {
  EXPECT_FALSE(release_sequence_races([](litmus& t) {
    unsigned one = 1;
    static_cast<void>(t.x().compare_exchange<relaxed>(one, 2));
  }));
  EXPECT_TRUE(release_sequence_races([](litmus& t) {
    if (t.x().load<relaxed>() == 1) {
      t.x().store<relaxed>(2);
    }
  }));
}

TEST(litmus, two_readers_do_not_race_and_a_reader_races_with_a_writer) {
  const auto reader = [](litmus& t) {
    static_cast<void>(t.x().load<relaxed>());
    static_cast<void>(t.data().read());
  };
  EXPECT_FALSE(litmus("two readers", {reader, reader}).races());
  EXPECT_TRUE(litmus("reader and writer", {reader,
                                           [](litmus& t) {
                                             t.data().write(1);
                                             t.x().store<release>(1);
                                           }})
                  .races());
}

// --- the explorer

TEST(litmus, who_waits_for_another_thread_is_found) {
  litmus l("a spin lock", {[](litmus& t) {
                             while (t.x().exchange<acquire>(1) != 0) {
                             }
                             t.x().store<release>(0);
                           },
                           [](litmus& t) {
                             while (t.x().exchange<acquire>(1) != 0) {
                             }
                             t.x().store<release>(0);
                           }});
  l.outcomes();
  EXPECT_EQ(l.last().broken, "an operation ends");
}

TEST(litmus, a_bound_on_preemptions_leaves_out_what_needs_more) {
  const auto twice = [](litmus& t) {
    t.x().store<relaxed>(1);
    t.x().store<relaxed>(2);
  };
  litmus l("two accesses each", {twice, twice});
  EXPECT_EQ(l.executions_with(0), 2U) << "1122 2211";
  EXPECT_EQ(l.executions_with(1), 4U) << "1221 2112";
  EXPECT_EQ(l.executions_with(2), 6U) << "1212 2121";
  EXPECT_EQ(l.executions_with(limits::any), 6U);
}

#if defined(ACRE_TEST_SLOW)
constexpr unsigned programs = 20;
#else
constexpr unsigned programs = 400;
#endif

/// A program of a few random accesses, the same for each seed.
void random_access(litmus& t, random& dice, unsigned result) {
  cell& c = dice.below(2) == 0 ? t.x() : t.y();
  const unsigned value = 1 + dice.below(3);
  unsigned seen = 9;
  switch (dice.below(6)) {
    case 0:
      c.store<relaxed>(value);
      return;
    case 1:
      c.store<release>(value);
      return;
    case 2:
      seen = c.exchange<order::acq_rel>(value);
      break;
    case 3:
      seen = value - 1;
      static_cast<void>(c.compare_exchange<acquire>(seen, value));
      break;
    case 4:
      seen = c.load<relaxed>();
      break;
    default:
      seen = c.load<acquire>();
      break;
  }
  t.saw(result, seen);
}

class random_litmus : public seeded_test {};

TEST_F(random_litmus, reductions_leave_out_no_execution_of_random_programs_and_repeat_none) {
  for (unsigned i = 0; i < programs; ++i) {
    SCOPED_TRACE(i);
    const auto thread = [i](unsigned number, unsigned accesses) {
      return [=](litmus& t) {
        random dice(i * 4 + number);
        for (unsigned n = 0; n < accesses; ++n) {
          random_access(t, dice, number * 2);
        }
      };
    };
    if (i % 2 == 0) {
      litmus l("two threads", {thread(0, 4), thread(1, 4)});
      l.expect_same_executions();
    } else {
      litmus l("three threads", {thread(0, 2), thread(1, 2), thread(2, 2)});
      l.expect_same_executions();
    }
  }
}

}  // namespace
}  // namespace acre::test::interleavings
