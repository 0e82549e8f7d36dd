// SPDX-License-Identifier: MIT
// world: an allocator, its region, and the books: which block is whose, and what is written in it. The
// whole can be kept and brought back, so that each offset starts from the same state.
#pragma once

#include "interrupts/family.hpp"
#include "interrupts/interrupted_call.hpp"
#include "support/guarded_memory.hpp"

namespace acre::test::sweep {

inline constexpr size_t region_bytes_max = 1024;
inline constexpr size_t object_bytes_max = 448;

/// Who calls: a block's place in the books follows from it.
enum class role : uint8_t { set_up, operation, handler };

inline constexpr unsigned set_up_blocks = 16;
inline constexpr unsigned operation_block = set_up_blocks;
inline constexpr unsigned first_handler_block = operation_block + 1;
inline constexpr unsigned blocks_max = first_handler_block + 3;

/// All that a call can change, but for the region.
struct books {
  alignas(16) unsigned char object[object_bytes_max];
  block blocks[blocks_max];  // begin is null where there is none
  uintptr_t mark[4];         // of arenas and stacks
  uint32_t marked_blocks;    // of the set-up, when the mark was taken
  uintptr_t
      results[4];  // of what only looks, and whether gifts were accepted; [1] to [3] the handler's
  uint32_t set_up_count;   // blocks taken by the set-up
  uint32_t handler_count;  // calls of the handler
};

/// A state to come back to.
struct kept_state {
  books kept;
  alignas(16) unsigned char memory[region_bytes_max];
};

/// One call of a script, ready to be made.
struct prepared {
  call made;
  role caller;
  const special* what;  // null: allocate or deallocate
  unsigned given;       // the block, or blocks_max
  block before;         // that block
  layout wanted;
};

/// Makes the call; returns its result.
uintptr_t make(const prepared& call) noexcept;

/// There is one: its memory is large.
class world {
 public:
  /// Chooses the allocator.
  void choose(const family& allocator) noexcept;
  /// A new allocator over the region, and nothing live.
  void restart() noexcept;

  void keep(kept_state& to) const noexcept;
  void restore(const kept_state& from) noexcept;
  [[nodiscard]] bool equals(const kept_state& other) const noexcept;

  /// The next call of `script`, which is advanced; what it gives back has left the books.
  [[nodiscard]] prepared prepare(const char*& script, role caller) noexcept;
  /// Enters what the call returned into the books, and writes into what it took.
  void settle(const prepared& made, uintptr_t result) noexcept;
  /// Makes all calls of a script.
  void perform(const char* script, role caller) noexcept;

  /// Checks every invariant, gives everything back, and takes all there is. Null, or what is wrong.
  const char* broken() noexcept;

  /// Null, or what was noticed while calls were made, since it was last asked.
  const char* complaint() noexcept;

  /// For random scripts.
  [[nodiscard]] const block& at(unsigned index) const noexcept {
    return state_.blocks[index];
  }
  [[nodiscard]] uint32_t set_up_count() const noexcept {
    return state_.set_up_count;
  }
  /// Where specials that mark leave their mark.
  [[nodiscard]] void* mark() noexcept {
    return state_.mark;
  }

 private:
  [[nodiscard]] subject allocator() noexcept {
    return {family_->ops, state_.object, lent_};
  }
  void enter(unsigned index, uintptr_t begin, layout wanted, uint32_t how) noexcept;
  void forget() noexcept;
  void complain(const char* what) noexcept;
  [[nodiscard]] unsigned sort_live() noexcept;
  [[nodiscard]] const char* broken_blocks(unsigned count) noexcept;
  [[nodiscard]] const char* broken_after_giving_back(unsigned count) noexcept;
  [[nodiscard]] unsigned take_all() noexcept;

  books state_ = {};
  const family* family_ = nullptr;
  region lent_;
  block sorted_[blocks_max] = {};  // the live ones by address
  const char* complaint_ = nullptr;
  unsigned capacity_ = 0;    // first requests that a new allocator serves
  size_t room_ = 0;          // of a new allocator, overhead included
  size_t largest_free_ = 0;  // of a new allocator
};

extern world the_world;

}  // namespace acre::test::sweep
