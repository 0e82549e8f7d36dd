// SPDX-License-Identifier: MIT
// instructions: calls for Valgrind's callgrind to count, which tools/bench.py starts once for each: the
// instructions inside of the functions measured_..., of which it is told the names.
//
//   acre_instructions_bench             prints the subjects, a line each
//   acre_instructions_bench SUBJECT     makes the calls
#include <stdio.h>
#include <string.h>

#include <atomic>
#include <thread>

#include "thread_subjects.hpp"

namespace bench {
namespace {

constexpr size_t calls = 10'000;
constexpr size_t blocks_at_once = 100;

template <class Subject>
[[gnu::noinline]] void* measured_take() {
  return Subject::take();
}
template <class Subject>
[[gnu::noinline]] void measured_give(void* block) {
  Subject::give(block);
}
template <class Subject>
[[gnu::noinline]] void measured_remote_give(void* block) {
  __asm__ volatile("");  // else it is the same function, for gcc
  Subject::give(block);
}

template <class Subject>
void call() {
  // A pair at a time: what is allocated is at hand, and what is freed has room there.
  Subject::give(Subject::take());
  for (size_t i = 0; i < calls; ++i) {
    measured_give<Subject>(measured_take<Subject>());
  }
  // Another thread's blocks, by the hundred, so that what is done for many at a time has its part.
  void* blocks[blocks_at_once];
  std::atomic<size_t> turn{0};
  std::thread owner([&] {
    for (size_t round = 0; round < calls / blocks_at_once; ++round) {
      while (turn != 2 * round) {
        std::this_thread::yield();
      }
      for (void*& block : blocks) {
        block = Subject::take();
      }
      ++turn;
    }
    while (turn != 2 * (calls / blocks_at_once)) {
      std::this_thread::yield();
    }
  });
  for (size_t round = 0; round < calls / blocks_at_once; ++round) {
    while (turn != 2 * round + 1) {
      std::this_thread::yield();
    }
    for (void* const block : blocks) {
      measured_remote_give<Subject>(block);
    }
    ++turn;
  }
  owner.join();
}

template <class... Subjects>
int main_of(const char* wanted) {
  bool found = wanted == nullptr;
  const auto one = [&]<class Subject>() {
    if (wanted == nullptr) {
      puts(Subject::name);
    } else if (strcmp(wanted, Subject::name) == 0) {
      found = true;
      call<Subject>();
    }
  };
  (one.template operator()<Subjects>(), ...);
  return found ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using namespace bench;
  constexpr size_t size = 64;
  return main_of<c_malloc<size>, provider<size, acre::checks_none>,
                 provider<size, acre::checks_basic>, provider<size, acre::checks_full>,
                 cached_heap<size, acre::checks_none>, cached_heap<size, acre::checks_basic>,
                 cached_heap<size, acre::checks_full>>(argc > 1 ? argv[1] : nullptr);
}
