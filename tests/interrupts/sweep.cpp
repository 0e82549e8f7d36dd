// SPDX-License-Identifier: MIT
#include "interrupts/sweep.hpp"

#include "interrupts/interrupted_call.hpp"
#include "interrupts/visit.hpp"
#include "interrupts/world.hpp"
#include "support/report.hpp"

namespace acre::test::sweep {

namespace {

kept_state at_the_start;
kept_state handler_first;    // what the handler and then the operation leave
kept_state operation_first;  // what they leave the other way round

const char* handler_script;

constexpr char neither_order[] = "a state that neither order of operation and handler leaves";

void run_handler() noexcept {
  the_world.perform(handler_script, role::handler);
}

// Of a handler that is one call: the call alone. Core 1 makes it, and core 0 enters it into the books.
prepared handler_call;
volatile uintptr_t handler_result;

void run_handler_call() noexcept {
  handler_result = make(handler_call);
}

void prepare_handler_call() noexcept {
  const char* script = handler_script;
  handler_call = the_world.prepare(script, role::handler);
}

// Does the operation happen at one moment?
bool is_one_step(const family& allocator, const prepared& operation) noexcept {
  const special* const what = operation.what;
  if (what != nullptr && what->kind != special_kind::takes && what->kind != special_kind::gives) {
    return what->one_step;
  }
  const bool takes =
      what != nullptr ? what->kind == special_kind::takes : operation.given == blocks_max;
  const size_t size = takes ? operation.wanted.size : operation.before.size;
  return (what != nullptr ? what->one_step : allocator.one_step) && size >= allocator.steps_below &&
         !(takes && operation.wanted.align > allocator.one_step_align);
}

// The addresses, in lines of some of them.
class address_list {
 public:
  void add(uintptr_t address) noexcept {
    if (address == last_) {
      return;
    }
    print(count_ % 16 == 0 ? (count_ == 0 ? "at|" : "\nat|") : " ");
    print(uint64_t{address});
    last_ = address;
    ++count_;
  }
  [[nodiscard]] uint32_t finish() const noexcept {
    print(count_ == 0 ? "" : "\n");
    return count_;
  }

 private:
  uintptr_t last_ = 0;
  uint32_t count_ = 0;
};

/// From `first` to before `end`.
struct turns {
  uint32_t first = 0;
  uint32_t end = 0;
};

class sweeper {
 public:
  sweeper(const family& allocator, const scenario& what) noexcept : operation_(what.operation) {
    handler_script = what.handler;
    the_world.restart();
    the_world.perform(what.set_up, role::set_up);
    the_world.keep(at_the_start);
    waits_ = allocator.waits && what.waits != waiting::nowhere;
    handler_is_one_step_ = allocator.one_step;
    ordered_ = is_one_step(allocator, prepare());
  }

  void trace() noexcept {
    the_world.restore(at_the_start);
    static_cast<void>(uninterrupted(prepare().made));
  }

  /// Both orders without an interrupt in between. Null, or what is wrong with one of them.
  const char* sequential() noexcept {
    the_world.restore(at_the_start);
    by_itself(run_handler);
    const prepared second = prepare();
    the_world.settle(second, uninterrupted(second.made));
    the_world.keep(handler_first);
    const char* what = the_world.broken();

    the_world.restore(at_the_start);
    const prepared first = prepare();
    const uintptr_t result = uninterrupted(first.made);
    by_itself(run_handler);
    the_world.settle(first, result);
    the_world.keep(operation_first);
    const char* other = the_world.broken();
    return what != nullptr ? what : other;
  }

  /// The turns in which the handler begins by itself, and does not get to its end. None if it is more than
  /// one call, or the sweep is not for pairs.
  turns limited_turns(bool pairs) noexcept {
    turns found;
    if (!pairs || handler_script[0] == '\0' || handler_script[1] != '\0') {
      return found;
    }
    bool begun = false;
    for (uint32_t turn = 1; turn < 100000; ++turn) {
      the_world.restore(at_the_start);
      prepare_handler_call();
      limit_turn(turn);
      by_itself(run_handler_call);
      if (visitor_waited() && !begun) {
        found.first = turn;
        begun = true;
      } else if (begun && !visitor_waited()) {
        found.end = turn;
        break;
      }
    }
    limit_turn(0);
    return found;
  }

