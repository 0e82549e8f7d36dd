// SPDX-License-Identifier: MIT
// A file of its own, so that the driver can put it first in .bss.
#include "session.hpp"

namespace acre::certify {

alignas(
    settings::region_bytes) unsigned char memory[settings::region_bytes + settings::unaligned_by];

}  // namespace acre::certify
