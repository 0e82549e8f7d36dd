// SPDX-License-Identifier: MIT
// pmr_resource: any allocator of acre as a std::pmr::memory_resource.
//
//   acre::pmr_resource resource(heap);
//   std::pmr::vector<int> v(&resource);
#pragma once

#include <cstring>
#include <memory_resource>

#include <acre/detail/abi.hpp>
#include <acre/port/std_allocator.hpp>

namespace acre::inline ACRE_ABI {

/// A resource over `A`, or over what an allocator_ref refers to, which must outlive it. A request that `A`
/// can't serve, for its size and alignment too, is std::bad_alloc; without exceptions see
/// <acre/port/exhaustion.hpp>. What `A` finds wrong with a block is told to the fault hook.
///
/// Equal to any resource of the same type over the same allocator. Cost: a virtual call more than `A`.
/// Contexts: as `A`.
template <sized_allocator A>
class pmr_resource final : public std::pmr::memory_resource {
  using handle = std::conditional_t<std::is_same_v<A, allocator_ref>, allocator_ref, direct_ref<A>>;

 public:
  explicit pmr_resource(A& target) noexcept : from_(target) {}
  explicit pmr_resource(A&& target) noexcept requires std::is_same_v<A, allocator_ref>
      : from_(target) {}
  pmr_resource(const pmr_resource&) noexcept = default;
  pmr_resource& operator=(const pmr_resource&) noexcept = default;
  ~pmr_resource() override = default;

  [[nodiscard]] const handle& target() const noexcept {
    return from_;
  }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    const layout wanted{bytes, alignment};
    void* block = from_.allocate(wanted);
    if (block == nullptr) [[unlikely]] {
      detail::raise_exhaustion(wanted);
    }
    return block;
  }
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
    static_cast<void>(from_.deallocate(block, {bytes, alignment}));
  }
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    // Is the other of this type? Without RTTI: a resource begins with the address of its type's table of
    // functions, in the ABIs of Itanium and of Windows. Where a program has two such tables for one type
    // (shared libraries), the answer is no, which is always safe: containers then move element by element.
    const void* const mine = static_cast<const std::pmr::memory_resource*>(this);
    return std::memcmp(mine, static_cast<const void*>(&other), sizeof(void*)) == 0 &&
           static_cast<const pmr_resource&>(other).from_ == from_;
  }

  handle from_;
};

template <class A>
pmr_resource(A&) -> pmr_resource<A>;

}  // namespace acre
