// SPDX-License-Identifier: MIT
// exhaustion: what happens where a standard interface has no way to answer "no room".
//
// The containers of the standard library take exhaustion for an exception. With exceptions it is one:
// std::bad_alloc. Without (-fno-exceptions) nobody could unwind, so the hook is told, and if it returns the
// program ends by std::abort(). Who must go on uses the forms of try_forms.hpp, which answer.
//
// Compile all of a program that shares containers either with exceptions or without: the standard library's
// own templates differ, too.
#pragma once

#include <cstdlib>
#include <new>

#include <acre/detail/api.h>
#include <acre/detail/abi.hpp>
#include <acre/layout.hpp>

namespace acre::inline ACRE_ABI {

/// Told of a request that could not be served, before std::bad_alloc is thrown or the program ends. In the
/// context of the request, and outside every lock. It may allocate, and it need not return (a reset,
/// longjmp past code that needs no destructor).
using exhaustion_hook = void (*)(layout wanted) noexcept;

/// Installs `hook` (null for none) for the whole process and returns the previous one. Any thread, at any
/// time.
ACRE_API exhaustion_hook set_exhaustion_hook(exhaustion_hook hook) noexcept;

namespace detail {

ACRE_API void tell_exhaustion(layout wanted) noexcept;

#if defined(__cpp_exceptions)
[[noreturn, gnu::cold, gnu::noinline]] inline void raise_exhaustion(layout wanted) {
  tell_exhaustion(wanted);
  throw std::bad_alloc();
}
#else
[[noreturn, gnu::cold, gnu::noinline]] inline void raise_exhaustion(layout wanted) {
  tell_exhaustion(wanted);
  std::abort();
}
#endif

}  // namespace detail
}  // namespace acre
