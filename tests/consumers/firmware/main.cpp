// SPDX-License-Identifier: MIT
// Firmware that allocates in C++ and in C.
#include <stddef.h>

#include <acre/heap.hpp>
#include <acre/pool.hpp>

extern "C" int use_messages();

// What the compiler and acre call, and firmware without a C library brings.
extern "C" void* memset(void* to, int byte, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    static_cast<volatile unsigned char*>(to)[i] = static_cast<unsigned char>(byte);
  }
  return to;
}
extern "C" void* memcpy(void* to, const void* from, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    static_cast<volatile unsigned char*>(to)[i] = static_cast<const unsigned char*>(from)[i];
  }
  return to;
}

namespace {

acre::static_region<acre::pool<32>::required_bytes(8)> pool_memory;
constinit acre::pool<32> packets;
acre::static_region<1024> heap_memory;
constinit acre::heap<1024> settings;

}  // namespace

int main() {
  if (packets.init(pool_memory) != acre::status::ok ||
      settings.init(heap_memory) != acre::status::ok) {
    return 1;
  }
  void* const packet = packets.allocate();
  void* const setting = settings.allocate(20);
  return packet != nullptr && packets.deallocate(packet) == acre::status::ok &&
                 settings.deallocate(setting) == acre::status::ok
             ? use_messages()
             : 2;
}
