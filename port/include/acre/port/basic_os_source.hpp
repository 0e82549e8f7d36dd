// SPDX-License-Identifier: MIT
// basic_os_source: regions from the operating system. What most programs name is os_source
// (<acre/port/os_source.hpp>); this is the template over the system's layer.
//
// Address space is a sorted table of runs. A reservation is one run or more:
//
//   | out ........ | kept .. | out ... | idle (committed ahead) | reserved .................... |
//   ^ opens                                                       merges with its neighbours
//
// acquire takes the smallest run that is large enough: one that is kept, else idle, else reserved, else a
// new reservation. Where the system refuses, everything that is kept is given back, and it is tried again.
//
// I1  Runs are sorted, do not overlap, are not empty and consist of whole pages.
// I2  The runs of a reservation lie side by side; the first of them opens it.
// I3  No two reserved runs of one reservation lie side by side; nor do two idle ones without guard pages.
// I4  With give_back::address_space, each reservation has a run that is out or kept, unless the system
//     refused to take it back.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <acre/detail/api.h>
#include <acre/concepts.hpp>
#include <acre/detail/abi.hpp>
#include <acre/detail/bits.hpp>
#include <acre/detail/meta.hpp>
#include <acre/fault.hpp>
#include <acre/port/detail/run_table.hpp>
#include <acre/port/os_options.hpp>
#include <acre/region.hpp>
#include <acre/status.hpp>

namespace acre::inline ACRE_ABI {

/// A region_source. Regions hold zeros, or what a former user of this source left.
///
/// Cost: acquire and release O(runs), and a system call or a few, none where a kept or idle region serves.
/// An allocator that has grown calls neither, so its hot paths have no system call.
///
/// Threads: not synchronised: one at a time, which an allocator's lock sees to (chunk_group has a lock of
/// its own). Not for signal handlers. A child of fork() has a copy of the source and of its regions, and
/// may use both.
///
/// Nothing is given back by a destructor, so that a static source needs none: see trim().
template <port::os_memory_layer Os>
class ACRE_API basic_os_source {
  using run = detail::run;
  using run_state = detail::run_state;
  using page_kind = port::page_kind;

 public:
  constexpr basic_os_source() noexcept = default;
  constexpr explicit basic_os_source(const os_options& options) noexcept : options_(options) {}
  basic_os_source(const basic_os_source&) = delete;
  basic_os_source& operator=(const basic_os_source&) = delete;

  /// Sets the options. Returns ok, or invalid_argument: they contradict each other, or the source has
  /// address space (trim() gives back what is not in use); then nothing has changed.
  [[nodiscard]] status configure(const os_options& options) noexcept {
    if (table_.count() != 0 || !consistent(options)) {
      return status::invalid_argument;
    }
    options_ = options;
    return status::ok;
  }
  [[nodiscard]] const os_options& options() const noexcept {
    return options_;
  }

  /// A region of at least `bytes`, and of granularity(). Empty iff the system refuses what it takes, or it
  /// would be more than limit_bytes or than a quarter of all addresses, or the options contradict each other
  /// (last_failure() says what); then nothing is in use that was not before.
  [[nodiscard]] region acquire(size_t bytes) noexcept {
    if (!consistent(options_)) {
      failure_ = {os_operation::options, 0};
      return {};
    }
    if (bytes > SIZE_MAX / 4) {
      failure_ = {os_operation::reserve, Os::no_memory()};
      return {};
    }
    const size_t need = multiple(detail::max_of(bytes, size_t{1}), granularity());
    region found = try_acquire(need);
    if (found.empty() && trim() != 0) {
      found = try_acquire(need);
    }
    return found;
  }

  /// Takes back a region that acquire() gave. An empty one is ignored; another one raises a fault
  /// (foreign_pointer, interior_pointer, double_free, or wrong_size) and is refused. Where the system
  /// refuses to take its memory, the source keeps it.
  void release(region memory) noexcept {
    if (memory.begin == nullptr) {
      return;
    }
    const size_t behind = table_.up_to(memory.address());
    const status found = behind == 0 ? status::foreign_pointer : check(table_[behind - 1], memory);
    if (found != status::ok) {
      static_cast<void>(
          detail::raise_misuse(found, memory.begin, this, __builtin_return_address(0)));
      return;
    }
    run& back = table_[behind - 1];
    back.state = run_state::kept;
    back.since = 0;
    if (memory.size > options_.keep_bytes) {
      static_cast<void>(reclaim(behind - 1, options_.give_back));
    } else {
      const uint64_t now = options_.keep_ms == 0 ? 0 : clock();
      back.since = now;
      keep_within_limits(now);
    }
    shrink_table();
  }

