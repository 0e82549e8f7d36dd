// SPDX-License-Identifier: MIT
// workload: what a program declares of its requests, and whether a region can run out under it.
#pragma once

#include <stddef.h>

#include <acre/detail/abi.hpp>
#include <acre/layout.hpp>

namespace acre::inline ACRE_ABI {

/// A promise about all requests to one allocator. In bytes of blocks, as the allocator's
/// block_bytes() has them for a request.
struct workload {
  size_t peak_live = 0;  ///< the most that is live at one time
  size_t largest = 0;    ///< the size of the largest request
  size_t smallest = 1;   ///< the size of the smallest request
};

/// True iff no sequence of requests that keeps to `promise`, with no alignment above the allocator's
/// own, can exhaust an `A` in a region of `region_bytes` that begins at a multiple of `region_align`.
/// By the bound that A::required_bytes publishes; meant for
/// `static_assert(cannot_run_out<buddy<16>>(memory.size(), {...}))`.
template <class A>
consteval bool cannot_run_out(size_t region_bytes, workload promise,
                              size_t region_align = default_alignment) {
  return A::required_bytes(promise.peak_live, promise.largest, promise.smallest, region_align) <=
         region_bytes;
}

}  // namespace acre
