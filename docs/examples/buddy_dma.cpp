// SPDX-License-Identifier: MIT
// buddy: DMA buffers, each aligned to its own size, in a region that is sized by proof.
#include <acre/buddy.hpp>

#include "example.hpp"

namespace {

using dma_memory = acre::buddy<64>;  // blocks of 64, 128, 256 ... bytes

// At most 512 bytes live at one time, in blocks of 64 to 256 bytes: with this region no order of
// requests and releases can make one fail.
constexpr size_t region_bytes = dma_memory::required_bytes(512, 256, 64, 256);

acre::static_region<region_bytes, 256> memory;
constinit dma_memory dma;

void blocks_are_aligned_to_their_size() {
  void* small = dma.allocate(60);   // a block of 64
  void* large = dma.allocate(200);  // a block of 256
  EXPECT(reinterpret_cast<uintptr_t>(small) % 64 == 0);
  EXPECT(reinterpret_cast<uintptr_t>(large) % 256 == 0);
  EXPECT(dma_memory::block_bytes({200, 1}) == 256);

  // Any layout that is served by the same block gives it back.
  EXPECT(dma.deallocate(small, 64) == acre::status::ok);
  EXPECT(dma.deallocate(large, 64) == acre::status::wrong_size);
  EXPECT(dma.deallocate(large, 200) == acre::status::ok);
}

// Half of the small blocks go, every second one: the worst that can happen to larger requests.
void holes_do_not_matter() {
  void* small[8];
  for (void*& block : small) {
    block = dma.allocate(64);
    EXPECT(block != nullptr);
  }
  for (size_t i = 0; i < 8; i += 2) {
    EXPECT(dma.deallocate(small[i], 64) == acre::status::ok);
  }
  void* large = dma.allocate(256);  // 4 * 64 + 256 = 512 bytes live: the promise holds
  EXPECT(large != nullptr);
  EXPECT(dma.deallocate(large, 256) == acre::status::ok);
  for (size_t i = 1; i < 8; i += 2) {
    EXPECT(dma.deallocate(small[i], 64) == acre::status::ok);
  }
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(dma.init(memory) == acre::status::ok);
  const size_t largest = dma.largest_free();
  blocks_are_aligned_to_their_size();
  holes_do_not_matter();
  EXPECT(dma.largest_free() == largest);  // everything has merged again
  return example::failures;
}
