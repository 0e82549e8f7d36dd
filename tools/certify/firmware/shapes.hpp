// SPDX-License-Identifier: MIT
// shapes: states of a region that were made to make calls slow. Worst cases are hunted with them, not
// proved.
#pragma once

#include "subject.hpp"

namespace acre::certify {

/// All shapes that the subject can get into, each with its own scenarios.
void run_shapes(const subject& s);

}  // namespace acre::certify
