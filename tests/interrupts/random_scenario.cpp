// SPDX-License-Identifier: MIT
// Random scenarios: a set-up, one operation of whatever the allocator offers, and a handler that takes,
// gives, or both. The books say what is live, and so may be given back.
#include "interrupts/sweep.hpp"
#include "interrupts/world.hpp"
#include "support/random.hpp"

namespace acre::test::sweep {

namespace {

class writer {
 public:
  writer(const family& allocator, uint32_t stream, char* text) noexcept
      : family_(allocator), random_(stream), at_(text) {}

  /// Some calls, made as they are written.
  const char* set_up() noexcept {
    const char* const begin = at_;
    const uint32_t calls = random_.below(25);
    for (uint32_t i = 0; i < calls; ++i) {
      const char* const call = at_;
      const bool take =
          the_world.set_up_count() < set_up_blocks && (random_.below(5) < 3 || !one_is_givable());
      if (take) {
        *at_++ = request();
      } else if (one_is_givable()) {
        *at_++ = givable();
      } else {
        break;
      }
      *at_ = '\0';
      the_world.perform(call, role::set_up);
    }
    return end(begin);
  }

  const char* operation() noexcept {
    const char* const begin = at_;
    const uint32_t kind = random_.below(3);
    if (kind == 0 && family_.special_count != 0) {
      write_special(family_.specials[random_.below(family_.special_count)]);
    } else if (kind == 1 && one_is_givable()) {
      used_ = givable();
      *at_++ = used_;
    } else {
      *at_++ = request();
    }
    return end(begin);
  }

  /// One to three calls, at most one of which gives.
  const char* handler() noexcept {
    const char* const begin = at_;
    const uint32_t calls = 1 + random_.below(3);
    // Takes, and gives the first of them back: what was there before is there again.
    if (random_.below(3) == 0 && !family_.handler_only_gives &&
        family_.ops->order == giving::any_order) {
      *at_++ = request();
      *at_++ = request();
      *at_++ = 'x';
      return end(begin);
    }
    bool given = family_.ops->order != giving::any_order;
    for (uint32_t i = 0; i < calls; ++i) {
      const bool take = random_.below(2) == 0 && !family_.handler_only_gives;
      const char victim = given || take ? '\0' : other_givable();
      given = given || victim != '\0';
      if (victim != '\0') {
        *at_++ = victim;
      } else if (!family_.handler_only_gives) {
        *at_++ = request();
      }
    }
    return end(begin);
  }

 private:
  const char* end(const char* begin) noexcept {
    *at_++ = '\0';
    return begin;
  }
  char request() noexcept {
    return static_cast<char>('a' + random_.below(family_.request_count));
  }
  static bool live(unsigned index) noexcept {
    return the_world.at(index).begin != nullptr;
  }
  [[nodiscard]] bool one_is_givable() const noexcept {
    bool any = false;
    for (unsigned i = 0; i < set_up_blocks; ++i) {
      any = any || live(i);
    }
    return any && family_.ops->order == giving::any_order;
  }
  char givable() noexcept {
    unsigned index = random_.below(set_up_blocks);
    while (!live(index)) {
      index = (index + 1) % set_up_blocks;
    }
    return static_cast<char>('0' + index);
  }
  // Not the one of the operation; '\0' if there is no other.
  char other_givable() noexcept {
    for (unsigned tries = 0; tries < 2 * set_up_blocks; ++tries) {
      const unsigned index = random_.below(set_up_blocks);
      if (live(index) && static_cast<char>('0' + index) != used_) {
        return static_cast<char>('0' + index);
      }
    }
    return '\0';
  }
  void write_special(const special& what) noexcept {
    const bool needs_block =
        what.kind == special_kind::gives || what.kind == special_kind::resizes ||
        what.kind == special_kind::moves || what.kind == special_kind::extends_left;
    // No set-up leaves a mark to release to.
    const bool needs_mark = what.kind == special_kind::forgets && what.letter != 'Z';
    if ((needs_block && !one_is_givable()) || needs_mark) {
      *at_++ = request();
      return;
    }
    used_ = needs_block ? givable() : '\0';
    *at_++ = what.letter;
    *at_++ = needs_block ? used_ : '-';
    *at_++ = request();
  }

  const family& family_;
  random random_;
  char* at_;
  char used_ = '\0';  // the block of the operation
};

}  // namespace

scenario random_scenario(const family& allocator, uint32_t stream, char* text) noexcept {
  the_world.restart();
  writer write(allocator, stream, text);
  scenario result{};
  result.name = "random";
  result.set_up = write.set_up();
  result.operation = write.operation();
  result.handler = write.handler();
  result.waits = allocator.several_locks ? waiting::perhaps : waiting::somewhere;
  return result;
}

}  // namespace acre::test::sweep
