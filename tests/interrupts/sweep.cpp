// SPDX-License-Identifier: MIT
#include "interrupts/sweep.hpp"

#include "interrupts/interrupted_call.hpp"
#include "interrupts/world.hpp"
#include "support/report.hpp"

namespace acre::test::sweep {

namespace {

kept_state at_the_start;
kept_state handler_first;    // what the handler and then the operation leave
kept_state operation_first;  // what they leave the other way round

const char* handler_script;

void run_handler() noexcept {
  the_world.perform(handler_script, role::handler);
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

class sweeper {
 public:
  sweeper(const family& allocator, const scenario& what) noexcept : operation_(what.operation) {
    handler_script = what.handler;
    the_world.restart();
    the_world.perform(what.set_up, role::set_up);
    the_world.keep(at_the_start);
    const special* const operation = prepare().what;
    ordered_ = operation == nullptr ? allocator.one_step : operation->one_step;
  }

  void trace() noexcept {
    the_world.restore(at_the_start);
    static_cast<void>(uninterrupted(prepare().made));
  }

  /// Both orders without an interrupt in between. Null, or what is wrong with one of them.
  const char* sequential() noexcept {
    the_world.restore(at_the_start);
    run_handler();
    const prepared second = prepare();
    the_world.settle(second, uninterrupted(second.made));
    the_world.keep(handler_first);
    const char* what = the_world.broken();

    the_world.restore(at_the_start);
    const prepared first = prepare();
    const uintptr_t result = uninterrupted(first.made);
    run_handler();
    the_world.settle(first, result);
    the_world.keep(operation_first);
    const char* other = the_world.broken();
    return what != nullptr ? what : other;
  }

  /// One offset. Null, or what is wrong.
  const char* offset(uint32_t ticks) noexcept {
    the_world.restore(at_the_start);
    const prepared operation = prepare();
    const uintptr_t result = interrupted(operation.made, ticks, run_handler);
    the_world.settle(operation, result);

    const bool before = the_world.equals(handler_first);
    const bool after = the_world.equals(operation_first);
    const moment when = interrupted_when();
    const bool possible = (before && when != moment::after) || (after && when != moment::before);
    // What sequential() has checked is not checked again: it is the same, to the last byte.
    if (possible) {
      const bool back = before && !after && has_happened_;
      has_happened_ = has_happened_ || !before;
      return back ? "the operation seems to happen after it has happened" : nullptr;
    }
    if (const char* what = the_world.broken(); what != nullptr) {
      return what;
    }
    return ordered_ || when != moment::inside
               ? "a state that neither order of operation and handler leaves"
               : nullptr;
  }

 private:
  [[nodiscard]] prepared prepare() noexcept {
    const char* script = operation_;
    return the_world.prepare(script, role::operation);
  }

  const char* operation_;
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

  address_list addresses;
  uint32_t ticks = first;
  for (bool ended = false; !ended && ticks < first + 100000; ticks += how.step) {
    const char* found = run.offset(ticks);
    ended = interrupted_when() == moment::after;
    if (interrupted_when() != moment::before) {
      addresses.add(interrupted_at());
    }
    if (found != nullptr) {
      if (wrong == nullptr) {
        wrong = found;
        wrong_offset = ticks - first;
        wrong_at = interrupted_at();
      }
      ++violations;
    }
  }
  const uint32_t offsets = (ticks - first) / how.step;
  const uint32_t distinct = addresses.finish();
  print_line("swept|", uint64_t{offsets}, "|", uint64_t{distinct}, "|", uint64_t{violations});
  if (wrong != nullptr) {
    print_line("violation|", uint64_t{wrong_offset}, "|", uint64_t{wrong_at}, "|", wrong);
  }
  sum.scenarios += 1;
  sum.offsets += offsets;
  sum.violations += violations;
}

}  // namespace acre::test::sweep
