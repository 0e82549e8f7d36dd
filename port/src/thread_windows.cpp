// SPDX-License-Identifier: MIT
// thread_slot over Windows: an array behind a TLS index, and a fiber-local index whose callback is the hook.
//
// The callback runs at the end of a thread, before thread_local destructors and DLL_THREAD_DETACH, and
// when the index is freed, as on FreeLibrary of the DLL that holds this code, for every thread at once. In the
// TLS stands afterwards that the thread's array has ended.
#include "thread_platform.hpp"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <acre/detail/placement.hpp>

namespace acre::inline ACRE_ABI::port::detail {
namespace {

constinit DWORD tls_index = TLS_OUT_OF_INDEXES;
constinit DWORD fls_index = FLS_OUT_OF_INDEXES;
/// As many arrays as VirtualAlloc gives pages for.
struct array_block {
  static constexpr size_t bytes = size_t{64} << 10;
  static constexpr size_t count = (bytes - sizeof(void*)) / sizeof(thread_values);

  array_block* next;
  thread_values arrays[count];
};
static_assert(sizeof(array_block) <= array_block::bytes && array_block::count > 0);

constinit array_block* blocks = nullptr;    // under the lock
constinit thread_values* unused = nullptr;  // arrays of threads that are gone, under the lock
constinit thread_values ended_values{{}, nullptr, nullptr, thread_values::ended};
using shutdown_query = BOOLEAN(NTAPI*)();
constinit shutdown_query is_shutting_down = nullptr;

// While the process ends, other threads are gone with the locks that they held.
bool process_ends() noexcept {
  return is_shutting_down != nullptr && is_shutting_down() != 0;
}

// In the program itself, and not in a DLL. While it runs its destructors, other threads go on.
bool is_program() noexcept {
  HMODULE mine = nullptr;
  constexpr DWORD flags =
      GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
  return GetModuleHandleExW(flags, reinterpret_cast<LPCWSTR>(&ended_values), &mine) != 0 &&
         mine == GetModuleHandleW(nullptr);
}

void CALLBACK thread_ends(void* values) noexcept {
  if (values == nullptr || process_ends()) {
    return;
  }
  auto* const gone = static_cast<thread_values*>(values);
  // When the index is freed, this is another thread's array, and its TLS stays: nobody may call by then.
  if (TlsGetValue(tls_index) == gone) {
    TlsSetValue(tls_index, &ended_values);
  }
  end_thread(*gone);
}

/// Arrays live in pages of their own, and are used again.
thread_values* take_unused() noexcept {
  if (unused == nullptr) {
    void* const pages =
        VirtualAlloc(nullptr, array_block::bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (pages == nullptr) {
      return nullptr;
    }
    auto* const fresh = static_cast<array_block*>(pages);
    fresh->next = blocks;
    blocks = fresh;
    for (thread_values& each : fresh->arrays) {
      each.next = unused;
      unused = &each;
    }
  }
  thread_values* const taken = unused;
  unused = taken->next;
  return new (acre::detail::placement{taken}) thread_values{};
}

}  // namespace

bool install_hooks() noexcept {
  if (HMODULE const ntdll = GetModuleHandleW(L"ntdll.dll"); ntdll != nullptr) {
    is_shutting_down = reinterpret_cast<shutdown_query>(
        reinterpret_cast<void*>(GetProcAddress(ntdll, "RtlDllShutdownInProgress")));
  }
  tls_index = TlsAlloc();
  if (tls_index == TLS_OUT_OF_INDEXES) {
    return false;
  }
  fls_index = FlsAlloc(&thread_ends);
  if (fls_index == FLS_OUT_OF_INDEXES) {
    TlsFree(tls_index);
    tls_index = TLS_OUT_OF_INDEXES;
    return false;
  }
  return true;
}

bool can_be_unloaded() noexcept {
  return !is_program() && !process_ends();
}

void remove_hooks() noexcept {
  FlsFree(fls_index);  // calls the hook, which asks for the other one
  fls_index = FLS_OUT_OF_INDEXES;
  TlsFree(tls_index);  // in every thread it is null from then on
  tls_index = TLS_OUT_OF_INDEXES;
}

void release_arrays() noexcept {
  unused = nullptr;
  while (array_block* const gone = blocks) {
    blocks = gone->next;
    VirtualFree(gone, 0, MEM_RELEASE);
  }
}

thread_values* find_values() noexcept {
#if defined(__x86_64__)
  if (tls_index < TLS_MINIMUM_AVAILABLE) [[likely]] {
    // TEB::TlsSlots: what TlsGetValue reads, without the call, and without setting the last error.
    return reinterpret_cast<thread_values*>(__readgsqword(0x1480 + tls_index * 8));
  }
#elif defined(__i386__)
  if (tls_index < TLS_MINIMUM_AVAILABLE) [[likely]] {
    return reinterpret_cast<thread_values*>(__readfsdword(0xE10 + tls_index * 4));
  }
#endif
  if (tls_index == TLS_OUT_OF_INDEXES) {
    return nullptr;
  }
  const DWORD error = GetLastError();
  auto* const found = static_cast<thread_values*>(TlsGetValue(tls_index));
  SetLastError(error);
  return found;
}

void discard_values(thread_values& gone) noexcept {
  gone.next = unused;
  unused = &gone;
}

thread_values* make_values() noexcept {
  if (find_values() != nullptr) {
    return nullptr;  // ended
  }
  thread_values* const fresh = take_unused();
  if (fresh == nullptr) {
    return nullptr;
  }
  if (TlsSetValue(tls_index, fresh) == 0 || FlsSetValue(fls_index, fresh) == 0) {
    TlsSetValue(tls_index, nullptr);
    discard_values(*fresh);
    return nullptr;
  }
  return fresh;
}

}  // namespace acre::port::detail
