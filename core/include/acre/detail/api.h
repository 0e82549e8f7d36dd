/* SPDX-License-Identifier: MIT
 * ACRE_API: what a shared library exports. Everything else is hidden (-fvisibility=hidden), so that what a
 * program can link against is what is public. For C and C++. */
#pragma once

#if defined(_WIN32) && defined(ACRE_SHARED)
#if defined(ACRE_BUILDING)
#define ACRE_API __declspec(dllexport)
#else
#define ACRE_API __declspec(dllimport)
#endif
#elif defined(__ELF__)
#define ACRE_API __attribute__((visibility("default")))
#else
#define ACRE_API
#endif