  /// What regions are multiples of.
  [[nodiscard]] size_t granularity() const noexcept {
    const size_t pages = options_.pages == page_kind::explicit_huge
                             ? detail::max_of(huge_bytes(), Os::page_bytes())
                             : Os::page_bytes();
    const size_t whole = detail::max_of(pages, plain() ? Os::reserve_granularity() : pages);
    return multiple(detail::min_of(detail::max_of(options_.granularity, size_t{1}), SIZE_MAX / 4),
                    whole);
  }

  /// Gives back what was kept for longer than keep_ms. For a timer: release() does the same. Returns the
  /// bytes of memory given back. O(runs), and a system call for each region.
  size_t trim_expired() noexcept {
    const size_t before = accounts().kept;
    if (options_.keep_ms != 0) {
      keep_within_limits(clock());
      shrink_table();
    }
    return before - accounts().kept;
  }

  /// Gives back everything that is not in use, address space included. Returns the bytes of address space
  /// and memory that the system has back, 0 iff nothing was there or it refuses. O(runs), and as many
  /// system calls.
  size_t trim() noexcept {
    const os_accounts before = accounts();
    for (size_t at = table_.count(); at-- > 0;) {
      if (at < table_.count() && table_[at].state != run_state::out) {
        static_cast<void>(reclaim(at, give_back::address_space));
      }
    }
    shrink_table();
    const os_accounts after = accounts();
    return before.reserved - after.reserved + (before.committed - after.committed);
  }

  /// What all runs add up to. O(runs), no system call.
  [[nodiscard]] os_accounts accounts() const noexcept {
    os_accounts sum;
    sum.metadata = table_.bytes();
    for (size_t at = 0; at < table_.count(); ++at) {
      const run& each = table_[at];
      sum.reserved += each.size;
      sum.reservations += each.opens ? 1U : 0U;
      const size_t payload = each.size - 2 * guard();
      switch (each.state) {
        case run_state::reserved:
          continue;
        case run_state::idle:
          sum.idle += payload;
          break;
        case run_state::kept:
          sum.kept += payload;
          break;
        case run_state::out:
          sum.in_use += payload;
          ++sum.regions;
          break;
      }
      sum.committed += payload;
    }
    return sum;
  }

  /// The bytes of committed pages that have memory behind them now, as the system counts them. O(pages), and
  /// a system call for 1024 of them (Windows: 128). Returns ok, or exhausted where the system does not answer.
  [[nodiscard]] status resident(size_t& bytes) const noexcept {
    bytes = 0;
    for (size_t at = 0; at < table_.count(); ++at) {
      const run& each = table_[at];
      if (each.state != run_state::reserved) {
        const region memory = payload_of(each);
        if (Os::resident(memory.begin, memory.size, bytes) != 0) {
          return status::exhausted;
        }
      }
    }
    return status::ok;
  }

  /// What kind of pages the region at `p` became; normal for an address that is in none. Transparent: the
  /// kernel was asked, and has them; whether it finds some is its own affair. O(log runs).
  [[nodiscard]] page_kind pages_of(const void* p) const noexcept {
    const auto address = reinterpret_cast<uintptr_t>(p);
    const size_t behind = table_.up_to(address);
    return behind == 0 || address - table_[behind - 1].begin >= table_[behind - 1].size
               ? page_kind::normal
               : table_[behind - 1].pages;
  }

  /// The last refusal of the system, in this source's whole life or since forget_failure().
  [[nodiscard]] os_failure last_failure() const noexcept {
    return failure_;
  }
  void forget_failure() noexcept {
    failure_ = {};
  }

  /// Checks I1 to I3, reading only. Returns ok or corrupted. O(runs).
  [[nodiscard]] status validate() const noexcept {
    const size_t page = Os::page_bytes();
    for (size_t at = 0; at < table_.count(); ++at) {
      const run& each = table_[at];
      const bool side_by_side = at > 0 && table_[at - 1].end() == each.begin;
      const size_t least = each.state == run_state::reserved ? 0 : 2 * guard();
      if (each.size <= least || (each.begin | each.size) % page != 0 || each.end() < each.begin ||
          (at > 0 && table_[at - 1].end() > each.begin) ||  // I1
          (!each.opens && !side_by_side) ||                 // I2
          (!each.opens && merges(table_[at - 1], each))) {  // I3
        return status::corrupted;
      }
    }
    return status::ok;
  }

 private:
  static constexpr size_t none = SIZE_MAX;

