// SPDX-License-Identifier: MIT
// object_pool: constructed objects, owned or not, and iteration over those that are alive.
#include <acre/object_pool.hpp>

#include "example.hpp"

namespace {

int open_connections = 0;

struct connection {
  explicit connection(int number) : id(number) {
    ++open_connections;
  }
  ~connection() {
    --open_connections;
  }
  int id;
};

using connection_pool = acre::object_pool<connection>;

acre::static_region<connection_pool::required_bytes(4)> memory;
constinit connection_pool connections;

void create_and_destroy() {
  connection* c = connections.create(7);
  EXPECT(c != nullptr && c->id == 7 && open_connections == 1);

  EXPECT(connections.destroy(c) == acre::status::ok);
  EXPECT(open_connections == 0);

  // The destructor does not run a second time, either.
  EXPECT(connections.destroy(c) == acre::status::double_free);
  EXPECT(open_connections == 0);
}

void owned() {
  {
    connection_pool::pointer c = connections.make_unique(8);
    EXPECT(c && c->id == 8);
  }  // destroyed, and given back
  EXPECT(open_connections == 0);
}

void visit_the_living() {
  connection* one = connections.create(1);
  connection* two = connections.create(2);
  connection* three = connections.create(3);
  connections.destroy(two);

  int sum = 0;
  connections.for_each([&](connection& c) { sum += c.id; });
  EXPECT(sum == 1 + 3);

  connections.destroy(one);
  connections.destroy(three);
}

}  // namespace

extern "C" int acre_main() {
  EXPECT(connections.init(memory) == acre::status::ok);
  create_and_destroy();
  owned();
  visit_the_living();
  EXPECT(connections.usage().blocks_in_use == 0);
  return example::failures;
}
