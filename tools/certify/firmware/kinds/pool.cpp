// SPDX-License-Identifier: MIT
// Pools. The driver builds this twice: with live maps of bits and of bytes.
#include <acre/config.hpp>
#include <acre/pool.hpp>

#include "../calls.hpp"

namespace acre::certify {

namespace {

template <class A>
struct pool_calls : calls<A> {
  [[gnu::noipa]] static void* allocate(A& a) {
    return a.allocate();
  }
  [[gnu::noipa]] static status deallocate(A& a, void* block) {
    return a.deallocate(block);
  }
};

template <uint16_t Size, check_level Level>
void visit_pool(visitor visit, const char* plain, const char* with_map, const char* level) {
  using pool_type = pool<Size, at_level<Level>>;
  const bool has_map = Level != check_level::none;
  if (has_map || !config::pool_state_bytes) {  // without a map both variants are the same
    visit(subject_of<pool_type, pool_calls<pool_type>>(has_map ? with_map : plain, level,
                                                       sizes<Size>::list));
  }
}

}  // namespace

void each_subject(visitor visit) {
  for_each_level([visit]<check_level Level>(const char* level) {
    constexpr bool bytes = config::pool_state_bytes;
    visit_pool<32, Level>(visit, "pool<32>", bytes ? "pool<32>, bytes" : "pool<32>, bits", level);
    visit_pool<40, Level>(visit, "pool<40>", bytes ? "pool<40>, bytes" : "pool<40>, bits", level);
  });
}

}  // namespace acre::certify