  /// One offset, where the handler runs to its end. Null, or what is wrong.
  const char* offset(uint32_t ticks) noexcept {
    the_world.restore(at_the_start);
    const prepared operation = prepare();
    const uintptr_t result = interrupted(operation.made, ticks, run_handler);
    the_world.settle(operation, result);

    const bool before = the_world.equals(handler_first);
    const bool after = the_world.equals(operation_first);
    const moment when = interrupted_when();
    if (visitor_waited() && !waits_) {
      return "the other core waits, and there is no lock that both take";
    }
    const bool possible = (before && when != moment::after) || (after && when != moment::before);
    // What sequential() has checked is not checked again: it is the same, to the last byte.
    if (possible) {
      const bool back = before && !after && has_happened_;
      // A visitor that waited came later than its offset.
      has_happened_ = has_happened_ || (!before && !visitor_waited());
      return back ? "the operation seems to happen after it has happened" : nullptr;
    }
    if (const char* what = the_world.broken(); what != nullptr) {
      return what;
    }
    return ordered_ || when != moment::inside ? neither_order : nullptr;
  }

  /// The same offset, where the handler's turn is limited, and it goes on when the operation has ended.
  const char* pair(uint32_t ticks, uint32_t turn) noexcept {
    the_world.restore(at_the_start);
    const prepared operation = prepare();
    prepare_handler_call();
    limit_turn(turn);
    const uintptr_t result = interrupted(operation.made, ticks, run_handler_call);
    limit_turn(0);
    the_world.settle(operation, result);
    the_world.settle(handler_call, handler_result);
    if (the_world.equals(handler_first) || the_world.equals(operation_first)) {
      return nullptr;
    }
    if (const char* what = the_world.broken(); what != nullptr) {
      return what;
    }
    return ordered_ && handler_is_one_step_ ? neither_order : nullptr;
  }

 private:
  [[nodiscard]] prepared prepare() noexcept {
    const char* script = operation_;
    return the_world.prepare(script, role::operation);
  }

  const char* operation_;
  bool handler_is_one_step_ = false;
  bool waits_ = false;         // another core may have to
  bool ordered_ = true;        // the operation happens at one moment
  bool has_happened_ = false;  // which was before the last offset
};

}  // namespace

void sweep(const family& allocator, const scenario& what, const settings& how,
           totals& sum) noexcept {
  print_line("scenario|", allocator.name, "|", what.name, "|", what.set_up, "|", what.operation,
             "|", what.handler);
  sweeper run(allocator, what);
  if (how.trace) {
    run.trace();
    return;
  }
  const uint32_t first = first_ticks();
  uint32_t violations = 0;
  const char* wrong = run.sequential();
  uint32_t wrong_offset = 0;
  uintptr_t wrong_at = 0;
  violations += wrong != nullptr ? 1U : 0U;

  const turns limited = run.limited_turns(how.pairs);
  address_list addresses;
  uint32_t waits = 0;
  uint32_t pairs = 0;
  uint32_t ticks = first;
  const auto note = [&](const char* found) noexcept {
    if (found != nullptr) {
      if (wrong == nullptr) {
        wrong = found;
        wrong_offset = ticks - first;
        wrong_at = interrupted_at();
      }
      ++violations;
    }
  };
  for (bool ended = false; !ended && ticks < first + 100000; ticks += how.step) {
    const char* found = run.offset(ticks);
    ended = interrupted_when() == moment::after;
    if (interrupted_when() != moment::before) {
      addresses.add(interrupted_at());
    }
    waits += visitor_waited() ? 1U : 0U;
    note(found);
    for (uint32_t turn = limited.first; turn < limited.end && interrupted_when() == moment::inside;
         ++turn) {
      note(run.pair(ticks, turn));
      ++pairs;
    }
  }
  if (allocator.waits && what.waits == waiting::somewhere && waits == 0 && how.step == 1) {
    wrong = wrong != nullptr ? wrong : "the other core never waits, and there is a lock";
    ++violations;
  }
  const uint32_t offsets = (ticks - first) / how.step + pairs;
  const uint32_t distinct = addresses.finish();
  print_line("swept|", uint64_t{offsets}, "|", uint64_t{distinct}, "|", uint64_t{violations}, "|",
             uint64_t{waits});
  if (wrong != nullptr) {
    print_line("violation|", uint64_t{wrong_offset}, "|", uint64_t{wrong_at}, "|", wrong);
  }
  sum.scenarios += 1;
  sum.offsets += offsets;
  sum.violations += violations;
}

}  // namespace acre::test::sweep
