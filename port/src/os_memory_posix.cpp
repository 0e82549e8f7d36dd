// SPDX-License-Identifier: MIT
// os_memory on POSIX: mmap and its family. What only Linux has is optional.
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <acre/detail/bits.hpp>
#include <acre/port/os_memory.hpp>

namespace acre::inline ACRE_ABI::port {

namespace {

#if defined(MAP_NORESERVE)
constexpr int no_reserve = MAP_NORESERVE;
#else
constexpr int no_reserve = 0;
#endif
#if defined(MAP_HUGETLB)
constexpr int huge_tlb = MAP_HUGETLB | MAP_POPULATE;
#else
constexpr int huge_tlb = 0;
#endif
#if defined(MADV_HUGEPAGE)
constexpr int huge_advice = MADV_HUGEPAGE;
#else
constexpr int huge_advice = -1;
#endif
#if defined(MADV_FREE)
constexpr int lazy_advice = MADV_FREE;
#else
constexpr int lazy_advice = MADV_DONTNEED;
#endif
#if defined(__linux__)
// In Linux since 5.14; the header may be older than the kernel.
constexpr int populate_advice = 23;  // MADV_POPULATE_WRITE
constexpr int set_vma = 0x53564d41;  // PR_SET_VMA
constexpr unsigned long anon_name = 0;
using residence = unsigned char;
#else
constexpr int populate_advice = -1;
using residence = char;
#endif
#if defined(CLOCK_MONOTONIC_COARSE)
constexpr clockid_t clock = CLOCK_MONOTONIC_COARSE;
#else
constexpr clockid_t clock = CLOCK_MONOTONIC;
#endif

// What `ask` answers, asked by the first caller; of two at the same time, both. 1 stands for 0.
template <class Ask>
size_t once(size_t& known, Ask&& ask) noexcept {
  size_t value = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (value == 0) {
    value = acre::detail::max_of(ask(), size_t{1});
    __atomic_store_n(&known, value, __ATOMIC_RELAXED);
  }
  return value;
}

os_error result(int code) noexcept {
  return code == 0 ? 0 : errno;
}

os_error anonymous(void* at, size_t bytes, int access, int flags, void*& begin) noexcept {
  void* found = mmap(at, bytes, access, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  if (found == MAP_FAILED) {
    return errno;
  }
  begin = found;
  return 0;
}

// mmap knows no alignment: what is too much is cut off at both ends.
os_error aligned(size_t bytes, size_t align, int access, int flags, void*& begin) noexcept {
  const size_t page = os_memory<posix_system>::page_bytes();
  if (align <= page) {
    return anonymous(nullptr, bytes, access, flags, begin);
  }
  const size_t slack = align - page;
  if (bytes > SIZE_MAX - slack) {
    return ENOMEM;
  }
  void* found = nullptr;
  if (const os_error error = anonymous(nullptr, bytes + slack, access, flags, found); error != 0) {
    return error;
  }
  const auto low = reinterpret_cast<uintptr_t>(found);
  const uintptr_t first = acre::detail::round_up(low, align);
  const size_t before = first - low;
  const size_t behind = slack - before;
  auto* const kept = static_cast<unsigned char*>(found) + before;
  if ((before != 0 && munmap(found, before) != 0) ||
      (behind != 0 && munmap(kept + bytes, behind) != 0)) {
    const os_error error = errno;
    // Over a gap too, which is no error. A mapping that can't be cut can be given back as a whole.
    static_cast<void>(munmap(found, bytes + slack));
    return error;
  }
  begin = kept;
  return 0;
}

#if defined(__linux__)

// The start of a file of /proc or /sys; without stdio, which allocates.
size_t read_file(const char* path, char* text, size_t capacity) noexcept {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return 0;
  }
  const ssize_t length = read(file, text, capacity - 1);
  close(file);
  text[length > 0 ? length : 0] = '\0';
  return length > 0 ? static_cast<size_t>(length) : 0;
}

// The number behind the first `key` in `text`; 0 if there is none.
size_t number_behind(const char* text, const char* key) noexcept {
  for (; *text != '\0'; ++text) {
    size_t i = 0;
    while (key[i] != '\0' && text[i] == key[i]) {
      ++i;
    }
    if (key[i] != '\0') {
      continue;
    }
    for (text += i; *text == ' '; ++text) {
    }
    size_t number = 0;
    for (; *text >= '0' && *text <= '9'; ++text) {
      number = number * 10 + static_cast<size_t>(*text - '0');
    }
    return number;
  }
  return 0;
}

size_t transparent_bytes() noexcept {
  char text[64];
  if (read_file("/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof(text)) == 0) {
    return 0;
  }
  for (const char* at = text; *at != '\0'; ++at) {
    if (at[0] == '[' && at[1] == 'n') {  // always madvise [never]
      return 0;
    }
  }
  if (read_file("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", text, sizeof(text)) == 0) {
    return 0;
  }
  return number_behind(text, "");
}

size_t explicit_bytes() noexcept {
  char text[2048];  // about 1500 bytes with all that kernels report today
  return read_file("/proc/meminfo", text, sizeof(text)) == 0
             ? 0
             : number_behind(text, "Hugepagesize:") * 1024;
}

#else

size_t transparent_bytes() noexcept {
  return 0;
}
size_t explicit_bytes() noexcept {
  return 0;
}

#endif

}  // namespace

template <class System>
size_t os_memory<System>::page_bytes() noexcept {
  static constinit size_t known = 0;
  return once(known, [] { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); });
}

template <class System>
size_t os_memory<System>::reserve_granularity() noexcept {
  return page_bytes();
}

template <class System>
size_t os_memory<System>::huge_page_bytes(page_kind kind) noexcept {
  switch (kind) {
    case page_kind::transparent_huge: {
      static constinit size_t known = 0;
      return once(known, transparent_bytes) & ~size_t{1};
    }
    case page_kind::explicit_huge: {
      static constinit size_t known = 0;
      return once(known, explicit_bytes) & ~size_t{1};
    }
    case page_kind::normal:
      break;
  }
  return page_bytes();
}

template <class System>
os_error os_memory<System>::no_memory() noexcept {
  return ENOMEM;
}

template <class System>
os_error os_memory<System>::reserve(size_t bytes, size_t align, void*& begin) noexcept {
  return aligned(bytes, align, PROT_NONE, no_reserve, begin);
}

template <class System>
os_error os_memory<System>::map(size_t bytes, size_t align, page_kind kind, void*& begin) noexcept {
  if (kind == page_kind::explicit_huge) {
    if (huge_tlb == 0) {
      return ENOTSUP;
    }
    // Aligned by itself. Populated, so that what the pool lacks fails here and not at a write.
    return anonymous(nullptr, bytes, PROT_READ | PROT_WRITE, huge_tlb, begin);
  }
  return aligned(bytes, align, PROT_READ | PROT_WRITE, 0, begin);
}

template <class System>
os_error os_memory<System>::commit(void* begin, size_t bytes) noexcept {
  return result(mprotect(begin, bytes, PROT_READ | PROT_WRITE));
}

template <class System>
os_error os_memory<System>::decommit(void* begin, size_t bytes) noexcept {
  // A new mapping over the old one: unlike mprotect, it also gives back what strict overcommit has counted.
  void* same = nullptr;
  return anonymous(begin, bytes, PROT_NONE, MAP_FIXED | no_reserve, same);
}

template <class System>
os_error os_memory<System>::purge(void* begin, size_t bytes, purge_kind kind) noexcept {
  if (kind == purge_kind::lazily && madvise(begin, bytes, lazy_advice) == 0) {
    return 0;
  }
  return result(madvise(begin, bytes, MADV_DONTNEED));  // also where a kernel knows no MADV_FREE
}

template <class System>
os_error os_memory<System>::release(void* begin, size_t bytes) noexcept {
  return result(munmap(begin, bytes));
}

template <class System>
os_error os_memory<System>::protect(void* begin, size_t bytes, page_access access) noexcept {
  const int wanted = access == page_access::none   ? PROT_NONE
                     : access == page_access::read ? PROT_READ
                                                   : PROT_READ | PROT_WRITE;
  return result(mprotect(begin, bytes, wanted));
}

template <class System>
os_error os_memory<System>::prefault(void* begin, size_t bytes) noexcept {
  if (populate_advice >= 0) {
    if (madvise(begin, bytes, populate_advice) == 0) {
      return 0;
    }
    if (errno != EINVAL) {
      return errno;
    }
  }
  // An older kernel, or another one: a write to each page, of what is there.
  const size_t page = page_bytes();
  auto* at = static_cast<volatile unsigned char*>(begin);
  for (size_t offset = 0; offset < bytes; offset += page) {
    at[offset] = at[offset];
  }
  return 0;
}

template <class System>
os_error os_memory<System>::advise_huge(void* begin, size_t bytes) noexcept {
  return huge_advice < 0 ? ENOTSUP : result(madvise(begin, bytes, huge_advice));
}

template <class System>
os_error os_memory<System>::name([[maybe_unused]] void* begin, [[maybe_unused]] size_t bytes,
                                 [[maybe_unused]] const char* text) noexcept {
#if defined(__linux__)
  return result(prctl(set_vma, anon_name, begin, bytes, text));
#else
  return ENOTSUP;
#endif
}

template <class System>
os_error os_memory<System>::resident(const void* begin, size_t size, size_t& bytes) noexcept {
  constexpr size_t batch = 1024;
  residence pages[batch];
  const size_t page = page_bytes();
  size_t sum = 0;
  for (size_t offset = 0; offset < size; offset += batch * page) {
    const size_t count = acre::detail::min_of(batch, (size - offset) / page);
    auto* at = const_cast<unsigned char*>(static_cast<const unsigned char*>(begin)) + offset;
    if (mincore(at, count * page, pages) != 0) {
      return errno;
    }
    for (size_t i = 0; i < count; ++i) {
      sum += (pages[i] & 1) != 0 ? page : 0;
    }
  }
  bytes += sum;
  return 0;
}

template <class System>
uint64_t os_memory<System>::now_ms() noexcept {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1'000'000;
}

template struct os_memory<posix_system>;

}  // namespace acre::port
