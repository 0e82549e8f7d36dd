// SPDX-License-Identifier: MIT
// loaded: a library of the operating system, for as long as it lives.
#pragma once

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace acre::test {

#if defined(_WIN32)

class loaded {
 public:
  explicit loaded(const char* path) noexcept : handle_(LoadLibraryA(path)) {}
  ~loaded() noexcept {
    if (handle_ != nullptr) {
      FreeLibrary(handle_);
    }
  }
  loaded(const loaded&) = delete;
  loaded& operator=(const loaded&) = delete;

  /// Null iff there is no library, or no such function.
  template <class Function>
  [[nodiscard]] Function find(const char* name) const noexcept {
    return handle_ == nullptr
               ? nullptr
               : reinterpret_cast<Function>(reinterpret_cast<void*>(GetProcAddress(handle_, name)));
  }

  /// True iff the library is in the process, for whomever.
  [[nodiscard]] static bool is_there(const char* path) noexcept {
    return GetModuleHandleA(path) != nullptr;
  }

 private:
  HMODULE handle_;
};

#else

class loaded {
 public:
  explicit loaded(const char* path) noexcept : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {}
  ~loaded() noexcept {
    if (handle_ != nullptr) {
      dlclose(handle_);
    }
  }
  loaded(const loaded&) = delete;
  loaded& operator=(const loaded&) = delete;

  template <class Function>
  [[nodiscard]] Function find(const char* name) const noexcept {
    return handle_ == nullptr ? nullptr : reinterpret_cast<Function>(dlsym(handle_, name));
  }

  [[nodiscard]] static bool is_there(const char* path) noexcept {
    void* const found = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    if (found != nullptr) {
      dlclose(found);
    }
    return found != nullptr;
  }

 private:
  void* handle_;
};

#endif

}  // namespace acre::test
