// SPDX-License-Identifier: MIT
// Containers of the standard library over acre's allocators, and workspace, the class to start with. For hosts.
#include <acre/port/default_memory.hpp>
#include <acre/port/node_layout.hpp>
#include <acre/port/pmr_resource.hpp>
#include <acre/port/try_forms.hpp>
#include <acre/port/workspace.hpp>

#include <map>
#include <memory_resource>
#include <vector>

#include "example.hpp"

namespace {

struct order {
  int price = 0;
  int amount = 0;
};

// The stateless allocator: nothing to hand around.
using orders = std::vector<order, acre::allocator<order>>;

// A pool whose blocks are the nodes of this map, and the region for a hundred of them.
using book = std::map<int, order, std::less<>, acre::std_allocator<std::pair<const int, order>>>;
using book_nodes = acre::node_pool<book>;
acre::static_region<book_nodes::required_bytes(100)> book_memory;
constinit book_nodes nodes;

void a_map_over_a_pool() {
  EXPECT(nodes.init(book_memory) == acre::status::ok);
  {
    book best{acre::std_allocator<book::value_type>(nodes)};
    for (int price = 0; price < 100; ++price) {
      best.emplace(price, order{price, 1});
    }
    EXPECT(nodes.largest_free() == 0);  // a hundred it was
  }
  EXPECT(nodes.usage().blocks_in_use == 0);

  acre::pmr_resource resource(nodes);
  std::pmr::map<int, order> same_nodes(&resource);
  same_nodes[7].amount = 1;
  EXPECT(nodes.usage().blocks_in_use == 1);
}

acre::static_region<book_nodes::required_bytes(2)> two_orders;
constinit book_nodes few;

void no_room() {
  EXPECT(few.init(two_orders) == acre::status::ok);
  acre::prepaid<> paid(few);
  std::map<int, order, std::less<>, acre::try_allocator<book::value_type>> best(paid);
  EXPECT(acre::try_emplace(best, 100, order{100, 1}));
  EXPECT(acre::try_emplace(best, 101, order{101, 1}));
  EXPECT(!acre::try_emplace(best, 102, order{102, 1}) && best.size() == 2);
  best.erase(100);
  EXPECT(acre::try_emplace(best, 102, order{102, 1}).inserted);
}

void a_workspace() {
  acre::workspace space;
  acre::status why = acre::status::ok;
  order* const ten = space.allocate<order>(10, why);
  EXPECT(ten != nullptr && why == acre::status::ok);
  EXPECT(space.deallocate(ten, 10) == acre::status::ok);

  const auto one = space.make_unique<order>(order{5, 2});  // given back by itself
  EXPECT(one && one->amount == 2);
  std::vector<order, acre::std_allocator<order>> list(space.get_allocator<order>());
  list.resize(1000);
  EXPECT(space.validate() == acre::status::ok);
}

}  // namespace

extern "C" int acre_main() {
  orders waiting;
  waiting.push_back({1, 2});
  EXPECT(waiting.back().amount == 2);
  a_map_over_a_pool();
  no_room();
  a_workspace();
  return example::failures;
}