  /// `n` rounded up; the sum does not overflow, because no argument is above SIZE_MAX / 4.
  [[nodiscard]] static constexpr size_t multiple(size_t n, size_t unit) noexcept {
    return (n + unit - 1) / unit * unit;
  }

  [[nodiscard]] static bool consistent(const os_options& options) noexcept {
    const bool in_pieces = options.reserve_bytes != 0 || options.commit_step != 0;
    return (options.alignment == 0 || detail::is_power_of_two(options.alignment)) &&
           options.alignment <= SIZE_MAX / 8 && options.granularity <= SIZE_MAX / 4 &&
           options.reserve_bytes <= SIZE_MAX / 4 && options.commit_step <= SIZE_MAX / 8 &&
           (options.commit_step == 0 || (options.reserve_bytes != 0 && !options.guard_pages)) &&
           (options.pages != page_kind::explicit_huge || (!in_pieces && !options.guard_pages));
  }
  /// Each region is a mapping of its own, which can't be cut out of a larger one.
  [[nodiscard]] bool plain() const noexcept {
    return options_.reserve_bytes == 0 && !options_.guard_pages;
  }
  [[nodiscard]] size_t guard() const noexcept {
    return options_.guard_pages ? Os::page_bytes() : 0;
  }
  [[nodiscard]] size_t huge_bytes() const noexcept {
    return Os::huge_page_bytes(options_.pages);
  }
  [[nodiscard]] uint64_t clock() const noexcept {
    return options_.clock != nullptr ? options_.clock() : Os::now_ms();
  }
  [[nodiscard]] region payload_of(const run& each) const noexcept {
    return {reinterpret_cast<void*>(each.begin + guard()), each.size - 2 * guard()};
  }
  port::os_error note(os_operation operation, port::os_error code) noexcept {
    if (code != 0) {
      failure_ = {operation, code};
    }
    return code;
  }
  /// Whether `more` may be committed. Notes it if not.
  [[nodiscard]] bool within_limit(size_t more) noexcept {
    if (options_.limit_bytes == 0) {
      return true;
    }
    const size_t committed = accounts().committed;
    if (committed <= options_.limit_bytes && more <= options_.limit_bytes - committed) {
      return true;
    }
    failure_ = {os_operation::limit, 0};
    return false;
  }
  void shrink_table() noexcept {
    note(os_operation::release, table_.shrink());
  }

  [[nodiscard]] status check(const run& each, region memory) const noexcept {
    if (memory.address() - each.begin >= each.size) {
      return status::foreign_pointer;
    }
    if (memory.begin != payload_of(each).begin) {
      return each.state == run_state::out ? status::interior_pointer : status::double_free;
    }
    if (each.state != run_state::out) {
      return status::double_free;
    }
    return memory.size == payload_of(each).size ? status::ok : status::wrong_size;
  }

  /// Whether pieces of it can be handed out. Guard pages and huge pages stay where they were made.
  [[nodiscard]] bool divides(const run& each) const noexcept {
    return each.state == run_state::reserved ||
           (!options_.guard_pages && each.pages != page_kind::explicit_huge);
  }
  /// `right` lies behind `left`, in the same reservation.
  [[nodiscard]] bool merges(const run& left, const run& right) const noexcept {
    return left.state == right.state &&
           (left.state == run_state::reserved ||
            (left.state == run_state::idle && divides(left) && left.pages == right.pages));
  }
  struct reservation {
    size_t first;
    size_t count;
    bool others_in_use;  // something but the run that was asked about is out or kept
  };
  [[nodiscard]] reservation reservation_of(size_t at) const noexcept {
    size_t first = at;
    while (!table_[first].opens) {
      --first;
    }
    size_t last = at + 1;
    while (last < table_.count() && !table_[last].opens) {
      ++last;
    }
    bool others = false;
    for (size_t each = first; each < last; ++each) {
      others = others || (each != at && table_[each].state >= run_state::kept);
    }
    return {first, last - first, others};
  }
  /// How far behind the begin of a run the region's own run begins, so that the region is aligned.
  [[nodiscard]] size_t offset_in(uintptr_t begin) const noexcept {
    return options_.alignment == 0 ? 0 : (0 - (begin + guard())) & (options_.alignment - 1);
  }

  [[nodiscard]] region try_acquire(size_t need) noexcept {
    // take() makes at most four runs of one, and a reservation is one more.
    if (note(os_operation::map, table_.make_room(4)) != 0) {
      return {};
    }
    size_t at = best_fit(need);
    if (at == none) {
      at = reserve(need);
    }
    if (at == none) {
      shrink_table();
      return {};
    }
    const region taken = take(at, need);
    if (taken.empty()) {
      shrink_table();
    }
    return taken;
  }

