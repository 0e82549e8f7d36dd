// SPDX-License-Identifier: MIT
// The laws as typed tests. A family of allocators defines `cases`, a ::testing::Types<...>, and then
// includes this file.
#pragma once

#include "conformance/laws.hpp"
#include "conformance/subject_test.hpp"

namespace acre::test {

template <class Case>
class laws_of : public subject_test<Case> {};

TYPED_TEST_SUITE(laws_of, cases, case_names);

TYPED_TEST(laws_of, blocks_are_aligned_as_requested) {
  laws::blocks_are_aligned_as_requested(this->make());
}
TYPED_TEST(laws_of, blocks_are_disjoint_and_keep_their_contents) {
  laws::blocks_are_disjoint_and_keep_their_contents(this->make());
}
TYPED_TEST(laws_of, exhaustion_is_followed_by_recovery) {
  laws::exhaustion_is_followed_by_recovery(this->make());
}
TYPED_TEST(laws_of, usage_and_validate_agree_with_a_model_after_each_step) {
  laws::usage_and_validate_agree_with_a_model_after_each_step(this->make());
}
TYPED_TEST(laws_of, long_random_runs_agree_with_the_model) {
  laws::long_random_runs_agree_with_the_model(this->make());
}
TYPED_TEST(laws_of, a_failed_call_changes_nothing) {
  laws::a_failed_call_changes_nothing(this->make());
}
TYPED_TEST(laws_of, largest_free_is_exact) {
  laws::largest_free_is_exact(this->make());
}
TYPED_TEST(laws_of, a_null_free_does_nothing) {
  laws::a_null_free_does_nothing(this->make());
}
TYPED_TEST(laws_of, a_zero_size_is_served_as_one_byte) {
  laws::a_zero_size_is_served_as_one_byte(this->make());
}
TYPED_TEST(laws_of, layouts_that_are_not_valid_are_refused) {
  laws::layouts_that_are_not_valid_are_refused(this->make());
}
TYPED_TEST(laws_of, without_init_every_function_is_safe) {
  laws::without_init_every_function_is_safe(this->make());
}
TYPED_TEST(laws_of, init_refuses_regions_that_cannot_serve) {
  laws::init_refuses_regions_that_cannot_serve(this->make());
}
TYPED_TEST(laws_of, any_begin_and_size_of_a_region_will_do) {
  laws::any_begin_and_size_of_a_region_will_do(this->make());
}
TYPED_TEST(laws_of, required_bytes_are_enough) {
  laws::required_bytes_are_enough(this->make());
}
TYPED_TEST(laws_of, init_again_forgets_all_blocks) {
  laws::init_again_forgets_all_blocks(this->make());
}
TYPED_TEST(laws_of, owns_is_true_for_blocks_and_false_outside) {
  laws::owns_is_true_for_blocks_and_false_outside(this->make());
}

// A constinit object whose bytes are all zero is in .bss: it takes no flash and no start-up code.
template <class Case>
constinit typename Case::allocator never_initialised{};

TYPED_TEST(laws_of, a_static_object_is_all_zeros_and_safe) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(&never_initialised<TypeParam>);
  for (size_t i = 0; i < sizeof(typename TypeParam::allocator); ++i) {
    EXPECT_EQ(bytes[i], 0) << "byte " << i;
  }
  EXPECT_EQ(never_initialised<TypeParam>.validate(), status::not_initialised);
  EXPECT_EQ(never_initialised<TypeParam>.allocate(layout{8, 1}), nullptr);
}

}  // namespace acre::test
