// SPDX-License-Identifier: MIT
#include "session.hpp"

#include <acre/status.hpp>

#include "meter.hpp"
#include "random.hpp"
#include "record.hpp"
#include "text.hpp"

namespace acre::certify {

namespace {

constexpr size_t smallest_slab = 512;

live_block live[settings::live_max];
uint16_t live_in_slab[settings::region_bytes / smallest_slab];  // blocks
int failed = 0;

uintptr_t address(const void* p) {
  return reinterpret_cast<uintptr_t>(p);
}

uint16_t& in_slab_of(const subject& s, const void* block) {
  return live_in_slab[(address(block) - address(memory)) >> s.slab_shift];
}

}  // namespace

int failures() {
  return failed;
}

const live_block& session::at(size_t index) const {
  return live[index];
}

// One call, counted.
counts session::call(entry function, uintptr_t a, uintptr_t b, uintptr_t c) {
  metered_call call{reinterpret_cast<const void*>(function), {address(s_.object), a, b, c}, 0};
  if (s_.object == nullptr) {
    call.arguments[0] = a;
    call.arguments[1] = b;
    call.arguments[2] = c;
  }
  const counts counted = counts_of(call);
  result_ = call.result;
  if constexpr (settings::tracing) {
    print_line("traced", uint64_t{counted.instructions}, uint64_t{counted.masked});
  }
  return counted;
}

bool session::restart() {
  count_ = 0;
  for (auto& blocks : live_in_slab) {
    blocks = 0;
  }
  note(operation::init, call(s_.init, address(memory) + s_.skip, bytes_, 0));
  return !s_.returns_status || static_cast<status>(result_ & 0xFF) == status::ok;
}

live_block session::allocate(size_t size, size_t align) {
  const bool aligned = align > default_alignment;
  const entry function = aligned ? s_.allocate_aligned : s_.allocate;
  const counts counted = call(function, size, align, 0);
  void* const block = reinterpret_cast<void*>(result_);
  if (block == nullptr) {
    note(operation::exhausted, counted);
  } else if (aligned) {
    note(operation::allocate_aligned, counted);
    failed += address(block) % align != 0 ? 1 : 0;
  } else if (s_.slab_shift != 0 && in_slab_of(s_, block)++ == 0) {
    note(operation::allocate_slab, counted);
  } else {
    note(operation::allocate, counted);
  }
  return {block, static_cast<uint16_t>(size), static_cast<uint16_t>(align)};
}

void session::deallocate(const live_block& gone) {
  if (gone.block == nullptr) {
    return;
  }
  const counts counted = call(s_.deallocate, address(gone.block), gone.size, gone.align);
  if (s_.slab_shift != 0 && --in_slab_of(s_, gone.block) == 0) {
    note(operation::deallocate_slab, counted);
  } else {
    note(s_.deallocate == s_.deallocate_unsized ? operation::deallocate_unsized
                                                : operation::deallocate,
         counted);
  }
  failed += s_.returns_status && static_cast<status>(result_ & 0xFF) != status::ok ? 1 : 0;
}

bool session::take(size_t size, size_t align) {
  if (count_ == settings::live_max) {
    return false;
  }
  live[count_] = allocate(size, align);
  return live[count_].block != nullptr && ++count_ != 0;
}

void session::fill(size_t size, size_t limit) {
  while (count_ < limit && take(size)) {
  }
}

void session::give(size_t index) {
  const live_block gone = live[index];
  live[index] = live[--count_];
  deallocate(gone);
}

void session::give_newest_first() {
  while (count_ != 0) {
    give(count_ - 1);
  }
}

void session::give_oldest_first() {
  for (size_t i = 0; i < count_; ++i) {
    deallocate(live[i]);
  }
  count_ = 0;
}

void session::give_every_second() {
  for (size_t at = count_; at >= 2; at -= 2) {
    give(at - 2);
  }
}

void session::keep_only(size_t index) {
  const live_block kept = live[index];
  live[index] = live[--count_];
  shuffle();
  give_newest_first();
  live[count_++] = kept;
}

void session::give_between(size_t begin, size_t end) {
  for (size_t at = count_; at-- > 0;) {
    const size_t offset = address(live[at].block) - address(memory);
    if (offset >= begin && offset < end) {
      give(at);
    }
  }
}

size_t session::fill_rest(const size_list& sizes) {
  size_t served = 0;
  for (unsigned i = sizes.count; i-- > 0;) {
    served += take(sizes.values[i]) ? 1 : 0;
  }
  return served;
}

void session::replace(size_t index, size_t size, size_t align) {
  if (index < count_) {
    deallocate(live[index]);
  } else {
    count_ = index + 1;
  }
  live[index] = allocate(size, align);
}

void session::resize(size_t index, size_t size) {
  live_block& block = live[index];
  if (block.block == nullptr || s_.try_resize == nullptr) {
    return;
  }
  note(operation::try_resize, call(s_.try_resize, address(block.block), size, 0));
  if ((result_ & 0xFF) == 0) {
    note(operation::reallocate, call(s_.reallocate, address(block.block), size, block.align));
    if (result_ == 0) {
      return;
    }
    block.block = reinterpret_cast<void*>(result_);
  }
  block.size = static_cast<uint16_t>(size);
}

void session::reset() {
  note(operation::reset, call(s_.reset, 0, 0, 0));
  count_ = 0;
}

void session::shuffle() {
  for (size_t i = count_; i > 1; --i) {
    const size_t j = random_below(i);
    const live_block swapped = live[i - 1];
    live[i - 1] = live[j];
    live[j] = swapped;
  }
}

}  // namespace acre::certify