  [[nodiscard]] size_t best_fit(size_t need) const noexcept {
    const size_t wanted = need + 2 * guard();
    size_t best = none;
    for (size_t at = 0; at < table_.count(); ++at) {
      const run& each = table_[at];
      const size_t offset = offset_in(each.begin);
      if (each.state == run_state::out || each.size < wanted || each.size - wanted < offset ||
          // As a whole it would waste more than half.
          (!divides(each) && (each.size / 2 > wanted || offset != 0))) {
        continue;
      }
      if (best == none || each.state > table_[best].state ||
          (each.state == table_[best].state && each.size < table_[best].size)) {
        best = at;
      }
    }
    return best;
  }

  /// A new reservation that has room for `need`, as one run; its index, or none.
  [[nodiscard]] size_t reserve(size_t need) noexcept {
    // The guard page lies in front of what is to be aligned.
    const size_t front = guard() == 0 ? 0 : detail::max_of(options_.alignment, guard());
    const size_t unit = detail::max_of(Os::page_bytes(), Os::reserve_granularity());
    const size_t least = detail::round_up(front + need + guard(), unit);
    const size_t most = detail::max_of(least, detail::round_up(options_.reserve_bytes, unit));
    void* begin = nullptr;
    if (plain()) {
      if (!within_limit(least)) {
        return none;
      }
      run fresh{.size = least, .state = run_state::idle, .opens = true};
      if (note(os_operation::map, map(least, fresh.pages, begin)) != 0) {
        return none;
      }
      fresh.begin = reinterpret_cast<uintptr_t>(begin);
      return add(fresh);
    }
    const size_t align = begin_alignment(need);
    size_t size = most;
    port::os_error error = Os::reserve(size, align, begin);
    if (error != 0 && most > least) {  // as under a limit of address space: just what is needed
      size = least;
      error = Os::reserve(size, align, begin);
    }
    if (note(os_operation::reserve, error) != 0) {
      return none;
    }
    return add({.begin = reinterpret_cast<uintptr_t>(begin), .size = size, .opens = true});
  }
  [[nodiscard]] size_t begin_alignment(size_t need) const noexcept {
    const size_t huge = options_.pages == page_kind::transparent_huge ? huge_bytes() : 0;
    return detail::max_of(detail::max_of(options_.alignment, size_t{1}), need >= huge ? huge : 0);
  }
  /// A mapping of its own, of the best kind of pages that can be had.
  [[nodiscard]] port::os_error map(size_t bytes, page_kind& kind, void*& begin) noexcept {
    if (options_.pages == page_kind::explicit_huge && huge_bytes() != 0 &&
        options_.alignment <= huge_bytes() &&
        Os::map(bytes, options_.alignment, page_kind::explicit_huge, begin) == 0) {
      kind = page_kind::explicit_huge;
      name(begin, bytes);
      return 0;
    }
    const size_t huge =
        options_.pages == page_kind::normal ? 0 : Os::huge_page_bytes(page_kind::transparent_huge);
    const size_t align = detail::max_of(options_.alignment, bytes >= huge ? huge : 0);
    if (const port::os_error error = Os::map(bytes, align, page_kind::normal, begin); error != 0) {
      return error;
    }
    kind = dress(begin, bytes);
    return 0;
  }
  /// What pages are told once they are committed. Neither is worth a failure.
  page_kind dress(void* begin, size_t bytes) noexcept {
    name(begin, bytes);
    return options_.pages != page_kind::normal &&
                   Os::huge_page_bytes(page_kind::transparent_huge) != 0 &&
                   Os::advise_huge(begin, bytes) == 0
               ? page_kind::transparent_huge
               : page_kind::normal;
  }
  void name(void* begin, size_t bytes) noexcept {
    if (options_.name != nullptr) {
      static_cast<void>(Os::name(begin, bytes, options_.name));
    }
  }
  size_t add(const run& fresh) noexcept {
    const size_t at = table_.up_to(fresh.begin);
    table_.insert(at, fresh);
    return at;
  }

