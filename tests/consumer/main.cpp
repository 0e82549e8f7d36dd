// SPDX-License-Identifier: MIT
// The smallest product that uses acre: a pool over a region of its own.
#include <acre/pool.hpp>

namespace {

acre::static_region<acre::pool<32>::required_bytes(4), 16> memory;
constinit acre::pool<32> messages;

}  // namespace

int main() {
  if (messages.init(memory) != acre::status::ok) {
    return 1;
  }
  void* message = messages.allocate();
  return message != nullptr && messages.deallocate(message) == acre::status::ok ? 0 : 2;
}
