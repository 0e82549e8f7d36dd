// SPDX-License-Identifier: MIT
#include <acre/detail/bits.hpp>
#include <acre/detail/poison.hpp>
#include <acre/engine/arena.hpp>
#include <acre/fault.hpp>

namespace acre::inline ACRE_ABI::engine {

namespace {

uintptr_t payload_of(const arena_core::chunk_header* chunk) noexcept {
  return reinterpret_cast<uintptr_t>(chunk) + arena_core::header_bytes;
}

uintptr_t end_of(const arena_core::chunk_header* chunk) noexcept {
  return chunk->memory.address() + chunk->memory.size;
}

}  // namespace

status arena_core::init(region memory) noexcept {
  cursor_ = limit_ = 0;
  chunk_ = nullptr;
  finalizers_ = nullptr;
  blocks_ = 0;
  return add_region(memory);
}

status arena_core::add_region(region memory) noexcept {
  if (!memory.valid()) {
    return status::invalid_argument;
  }
  const region usable = memory.aligned(alignof(chunk_header));
  if (usable.size <= header_bytes) {
    return status::region_too_small;
  }
  auto* header = static_cast<chunk_header*>(usable.begin);
  *header = {chunk_, memory, bytes_in_use()};
  chunk_ = header;
  cursor_ = payload_of(header);
  limit_ = usable.address() + usable.size;
  return status::ok;
}

region arena_core::pop_region() noexcept {
  if (chunk_ == nullptr || chunk_->previous == nullptr) {
    return {};
  }
  const region popped = chunk_->memory;
  const size_t used = chunk_->used_before;
  chunk_ = chunk_->previous;
  limit_ = end_of(chunk_);
  cursor_ = payload_of(chunk_) + (used - chunk_->used_before);
  return popped;
}

void arena_core::poison_newest() noexcept {
  detail::poison(reinterpret_cast<void*>(payload_of(chunk_)), 0, cursor_ - payload_of(chunk_));
}

size_t arena_core::bytes_in_use() const noexcept {
  return chunk_ == nullptr ? 0 : chunk_->used_before + (cursor_ - payload_of(chunk_));
}

bool arena_core::owns(const void* p) const noexcept {
  for (const chunk_header* chunk = chunk_; chunk != nullptr; chunk = chunk->previous) {
    if (reinterpret_cast<uintptr_t>(p) - payload_of(chunk) < end_of(chunk) - payload_of(chunk)) {
      return true;
    }
  }
  return false;
}

bool arena_core::used_contains(const void* p) const noexcept {
  uintptr_t end = cursor_;
  for (const chunk_header* chunk = chunk_; chunk != nullptr; chunk = chunk->previous) {
    if (reinterpret_cast<uintptr_t>(p) - payload_of(chunk) < end - payload_of(chunk)) {
      return true;
    }
    if (chunk->previous != nullptr) {
      end = payload_of(chunk->previous) + (chunk->used_before - chunk->previous->used_before);
    }
  }
  return false;
}

acre::usage arena_core::usage() const noexcept {
  size_t overhead = 0;
  for (const chunk_header* chunk = chunk_; chunk != nullptr; chunk = chunk->previous) {
    overhead += header_bytes;
  }
  return {.bytes_in_use = bytes_in_use(),
          .blocks_in_use = blocks_,
          .bytes_free = bytes_left(),
          .bytes_overhead = overhead};
}

size_t arena_core::largest_free() const noexcept {
  const size_t padding = (0 - cursor_) & (default_alignment - 1);
  const size_t left = limit_ - cursor_;
  return left > padding ? left - padding : 0;
}

status arena_core::validate_chunks() const noexcept {
  if (chunk_ == nullptr) {
    return status::not_initialised;
  }
  if (cursor_ < payload_of(chunk_) || cursor_ > limit_ || limit_ != end_of(chunk_)) {  // I1
    return status::corrupted;
  }
  // Who follows a chain at half the speed is met again iff the chain is a cycle.
  bool even = false;
  const chunk_header* behind = chunk_;
  for (const chunk_header* chunk = chunk_; chunk != nullptr; chunk = chunk->previous) {  // I2
    if (chunk->previous == nullptr) {
      if (chunk->used_before != 0) {
        return status::corrupted;
      }
    } else if (chunk->previous == behind || chunk->used_before < chunk->previous->used_before ||
               chunk->used_before - chunk->previous->used_before >
                   end_of(chunk->previous) - payload_of(chunk->previous)) {
      return status::corrupted;
    }
    behind = even ? behind->previous : behind;
    even = !even;
  }
  return status::ok;
}

/// Can a finalizer lie there, as far as its address tells?
bool arena_core::may_be_finalizer(uintptr_t at) const noexcept {
  return (at & (alignof(finalizer) - 1)) == 0 && used_contains(reinterpret_cast<const void*>(at)) &&
         used_contains(reinterpret_cast<const void*>(at + sizeof(finalizer) - 1));
}

/// Of two addresses in used memory: was `older` handed out before `newer`? O(chunks).
bool arena_core::is_older(uintptr_t older, uintptr_t newer) const noexcept {
  for (const chunk_header* chunk = chunk_; chunk != nullptr; chunk = chunk->previous) {
    const uintptr_t first = payload_of(chunk);
    const size_t size = end_of(chunk) - first;
    if (newer - first < size) {
      return older - first >= size || older < newer;
    }
    if (older - first < size) {
      return false;
    }
  }
  return false;
}

status arena_core::validate() const noexcept {
  if (const status found = validate_chunks(); found != status::ok) {
    return found;
  }
  // As with the chunks.
  bool even = false;
  const finalizer* older = finalizers_;
  for (const finalizer* node = finalizers_; node != nullptr; node = node->next) {  // I3
    if (!may_be_finalizer(reinterpret_cast<uintptr_t>(node)) || node->next == older) {
      return status::corrupted;
    }
    older = even ? older->next : older;
    even = !even;
  }
  return status::ok;
}

/// What was released below the cursor and written again can look like damage; only a walk from the
/// newest finalizer can tell. So a step that sees damage makes sure.
status arena_core::validate_step(arena_cursor& cursor, size_t steps) const noexcept {
  if (const status found = validate_chunks(); found != status::ok) {
    return found;
  }
  for (; steps != 0 && !cursor.over; --steps) {
    if (!cursor.begun) {
      cursor.owed = reinterpret_cast<uintptr_t>(finalizers_);
      cursor.begun = true;
    }
    // With nothing owed any more, whatever the cursor stands for is gone.
    if (cursor.owed == 0 || finalizers_ == nullptr) {
      cursor.over = true;
      return status::ok;
    }
    if (may_be_finalizer(cursor.owed)) {
      const auto next =
          reinterpret_cast<uintptr_t>(reinterpret_cast<const finalizer*>(cursor.owed)->next);
      if (next == 0 || (may_be_finalizer(next) && is_older(next, cursor.owed))) {
        cursor.owed = next;
        continue;
      }
    }
    const status found = validate();
    cursor.over = found == status::ok;
    return found;
  }
  return status::ok;
}

bool arena_core::reachable(const arena_mark& m) const noexcept {
  uintptr_t end = cursor_;
  for (const chunk_header* chunk = chunk_; chunk != nullptr; chunk = chunk->previous) {
    if (chunk == m.chunk) {
      return m.cursor >= payload_of(chunk) && m.cursor <= end && m.blocks <= blocks_;
    }
    if (chunk->previous != nullptr) {
      end = payload_of(chunk->previous) + (chunk->used_before - chunk->previous->used_before);
    }
  }
  return false;
}

arena_mark arena_core::origin() const noexcept {
  chunk_header* chunk = chunk_;
  while (chunk != nullptr && chunk->previous != nullptr) {
    chunk = chunk->previous;
  }
  return chunk == nullptr ? arena_mark{} : arena_mark{chunk, payload_of(chunk), 0};
}

void arena_core::rewind(const arena_mark& m, check_level level) noexcept {
  if (level == check_level::full) {
    detail::poison(reinterpret_cast<void*>(m.cursor), 0, cursor_ - m.cursor);
  }
  cursor_ = m.cursor;
  blocks_ = m.blocks;
}

void arena_core::finalize(const arena_mark& m) noexcept {
  // A node is newer than the mark iff it does not lie in the used memory that the mark describes.
  const auto older = [&](const finalizer* node) noexcept {
    uintptr_t end = m.cursor;
    for (const auto* chunk = static_cast<const chunk_header*>(m.chunk); chunk != nullptr;
         chunk = chunk->previous) {
      if (reinterpret_cast<uintptr_t>(node) - payload_of(chunk) < end - payload_of(chunk)) {
        return true;
      }
      if (chunk->previous != nullptr) {
        end = payload_of(chunk->previous) + (chunk->used_before - chunk->previous->used_before);
      }
    }
    return false;
  };
  while (finalizers_ != nullptr && !older(finalizers_)) {
    finalizer* node = finalizers_;
    finalizers_ = node->next;  // first, so that a destructor that looks sees a valid arena
    node->destroy(node->object);
  }
}

template <check_level Level>
status arena<Level>::deallocate(void* block, layout given) noexcept {
  if constexpr (Level != check_level::none) {
    if (block != nullptr) {
      if (!used_contains(block)) {
        return detail::raise_misuse(status::foreign_pointer, block, this,
                                    __builtin_return_address(0));
      }
      if ((reinterpret_cast<uintptr_t>(block) & (given.align - 1)) != 0) {
        return detail::raise_misuse(status::misaligned_pointer, block, this,
                                    __builtin_return_address(0));
      }
      // The last byte, as a number: the size may be anything.
      const uintptr_t last = reinterpret_cast<uintptr_t>(block) + given.size - 1;
      if (!given.valid() ||
          (given.size != 0 && !used_contains(reinterpret_cast<const void*>(last)))) {
        return detail::raise_misuse(status::wrong_size, block, this, __builtin_return_address(0));
      }
    }
  }
  return status::ok;
}

template class arena<check_level::none>;
template class arena<check_level::basic>;
template class arena<check_level::full>;

}  // namespace acre::engine
