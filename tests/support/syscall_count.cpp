// SPDX-License-Identifier: MIT
#include "support/syscall_count.hpp"

#if defined(__linux__)
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>
#endif

namespace acre::test {

#if defined(__linux__) && defined(SECCOMP_USER_NOTIF_FLAG_CONTINUE)

namespace {

constexpr int not_yet = -1;
constexpr int refused = -2;

// From here on the calling thread stops at each system call. The descriptor at which it is seen, or refused.
int stop_at_each_call() noexcept {
  sock_filter each[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)};
  const sock_fprog filter{1, each};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return refused;
  }
  const long listener =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
  return listener < 0 ? refused : static_cast<int>(listener);
}

// Lets the call go on at which a thread has stopped. False iff none has.
bool pass_on(int listener, const syscall_window& window, syscall_tally& tally) noexcept {
  // A later kernel's structures may be longer.
  alignas(seccomp_notif) unsigned char request_bytes[512];
  alignas(seccomp_notif_resp) unsigned char answer_bytes[512];
  memset(request_bytes, 0, sizeof request_bytes);
  memset(answer_bytes, 0, sizeof answer_bytes);
  auto* const request = reinterpret_cast<seccomp_notif*>(request_bytes);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, request) != 0) {
    return false;
  }
  if (window.is_open()) {
    if (tally.calls < syscall_tally::first_max) {
      tally.first[tally.calls] = request->data.nr;
    }
    ++tally.calls;
  }
  auto* const answer = reinterpret_cast<seccomp_notif_resp*>(answer_bytes);
  answer->id = request->id;
  answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer) == 0 ||
         errno == ENOENT;  // it was killed
}

}  // namespace

syscall_tally count_syscalls(void (*body)(void* context, syscall_window& window), void* context) {
  syscall_tally tally;
  syscall_window window;
  std::atomic<int> listener{not_yet};
  std::thread watched([&] {
    const int mine = stop_at_each_call();
    // A wake-up would be a call, which nobody would see yet: the watcher looks again and again.
    listener.store(mine, std::memory_order_release);
    if (mine != refused) {
      body(context, window);
      window.close();
    }
  });
  while (listener.load(std::memory_order_acquire) == not_yet) {
    sched_yield();
  }
  const int seen = listener.load(std::memory_order_relaxed);
  if (seen == refused) {
    watched.join();
    tally.unavailable =
        "no exact count of system calls: this kernel, emulator or sandbox has no seccomp "
        "notification";
    return tally;
  }
  // Until the last thread with the filter is gone.
  for (pollfd ready{seen, POLLIN, 0};;) {
    if (poll(&ready, 1, -1) < 0) {
      continue;
    }
    if ((ready.revents & POLLIN) != 0) {
      static_cast<void>(pass_on(seen, window, tally));
    } else if ((ready.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
      break;
    }
  }
  watched.join();
  close(seen);
  return tally;
}

#else

syscall_tally count_syscalls(void (*)(void*, syscall_window&), void*) {
  syscall_tally tally;
  tally.unavailable = "no exact count of system calls: that takes Linux 5.5 or later";
  return tally;
}

#endif

}  // namespace acre::test
