// SPDX-License-Identifier: MIT
// fiber: a flow of control with a stack of its own, which runs until it hands over to another one. So a
// scenario's threads take turns exactly where the explorer says so, and all on one thread of the host.
//
// A default-constructed fiber stands for whoever runs already. Of any other:
//   prepare(stack, entry)  it begins anew, with entry(), when it is next switched to. What ran in it before is
//                          forgotten, without unwinding. entry() must never return. The stack, stack_bytes
//                          of zeros at first, belongs to the fibers that were prepared with it.
//   hand_over(next)        goes on in `next`; returns when somebody comes back.
//   arrived(nullptr)       is what entry() calls first.
#pragma once

#if defined(_WIN32)
#include "interleavings/windows_fiber.hpp"
#else
#include "interleavings/ucontext_fiber.hpp"
#endif
