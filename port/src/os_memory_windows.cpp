// SPDX-License-Identifier: MIT
// os_memory on Windows: VirtualAlloc and its family.
#if !defined(WIN32_LEAN_AND_MEAN)
#define WIN32_LEAN_AND_MEAN
#endif
#define PSAPI_VERSION 2  // QueryWorkingSetEx of kernel32
#include <windows.h>

#include <psapi.h>

#include <acre/detail/bits.hpp>
#include <acre/port/os_memory.hpp>

namespace acre::inline ACRE_ABI::port {

namespace {

os_error last_error() noexcept {
  const DWORD code = GetLastError();
  return code == 0 ? ERROR_GEN_FAILURE : static_cast<os_error>(code);
}

os_error result(BOOL done) noexcept {
  return done != 0 ? 0 : last_error();
}

os_error allocate(void* at, size_t bytes, DWORD kind, DWORD access, void*& begin) noexcept {
  void* found = VirtualAlloc(at, bytes, kind, access);
  if (found == nullptr) {
    return last_error();
  }
  begin = found;
  return 0;
}

// VirtualAlloc knows no alignment above 64 KiB, and a reservation can't be cut: a larger one is made, to see
// where there is room, and given back. Another thread may take the place in between, so it is tried again.
os_error aligned(size_t bytes, size_t align, DWORD kind, DWORD access, void*& begin) noexcept {
  if (align <= os_memory<windows_system>::reserve_granularity()) {
    return allocate(nullptr, bytes, kind, access, begin);
  }
  if (bytes > SIZE_MAX - align) {
    return ERROR_NOT_ENOUGH_MEMORY;
  }
  os_error error = 0;
  for (int turn = 0; turn < 16; ++turn) {
    void* room = nullptr;
    error = allocate(nullptr, bytes + align, MEM_RESERVE, PAGE_NOACCESS, room);
    if (error != 0) {
      return error;
    }
    VirtualFree(room, 0, MEM_RELEASE);
    const uintptr_t first = acre::detail::round_up(reinterpret_cast<uintptr_t>(room), align);
    error = allocate(reinterpret_cast<void*>(first), bytes, kind, access, begin);
    if (error == 0) {
      return 0;
    }
  }
  return error;
}

using discard_function = DWORD(WINAPI*)(void*, SIZE_T);

// In Windows since 8.1, so it is looked up.
discard_function find_discard() noexcept {
  const HMODULE kernel = GetModuleHandleW(L"kernel32.dll");
  return kernel == nullptr ? nullptr
                           : reinterpret_cast<discard_function>(reinterpret_cast<void*>(
                                 GetProcAddress(kernel, "DiscardVirtualMemory")));
}

}  // namespace

template <class System>
size_t os_memory<System>::page_bytes() noexcept {
  SYSTEM_INFO info;  // no system call: a page that each process can read
  GetSystemInfo(&info);
  return info.dwPageSize;
}

template <class System>
size_t os_memory<System>::reserve_granularity() noexcept {
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  return info.dwAllocationGranularity;
}

template <class System>
size_t os_memory<System>::huge_page_bytes(page_kind kind) noexcept {
  switch (kind) {
    case page_kind::transparent_huge:
      return 0;
    case page_kind::explicit_huge:
      return GetLargePageMinimum();
    case page_kind::normal:
      break;
  }
  return page_bytes();
}

template <class System>
os_error os_memory<System>::no_memory() noexcept {
  return ERROR_NOT_ENOUGH_MEMORY;
}

template <class System>
os_error os_memory<System>::reserve(size_t bytes, size_t align, void*& begin) noexcept {
  return aligned(bytes, align, MEM_RESERVE, PAGE_NOACCESS, begin);
}

template <class System>
os_error os_memory<System>::map(size_t bytes, size_t align, page_kind kind, void*& begin) noexcept {
  constexpr DWORD both = MEM_RESERVE | MEM_COMMIT;
  if (kind == page_kind::explicit_huge) {  // needs SeLockMemoryPrivilege
    return allocate(nullptr, bytes, both | MEM_LARGE_PAGES, PAGE_READWRITE, begin);
  }
  return aligned(bytes, align, both, PAGE_READWRITE, begin);
}

template <class System>
os_error os_memory<System>::commit(void* begin, size_t bytes) noexcept {
  void* same = nullptr;
  return allocate(begin, bytes, MEM_COMMIT, PAGE_READWRITE, same);
}

template <class System>
os_error os_memory<System>::decommit(void* begin, size_t bytes) noexcept {
  return result(VirtualFree(begin, bytes, MEM_DECOMMIT));
}

template <class System>
os_error os_memory<System>::purge(void* begin, size_t bytes, purge_kind kind) noexcept {
  if (kind == purge_kind::at_once) {
    if (const discard_function discard = find_discard(); discard != nullptr) {
      return static_cast<os_error>(discard(begin, bytes));
    }
  }
  // Not needed any more: the system takes the pages when it wants to.
  void* same = nullptr;
  return allocate(begin, bytes, MEM_RESET, PAGE_READWRITE, same);
}

template <class System>
os_error os_memory<System>::release(void* begin, size_t) noexcept {
  return result(VirtualFree(begin, 0, MEM_RELEASE));
}

template <class System>
os_error os_memory<System>::protect(void* begin, size_t bytes, page_access access) noexcept {
  const DWORD wanted = access == page_access::none   ? PAGE_NOACCESS
                       : access == page_access::read ? PAGE_READONLY
                                                     : PAGE_READWRITE;
  DWORD before = 0;
  return result(VirtualProtect(begin, bytes, wanted, &before));
}

template <class System>
os_error os_memory<System>::prefault(void* begin, size_t bytes) noexcept {
  const size_t page = page_bytes();
  auto* at = static_cast<volatile unsigned char*>(begin);
  for (size_t offset = 0; offset < bytes; offset += page) {
    at[offset] = at[offset];
  }
  return 0;
}

template <class System>
os_error os_memory<System>::advise_huge(void*, size_t) noexcept {
  return ERROR_NOT_SUPPORTED;
}

template <class System>
os_error os_memory<System>::name(void*, size_t, const char*) noexcept {
  return ERROR_NOT_SUPPORTED;
}

template <class System>
os_error os_memory<System>::resident(const void* begin, size_t size, size_t& bytes) noexcept {
  constexpr size_t batch = 128;
  PSAPI_WORKING_SET_EX_INFORMATION pages[batch];
  const size_t page = page_bytes();
  size_t sum = 0;
  for (size_t offset = 0; offset < size; offset += batch * page) {
    const size_t count = acre::detail::min_of(batch, (size - offset) / page);
    auto* at = const_cast<unsigned char*>(static_cast<const unsigned char*>(begin)) + offset;
    for (size_t i = 0; i < count; ++i) {
      pages[i] = {};
      pages[i].VirtualAddress = at + i * page;
    }
    if (QueryWorkingSetEx(GetCurrentProcess(), pages, static_cast<DWORD>(count * sizeof(*pages))) ==
        0) {
      return last_error();
    }
    for (size_t i = 0; i < count; ++i) {
      sum += pages[i].VirtualAttributes.Valid != 0 ? page : 0;
    }
  }
  bytes += sum;
  return 0;
}

template <class System>
uint64_t os_memory<System>::now_ms() noexcept {
  return GetTickCount64();
}

template struct os_memory<windows_system>;

}  // namespace acre::port
