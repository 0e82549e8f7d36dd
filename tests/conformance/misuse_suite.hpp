// SPDX-License-Identifier: MIT
// The misuse laws as typed tests. A family of allocators defines `checked_cases`, and then includes
// this file.
#pragma once

#include "conformance/misuse.hpp"
#include "conformance/subject_test.hpp"

namespace acre::test {

template <class Case>
class misuse_of : public subject_test<Case> {};

TYPED_TEST_SUITE(misuse_of, checked_cases, case_names);

TYPED_TEST(misuse_of, a_double_free_is_refused) {
  misuse::a_double_free_is_refused(this->make());
}
TYPED_TEST(misuse_of, a_foreign_block_is_refused) {
  misuse::a_foreign_block_is_refused(this->make());
}
TYPED_TEST(misuse_of, an_interior_address_is_refused) {
  misuse::an_interior_address_is_refused(this->make());
}
TYPED_TEST(misuse_of, a_wrong_size_is_refused) {
  misuse::a_wrong_size_is_refused(this->make());
}
TYPED_TEST(misuse_of, blocks_that_were_never_handed_out_are_refused) {
  misuse::blocks_that_were_never_handed_out_are_refused(this->make());
}
TYPED_TEST(misuse_of, every_address_but_a_live_block_is_refused) {
  misuse::every_address_but_a_live_block_is_refused(this->make());
}
TYPED_TEST(misuse_of, random_bad_frees_are_all_refused) {
  misuse::random_bad_frees_are_all_refused(this->make());
}

}  // namespace acre::test
