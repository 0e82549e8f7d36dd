// SPDX-License-Identifier: MIT
#include <acre/buddy.hpp>

#include "../calls.hpp"
#include "../settings.hpp"

namespace acre::certify {

namespace {

using orders = sizes<16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768>;

}  // namespace

void each_subject(visitor visit) {
  for_each_level([visit]<check_level Level>(const char* level) {
    subject s = subject_of<buddy<16, at_level<Level>>>("buddy<16>", level, orders::list);
    s.allocate_aligned = s.allocate;
    s.any_size = true;
    visit(s);
    s.name = "buddy<16>, unaligned";
    s.skip = settings::unaligned_by;
    visit(s);
  });
}

}  // namespace acre::certify
