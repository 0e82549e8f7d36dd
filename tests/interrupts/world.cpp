// SPDX-License-Identifier: MIT
#include "interrupts/world.hpp"

#include "support/fault_recorder.hpp"

#include <acre/platform/irq.hpp>

namespace acre::test::sweep {

constinit world the_world;

namespace {

guarded_memory<region_bytes_max> memory;

// Word by word: this is most of what a sweep executes.
void copy_words(void* to, const void* from, size_t bytes) noexcept {
  auto* target = static_cast<uint32_t*>(to);
  const auto* source = static_cast<const uint32_t*>(from);
  for (size_t i = 0; i < bytes / sizeof(uint32_t); ++i) {
    target[i] = source[i];
  }
}

bool equal_words(const void* a, const void* b, size_t bytes) noexcept {
  const auto* left = static_cast<const uint32_t*>(a);
  const auto* right = static_cast<const uint32_t*>(b);
  for (size_t i = 0; i < bytes / sizeof(uint32_t); ++i) {
    if (left[i] != right[i]) {
      return false;
    }
  }
  return true;
}

// In the tag of a block: on a stack, it lies on the high side.
constexpr uint32_t taken_by_special = 0x100;

uintptr_t address(const void* p) noexcept {
  return reinterpret_cast<uintptr_t>(p);
}

size_t bytes_of(const block& b) noexcept {
  return b.size == 0 ? 1 : b.size;
}

size_t room_of(const acre::usage& used) noexcept {
  return used.bytes_in_use + used.bytes_free + used.bytes_overhead;
}

bool overlap(const block& a, const block& b) noexcept {
  return address(a.begin) < address(b.begin) + bytes_of(b) &&
         address(b.begin) < address(a.begin) + bytes_of(a);
}

}  // namespace

void world::choose(const family& allocator) noexcept {
  family_ = &allocator;
  lent_ = memory.carve(0, allocator.region);
  restart();
  largest_free_ = this->allocator().largest_free();
  room_ = room_of(this->allocator().usage());
  capacity_ = take_all();
}

void world::restart() noexcept {
  state_ = {};
  allocator().create();
  fill_pattern(lent_.begin, lent_.size, 0xABU);
  subject fresh = allocator();
  if (fresh.init(lent_) != status::ok) {
    complain("init() failed");
  }
  complaint_ = nullptr;
  fault_recorder::forget();
}

void world::keep(kept_state& to) const noexcept {
  copy_words(&to.kept, &state_, sizeof state_);
  copy_words(to.memory, lent_.begin, lent_.size);
}

void world::restore(const kept_state& from) noexcept {
  copy_words(&state_, &from.kept, sizeof state_);
  copy_words(lent_.begin, from.memory, lent_.size);
  complaint_ = nullptr;
  fault_recorder::forget();
}

bool world::equals(const kept_state& other) const noexcept {
  return equal_words(&state_, &other.kept, sizeof state_) &&
         equal_words(lent_.begin, other.memory, lent_.size);
}

void world::complain(const char* what) noexcept {
  complaint_ = complaint_ == nullptr ? what : complaint_;
}

const char* world::complaint() noexcept {
  const char* what = complaint_;
  complaint_ = nullptr;
  return what;
}

prepared world::prepare(const char*& script, role caller) noexcept {
  const operations& ops = *family_->ops;
  const char letter = *script++;
  prepared next{{nullptr, {}}, caller, nullptr, blocks_max, {}, {}};
  uintptr_t* const arguments = next.made.arguments;
  arguments[0] = address(state_.object);
  if (letter >= 'a' && letter <= 'd') {
    next.wanted = family_->requests[letter - 'a'];
    next.made.function = reinterpret_cast<const void*>(ops.allocate);
    arguments[1] = next.wanted.size;
    arguments[2] = next.wanted.align;
    return next;
  }
  char victim = letter;
  if (letter >= 'A' && letter <= 'Z') {
    for (unsigned i = 0; i < family_->special_count; ++i) {
      if (family_->specials[i].letter == letter) {
        next.what = &family_->specials[i];
      }
    }
    victim = *script++;
    const char request = *script++;
    next.wanted = request == '-' ? layout{} : family_->requests[request - 'a'];
    next.made.function = reinterpret_cast<const void*>(next.what->call);
    arguments[2] = next.wanted.size;
    arguments[3] = next.wanted.align;
  }
  if (next.what != nullptr && next.what->kind == special_kind::forgets) {
    for (unsigned i = letter == 'Z' ? 0 : state_.marked_blocks; i < set_up_blocks; ++i) {
      state_.blocks[i] = {};
    }
  }
  if (victim != '-') {
    next.given = victim >= 'x' ? first_handler_block + static_cast<unsigned>(victim - 'x')
                               : static_cast<unsigned>(victim - '0');
    block& old = state_.blocks[next.given];
    next.before = old;
    if (old.begin == nullptr) {  // the handler got none; null does nothing
      next.made.function = reinterpret_cast<const void*>(ops.deallocate);
      return next;
    }
    if (!holds_pattern(old.begin, old.size, old.tag)) {
      complain("contents of a live block have changed");
    }
    arguments[1] = address(old.begin);
    if (next.what == nullptr) {
      next.made.function = reinterpret_cast<const void*>(ops.deallocate);
      arguments[2] = old.size;
      arguments[3] = old.align;
    } else if (next.what->kind == special_kind::gives) {
      arguments[2] = old.size;
      arguments[3] = old.align;
    }
    old.begin = nullptr;
  }
  return next;
}

void world::enter(unsigned index, uintptr_t begin, layout wanted, uint32_t how) noexcept {
  block& entry = state_.blocks[index];
  entry = {};
  if (begin == 0) {
    return;
  }
  const block taken{reinterpret_cast<unsigned char*>(begin), wanted.size, wanted.align,
                    (index + 1) | how};
  if (begin % wanted.align != 0) {
    complain("a block is not aligned");
  }
  if (begin < lent_.address() || begin + bytes_of(taken) > lent_.address() + lent_.size) {
    complain("a block lies outside of the region");
    return;
  }
  for (const block& other : state_.blocks) {
    if (other.begin != nullptr && overlap(other, taken)) {
      complain("a live block was handed out again");
      return;
    }
  }
  entry = taken;
  fill_pattern(entry.begin, entry.size, entry.tag);
}

// Whether the handler's blocks are among what was given back depends on who came first; the allocator
// says how many blocks are left, and broken() holds it to that.
void world::forget() noexcept {
  size_t left = 0;
  for (unsigned i = 0; i < set_up_blocks; ++i) {
    left += state_.blocks[i].begin != nullptr ? 1U : 0U;
  }
  if (allocator().usage().blocks_in_use == left) {
    for (unsigned i = first_handler_block; i < blocks_max; ++i) {
      state_.blocks[i] = {};
    }
  }
}

void world::settle(const prepared& made, uintptr_t result) noexcept {
  unsigned place = operation_block;
  uintptr_t* said = &state_.results[0];
  if (made.caller == role::handler) {
    const uint32_t number = state_.handler_count++ % 3;
    place = first_handler_block + number;
    said = &state_.results[1 + number];
  }
  const special_kind kind = made.what != nullptr       ? made.what->kind
                            : made.given != blocks_max ? special_kind::gives
                                                       : special_kind::takes;
  block resized = made.before;
  resized.size = made.wanted.size;
  const size_t common = made.before.size < resized.size ? made.before.size : resized.size;
  switch (kind) {
    case special_kind::marks:
      state_.marked_blocks = state_.set_up_count;
      break;
    case special_kind::looks:
      *said = result;
      break;
    case special_kind::forgets:
      forget();
      break;
    case special_kind::takes:
      if (made.caller == role::set_up) {
        place = state_.set_up_count++;
      }
      enter(place, result, made.wanted, made.what != nullptr ? taken_by_special : 0);
      break;
    case special_kind::gives:
      *said = result;
      if (result != static_cast<uintptr_t>(status::ok)) {
        complain("a block that is live was not taken back");
      }
      if (family_->ops->order == giving::all_at_once) {
        state_.blocks[made.given] = made.before;  // it waits for a reset
      }
      break;
    case special_kind::resizes:
    case special_kind::moves:
    case special_kind::extends_left:
      *said = result;
      // A block that is large enough is not extended, and keeps its size.
      if (result == 0 ||
          (kind == special_kind::extends_left && made.wanted.size < made.before.size)) {
        state_.blocks[made.given] = made.before;
        break;
      }
      if (kind != special_kind::resizes && result < lent_.address()) {
        complain("a block lies outside of the region");
        break;
      }
      if (kind != special_kind::resizes) {
        resized.begin = reinterpret_cast<unsigned char*>(result);
      }
      if (!holds_pattern(kind == special_kind::moves ? resized.begin : made.before.begin, common,
                         made.before.tag)) {
        complain("contents of a live block have changed");
      }
      enter(made.given, address(resized.begin), {resized.size, 1}, 0);
      break;
  }
}

uintptr_t make(const prepared& call) noexcept {
  using function = uintptr_t (*)(uintptr_t, uintptr_t, uintptr_t, uintptr_t);
  const auto made = reinterpret_cast<function>(reinterpret_cast<uintptr_t>(call.made.function));
  const uintptr_t* const a = call.made.arguments;
  return made(a[0], a[1], a[2], a[3]);
}

void world::perform(const char* script, role caller) noexcept {
  while (*script != '\0') {
    const prepared next = prepare(script, caller);
    settle(next, make(next));
  }
}

unsigned world::sort_live() noexcept {
  unsigned count = 0;
  for (const block& b : state_.blocks) {
    if (b.begin == nullptr) {
      continue;
    }
    unsigned place = count++;
    for (; place > 0 && sorted_[place - 1].begin > b.begin; --place) {
      sorted_[place] = sorted_[place - 1];
    }
    sorted_[place] = b;
  }
  return count;
}

const char* world::broken_blocks(unsigned count) noexcept {
  for (unsigned i = 0; i < count; ++i) {
    const block& b = sorted_[i];
    if (i > 0 && overlap(sorted_[i - 1], b)) {
      return "live blocks overlap";
    }
    if (!holds_pattern(b.begin, b.size, b.tag)) {
      return "contents of a live block have changed";
    }
  }
  const acre::usage used = allocator().usage();
  const usage_counters::values& observed = allocator().observed();
  if (used.blocks_in_use != count || observed.blocks_in_use != count) {
    return "the count of live blocks is wrong";
  }
  if (used.bytes_in_use != family_->ops->bytes_in_use(lent_, sorted_, count) ||
      used.bytes_in_use != observed.bytes_in_use) {
    return "the bytes in use are wrong";
  }
  return nullptr;
}

// In the order that the allocator wants. A stack's low blocks go from the highest address down, its high
// blocks, which lie above, from the lowest up.
const char* world::broken_after_giving_back(unsigned count) noexcept {
  if (family_->ops->order == giving::all_at_once) {
    allocator().reset();
    count = 0;
  }
  unsigned low = 0;
  while (family_->ops->order == giving::newest_first && low < count &&
         (sorted_[low].tag & taken_by_special) == 0) {
    ++low;
  }
  for (unsigned i = 0; i < count; ++i) {
    const block& b = sorted_[i < low ? low - 1 - i : i];
    if (allocator().deallocate(b.begin, b.request()) != status::ok) {
      return "a block that is live was not taken back";
    }
  }
  const acre::usage used = allocator().usage();
  if (used.blocks_in_use != 0 || used.bytes_in_use != 0 ||
      allocator().observed().blocks_in_use != 0) {
    return "with everything given back something is in use";
  }
  if (allocator().validate() != status::ok) {
    return "with everything given back validate() finds something";
  }
  return nullptr;
}

// Each block is written, and looked at when all are there: none was handed out twice.
unsigned world::take_all() noexcept {
  static constexpr unsigned most = 64;
  static unsigned char* taken[most];
  const layout wanted = family_->requests[0];
  unsigned count = 0;
  while (count < most) {
    auto* const p = static_cast<unsigned char*>(allocator().allocate(wanted));
    if (p == nullptr) {
      break;
    }
    if (address(p) - lent_.address() >= lent_.size) {
      complain("a block lies outside of the region");
      break;
    }
    fill_pattern(p, wanted.size, count);
    taken[count++] = p;
  }
  for (unsigned i = 0; i < count; ++i) {
    if (!holds_pattern(taken[i], wanted.size, i)) {
      complain("a live block was handed out again");
    }
  }
  return count;
}

const char* world::broken() noexcept {
  if (complaint_ != nullptr) {
    return complaint();
  }
  if (!platform::irq_enabled()) {
    return "interrupts are disabled";
  }
  if (fault_recorder::total() != 0) {
    return "a fault was raised";
  }
  if (allocator().validate() != status::ok) {
    return "validate() finds something";
  }
  const unsigned count = sort_live();
  if (const char* what = broken_blocks(count); what != nullptr) {
    return what;
  }
  if (const char* what = broken_after_giving_back(count); what != nullptr) {
    return what;
  }
  if (family_->keeps_blocks) {
    if (room_of(allocator().usage()) != room_) {
      return "with everything given back there is not as much room as at the start";
    }
    static_cast<void>(take_all());
  } else if (allocator().largest_free() != largest_free_) {
    return "with everything given back the largest request is smaller than at the start";
  } else if (take_all() != capacity_) {
    return "with everything given back a block is missing, or there is one too many";
  }
  if (!memory.guards_intact()) {
    return "memory outside of the region was written";
  }
  return complaint();
}

}  // namespace acre::test::sweep