  /// Hands out `need` bytes of the run at `at`, which is free and has room. On failure it is given back.
  [[nodiscard]] region take(size_t at, size_t need) noexcept {
    const run whole = table_[at];
    const size_t offset = divides(whole) ? offset_in(whole.begin) : 0;
    const size_t size = divides(whole) ? need + 2 * guard() : whole.size;
    run taken{whole.begin + offset, size, 0, run_state::out, false, whole.pages};
    size_t committed = size;
    if (whole.state == run_state::reserved) {
      const region payload = payload_of(taken);
      // Ahead, as far as the run goes; less where the system refuses that.
      const size_t step =
          multiple(detail::max_of(options_.commit_step, size_t{1}), Os::page_bytes());
      committed = guard() != 0 ? size : detail::min_of(multiple(need, step), whole.size - offset);
      if (committed != size && !within_limit(committed)) {
        committed = size;
      }
      if (!within_limit(committed - 2 * guard())) {
        static_cast<void>(reclaim(at, give_back::address_space));
        return {};
      }
      port::os_error error = Os::commit(payload.begin, committed - 2 * guard());
      if (error != 0 && committed != size) {
        committed = size;
        error = Os::commit(payload.begin, payload.size);
      }
      if (note(os_operation::commit, error) != 0) {
        static_cast<void>(reclaim(at, give_back::address_space));
        return {};
      }
      taken.pages = dress(payload.begin, committed - 2 * guard());
    }
    if (offset != 0) {  // [whole] -> [front][taken ...]
      table_[at].size = offset;
      table_.insert(++at, taken);
    } else {
      taken.opens = whole.opens;
      table_[at] = taken;
    }
    if (offset + committed != whole.size) {  // [taken ...] -> [taken ...][rest]
      run rest = whole;
      rest.begin = taken.begin + committed;
      rest.size = whole.end() - rest.begin;
      rest.opens = false;
      table_.insert(at + 1, rest);
    }
    if (committed != size) {  // [taken ...] -> [taken][ahead]
      table_.insert(at + 1,
                    {taken.end(), committed - size, 0, run_state::idle, false, taken.pages});
      merge(at + 1);
    }
    const region payload = payload_of(taken);
    if (options_.prefault && whole.state != run_state::kept &&
        note(os_operation::prefault, Os::prefault(payload.begin, payload.size)) != 0) {
      table_[at].state = run_state::kept;
      static_cast<void>(reclaim(at, give_back::address_space));
      return {};
    }
    return payload;
  }

  /// Gives the free run at `at` back in this way, and merges it. 0, or the system's error; then the run is
  /// what it was.
  port::os_error reclaim(size_t at, acre::give_back how) noexcept {
    run& each = table_[at];
    const region payload = payload_of(each);
    if (how != give_back::address_space && each.state == run_state::kept &&
        each.pages != page_kind::explicit_huge) {
      const auto kind =
          how == give_back::memory ? port::purge_kind::at_once : port::purge_kind::lazily;
      if (const port::os_error error =
              note(os_operation::purge, Os::purge(payload.begin, payload.size, kind));
          error != 0) {
        return error;
      }
      each.state = run_state::idle;
      merge(at);
      return 0;
    }
    const reservation all = reservation_of(at);
    if (!all.others_in_use) {
      const uintptr_t begin = table_[all.first].begin;
      const size_t size = table_[all.first + all.count - 1].end() - begin;
      const port::os_error error =
          note(os_operation::release, Os::release(reinterpret_cast<void*>(begin), size));
      if (error == 0) {
        table_.erase(all.first, all.count);
      }
      return error;
    }
    if (each.state != run_state::reserved) {
      if (const port::os_error error =
              note(os_operation::decommit, Os::decommit(payload.begin, payload.size));
          error != 0) {
        return error;
      }
      each.state = run_state::reserved;
      each.pages = page_kind::normal;
      merge(at);
    }
    return 0;
  }

  void merge(size_t at) noexcept {
    if (at + 1 < table_.count() && !table_[at + 1].opens && merges(table_[at], table_[at + 1])) {
      table_[at].size += table_[at + 1].size;
      table_.erase(at + 1, 1);
    }
    if (!table_[at].opens && merges(table_[at - 1], table_[at])) {
      table_[at - 1].size += table_[at].size;
      table_.erase(at, 1);
    }
  }

  /// Gives back the oldest of what is kept until the rest is young and little enough.
  void keep_within_limits(uint64_t now) noexcept {
    for (;;) {
      size_t oldest = none;
      size_t kept = 0;
      for (size_t at = 0; at < table_.count(); ++at) {
        if (table_[at].state == run_state::kept) {
          kept += payload_of(table_[at]).size;
          oldest = oldest == none || table_[at].since < table_[oldest].since ? at : oldest;
        }
      }
      if (oldest == none ||
          (kept <= options_.keep_bytes &&
           (options_.keep_ms == 0 || now - table_[oldest].since < options_.keep_ms)) ||
          reclaim(oldest, options_.give_back) != 0) {
        return;
      }
    }
  }

  os_options options_;
  os_failure failure_;
  detail::run_table<Os> table_;
};

}  // namespace acre
