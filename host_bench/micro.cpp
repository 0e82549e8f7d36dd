// SPDX-License-Identifier: MIT
// micro: nanoseconds to allocate and deallocate one block, in four patterns. A name is
// pattern/allocator/bytes; one item is one block taken and given back, and its first byte is written,
// as a user would.
//
//   pairs    one block at a time
//   lifo     256 blocks taken, given back newest first
//   fifo     256 blocks taken, given back oldest first
//   random   256 blocks taken, given back in a fixed random order
// Arenas take everything back at once, and so have their own: `reset` takes 256 blocks, then resets.
#include "micro_patterns.hpp"

namespace bench {

namespace {

template <size_t Size>
void add_size() {
  for (const pattern p : {pattern::pairs, pattern::lifo, pattern::fifo, pattern::random}) {
    add<malloc_subject<Size>>("malloc", Size, p);
    add<resource_subject<Size, std::pmr::unsynchronized_pool_resource>>("pmr unsynchronized pool",
                                                                        Size, p);
    add<resource_subject<Size, std::pmr::synchronized_pool_resource>>("pmr synchronized pool", Size,
                                                                      p);
    add<pool_subject<Size, none>>("pool none", Size, p);
    add<pool_subject<Size, basic>>("pool basic", Size, p);
    add<pool_subject<Size, full>>("pool full", Size, p);
    add<slab_subject<Size, none>>("slab none", Size, p);
    add<slab_subject<Size, basic>>("slab basic", Size, p);
    add<heap_subject<Size, none>>("heap none", Size, p);
    add<heap_subject<Size, basic>>("heap basic", Size, p);
    add<buddy_subject<Size, none>>("buddy none", Size, p);
    add<buddy_subject<Size, basic>>("buddy basic", Size, p);
    if (p == pattern::pairs || p == pattern::lifo) {
      add<stack_subject<Size, none>>("stack none", Size, p);
      add<stack_subject<Size, basic>>("stack basic", Size, p);
    }
  }
  // What is compared with malloc here still frees block by block, oldest first.
  add<malloc_subject<Size>>("malloc", Size, pattern::reset);
  add<monotonic_subject<Size>>("pmr monotonic buffer", Size, pattern::reset);
  add<arena_subject<Size, none>>("arena none", Size, pattern::reset);
  add<arena_subject<Size, basic>>("arena basic", Size, pattern::reset);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) {
  bench::add_size<16>();
  bench::add_size<64>();
  bench::add_size<256>();
  bench::add_size<1024>();
  for (void (*const add)() : bench::further_subjects()) {
    add();
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
