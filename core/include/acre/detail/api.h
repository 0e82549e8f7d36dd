/* SPDX-License-Identifier: MIT
 * ACRE_API: what acre's shared libraries export; everything else in them is hidden. For C and C++.
 *
 * Only their own files are compiled with ACRE_EXPORTS. A program sees plain declarations, so that its headers
 * and flags are the same for static and shared libraries. On Windows, too: an import library has a jump for each
 * function, and the linker of mingw-w64 sees to the variables; with dllimport their addresses could not be in
 * constants, such as those that a constinit allocator begins with.
 *
 * It stands before classes, before functions and variables that are in none, and before the types that are
 * arguments of such a class template. In a template of a check level it stands before each function: before the
 * class, GCC exports no inline function to a DLL, and clang, for which the level's type is hidden, nothing. */
#pragma once

#if !defined(ACRE_EXPORTS)
#define ACRE_API
#elif defined(_WIN32)
#define ACRE_API __declspec(dllexport)
#else
#define ACRE_API __attribute__((visibility("default")))
#endif
