// SPDX-License-Identifier: MIT
// The allocator of an adapter that was named on the command line.
#include "../../peer.h"

#include "../calls.hpp"

namespace acre::certify {

void each_subject(visitor visit) {
  subject s;
  s.name = acre_peer.name;
  s.level = "peer";
  s.init = entry_of(acre_peer.init);
  s.allocate = entry_of(acre_peer.allocate);
  s.allocate_aligned = entry_of(acre_peer.allocate_aligned);
  s.deallocate = entry_of(acre_peer.deallocate);
  s.sizes = general_sizes::list;
  s.any_size = true;
  s.returns_status = false;
  s.effort = 8;  // a search of a list is linear
  visit(s);
}

}  // namespace acre::certify
