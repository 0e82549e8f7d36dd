// SPDX-License-Identifier: MIT
// laws: what holds for every allocator at every check level. Compiled once, over model/subject.hpp.
#pragma once

#include "model/subject.hpp"

namespace acre::test::laws {

void blocks_are_aligned_as_requested(subject s);
void blocks_are_disjoint_and_keep_their_contents(subject s);
void exhaustion_is_followed_by_recovery(subject s);
void usage_and_validate_agree_with_a_model_after_each_step(subject s);
void long_random_runs_agree_with_the_model(subject s);
void a_failed_call_changes_nothing(subject s);
void largest_free_is_exact(subject s);
void a_null_free_does_nothing(subject s);
void a_zero_size_is_served_as_one_byte(subject s);
void layouts_that_are_not_valid_are_refused(subject s);
void without_init_every_function_is_safe(subject s);
void init_refuses_regions_that_cannot_serve(subject s);
void any_begin_and_size_of_a_region_will_do(subject s);
void required_bytes_are_enough(subject s);
void init_again_forgets_all_blocks(subject s);
void owns_is_true_for_blocks_and_false_outside(subject s);

}  // namespace acre::test::laws
