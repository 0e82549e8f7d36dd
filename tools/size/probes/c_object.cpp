// SPDX-License-Identifier: MIT
// How large a control block of the C API is: only its source knows. Compiled, and not linked.
#include ACRE_SIZE_SOURCE

unsigned char allocator[sizeof(ACRE_SIZE_KIND)];
