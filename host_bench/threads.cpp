// SPDX-License-Identifier: MIT
// threads: allocators of acre/port against malloc, with threads: calls in one thread, packets from one thread
// to another, resident memory, and how long single calls last.
//
// The subjects take turns, so that a slow moment of the machine meets them all, and medians of many rounds
// are printed; each ratio is the median of the rounds' ratios.
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "thread_scenarios.hpp"
#include "thread_subjects.hpp"

namespace bench {
namespace {

int rounds = 15;
size_t pairs_each = 10'000'000;  // 2 threads: 40 million operations
size_t packets = 400'000;

/// Rows of a table: the first subject is what the others are compared with.
class table {
 public:
  table(const char* title, std::vector<std::string> subjects)
      : title_(title), subjects_(std::move(subjects)), times_(subjects_.size()) {}

  void add(size_t subject, double nanoseconds) {
    times_[subject].push_back(nanoseconds);
  }
  void print() const {
    printf("%s\n", title_);
    for (size_t s = 0; s < subjects_.size(); ++s) {
      std::vector<double> ratios;
      for (size_t round = 0; round < times_[s].size(); ++round) {
        ratios.push_back(times_[0][round] / times_[s][round]);
      }
      printf("  %-22s %8.2f ns   %6.2f times as fast   (quartiles %.2f to %.2f)\n",
             subjects_[s].c_str(), median(times_[s]), median(ratios), quantile(ratios, 0.25),
             quantile(ratios, 0.75));
    }
    fflush(stdout);
  }

 private:
  const char* title_;
  std::vector<std::string> subjects_;
  std::vector<std::vector<double>> times_;
};

/// One table of a scenario: measure<Subject>() answers nanoseconds.
template <class... Subjects, class Measure>
void compare(const char* title, Measure&& measure) {
  table results(title, {Subjects::name...});
  for (int round = 0; round < rounds; ++round) {
    size_t s = 0;
    (results.add(s++, measure.template operator()<Subjects>()), ...);
  }
  results.print();
}

template <size_t Size>
void compare_local() {
  using basic = provider<Size, acre::checks_basic>;
  using none = provider<Size, acre::checks_none>;
  const std::string size = std::to_string(Size) + " B";
  compare<c_malloc<Size>, basic, none>(
      ("local, one at a time, 2 threads, " + size + ", per pair").c_str(),
      []<class S>() { return local_pairs<S>(2, pairs_each); });
  compare<c_malloc<Size>, basic, none>(
      ("local, 1000 kept, replaced at random, 2 threads, " + size + ", per pair").c_str(),
      []<class S>() { return local_random<S>(2, pairs_each / 4); });
}

template <size_t Size>
void compare_passing() {
  using basic = provider<Size, acre::checks_basic>;
  using none = provider<Size, acre::checks_none>;
  const std::string size = std::to_string(Size) + " B";
  const std::string sum = "producer and consumer, " + size + ", per packet, both threads";
  const std::string frees = "  of which the free, by the other thread";
  table sums(sum.c_str(), {c_malloc<Size>::name, basic::name, none::name});
  table free_only(frees.c_str(), {c_malloc<Size>::name, basic::name, none::name});
  for (int round = 0; round < rounds; ++round) {
    size_t s = 0;
    const auto measure = [&]<class S>() {
      const passing took = producer_consumer<S>(packets);
      sums.add(s, took.allocate + took.free);
      free_only.add(s, took.free);
      ++s;
    };
    measure.template operator()<c_malloc<Size>>();
    measure.template operator()<basic>();
    measure.template operator()<none>();
  }
  sums.print();
  free_only.print();
}

// --- resident memory

/// Without the pages of files: which of a library's code was touched is no allocator's affair.
size_t resident_bytes() {
  long resident = 0;
  long of_files = 0;
  if (FILE* const file = fopen("/proc/self/statm", "r"); file != nullptr) {
    if (fscanf(file, "%*d %ld %ld", &resident, &of_files) != 2) {
      resident = of_files = 0;
    }
    fclose(file);
  }
  return static_cast<size_t>(resident - of_files) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

/// 10,000 packets of 1 KiB live, 100,000 replaced at random by two threads in turn; in a process of its own.
template <class Subject>
void resident_memory() {
  constexpr size_t size = 1024;
  constexpr size_t live = 10'000;
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    static void* kept[live];
    indices random;
    const auto replace = [&](size_t count) {
      for (size_t i = 0; i < count; ++i) {
        void*& block = kept[random.next(live)];
        Subject::give(block);
        block = Subject::take();
        memset(block, 1, size);
      }
    };
    memset(kept, 1, sizeof(kept));
    const size_t before = resident_bytes();
    for (void*& block : kept) {
      block = Subject::take();
      memset(block, 1, size);
    }
    replace(10'000);
    std::thread([&] { replace(10'000); }).join();
    const size_t warm = resident_bytes();
    for (int i = 0; i < 5; ++i) {
      replace(10'000);
      std::thread([&] { replace(10'000); }).join();
    }
    const size_t after = resident_bytes();
    printf("  %-22s %8zu KiB   overhead %5.1f %%   growth over 100,000 packets %5.2f %%\n",
           Subject::name, (after - before) / 1024,
           (static_cast<double>(warm - before) / (live * size) - 1) * 100,
           (static_cast<double>(after) / static_cast<double>(warm) - 1) * 100);
    fflush(stdout);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
}

// --- single calls

template <class... Subjects>
void single_calls(const char* title) {
  constexpr size_t count = 1'000'000;
  printf("%s\n", title);
  const auto one = [&]<class S>() {
    if constexpr (requires { S::init(); }) {
      if (!S::init()) {
        printf("  %s: init failed\n", S::name);
        return;
      }
    }
    std::vector<double> p50;
    std::vector<double> p99;
    std::vector<double> p999;
    std::vector<double> most;
    for (int round = 0; round < rounds; ++round) {
      const std::vector<double> times = allocation_times<S>(count);
      p50.push_back(quantile(times, 0.5));
      p99.push_back(quantile(times, 0.99));
      p999.push_back(quantile(times, 0.999));
      most.push_back(quantile(times, 1));
    }
    printf("  %-22s p50 %6.1f   p99 %6.1f   p99.9 %6.1f   max %9.0f ns\n", S::name, median(p50),
           median(p99), median(p999), median(most));
    fflush(stdout);
  };
  (one.template operator()<Subjects>(), ...);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using namespace bench;
  if (argc > 1 && strcmp(argv[1], "--quick") == 0) {
    rounds = 5;
    pairs_each = 1'000'000;
    packets = 100'000;
  }
  printf("Nanoseconds of processor time, medians of %d rounds; times as fast: as malloc.\n",
         rounds);
  printf("resident memory, 10,000 packets of 1 KiB\n");
  resident_memory<c_malloc<1024>>();
  resident_memory<provider<1024, acre::checks_basic>>();
  compare_local<64>();
  compare_local<1024>();
  compare_passing<64>();
  compare_passing<1024>();
  single_calls<c_malloc<64>, fixed_pool<64>, provider<64, acre::checks_basic>>(
      "single allocations, 64 B");
  single_calls<c_malloc<1024>, fixed_pool<1024>, provider<1024, acre::checks_basic>>(
      "single allocations, 1 KiB");
  return 0;
}
