// SPDX-License-Identifier: MIT
// slab_cache: objects that are dear to construct stay constructed while they are free.
#include <acre/slab_cache.hpp>

#include "example.hpp"

namespace {

int constructed = 0;
int destroyed = 0;

struct filter {
  filter() {
    ++constructed;
    for (int& c : coefficients) {
      c = 1;  // imagine that this takes long
    }
  }
  ~filter() {
    ++destroyed;
  }
  int coefficients[8];
};

using filter_cache = acre::slab_cache<filter, acre::policies<>, 512>;

acre::static_region<filter_cache::required_bytes(10)> memory;
constinit filter_cache filters;

}  // namespace

extern "C" int acre_main() {
  EXPECT(filters.init(memory) == acre::status::ok);
  EXPECT(constructed == 0);

  filter* f = filters.acquire();  // takes a slab, and constructs all objects in it
  EXPECT(f != nullptr && f->coefficients[0] == 1);
  const int in_a_slab = constructed;
  EXPECT(in_a_slab > 1);

  for (int i = 0; i < 100; ++i) {
    EXPECT(filters.release(f) == acre::status::ok);
    f = filters.acquire();
    EXPECT(f != nullptr);
  }
  EXPECT(constructed == in_a_slab && destroyed == 0);  // a hundred uses, not one constructor

  EXPECT(filters.release(f) == acre::status::ok);
  EXPECT(filters.release(f) == acre::status::double_free);

  EXPECT(filters.trim() == 512);  // slabs with nothing in use become plain memory
  EXPECT(destroyed == in_a_slab);
  return example::failures;
}
