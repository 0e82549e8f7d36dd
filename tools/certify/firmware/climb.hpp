// SPDX-License-Identifier: MIT
// climb: a search for the sequence of requests that makes one call slowest.
//
// A sequence is a list of genes, each "take n blocks of a size" or "give n blocks back in an order".
// It is changed at random, and the change stays if the worst call of the sequence does not become
// faster. What is searched is the same in each run: the seeds are fixed.
#pragma once

#include "subject.hpp"

namespace acre::certify {

/// For each operation that the subject has, some climbs; prints the worst of each operation.
void run_climb(const subject& s);

}  // namespace acre::certify
