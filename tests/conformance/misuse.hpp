// SPDX-License-Identifier: MIT
// misuse: what pool, slab, buddy and stack must refuse from check level basic on, without changing
// anything, and without a false alarm on the frees between.
#pragma once

#include "model/subject.hpp"

namespace acre::test::misuse {

void a_double_free_is_refused(subject s);
void a_foreign_block_is_refused(subject s);
void an_interior_address_is_refused(subject s);
void a_wrong_size_is_refused(subject s);
void blocks_that_were_never_handed_out_are_refused(subject s);
void every_address_but_a_live_block_is_refused(subject s);
void random_bad_frees_are_all_refused(subject s);

}  // namespace acre::test::misuse
