// SPDX-License-Identifier: MIT
#include "interleavings/memory.hpp"

#include <stdlib.h>

namespace acre::test::interleavings {

namespace {

uint64_t written_by(const request& r, uint64_t read) noexcept {
  return r.what == access::fetch_or    ? read | r.value
         : r.what == access::fetch_and ? read & r.value
                                       : r.value;
}

}  // namespace

void memory::reset() noexcept {
  count_ = 0;
  written_ = 0;
  for (view& v : views_) {
    v = {};
  }
}

unsigned memory::construct(unsigned thread, const void* address, uint64_t value, author by,
                           bool& ordered) {
  unsigned where = 0;
  while (where < count_ && locations_[where].address != address) {
    ++where;
  }
  location& l = locations_[where];
  uint32_t place = 0;
  if (where == count_) {
    if (++count_ == locations_max) {
      abort();  // a scenario with too many cells
    }
    l.address = address;
    l.life = {};
  } else {
    place = l.messages.back().place + 1;  // behind what any view has seen
  }
  ordered = write(thread, l.life, 0);
  l.messages.clear();
  l.messages.push_back({.value = value,
                        .place = place,
                        .serial = written_++,
                        .by = by,
                        .glued = false,
                        .released = {}});
  return where;
}

unsigned memory::overwrite(unsigned thread, const void* begin, size_t size) noexcept {
  for (unsigned i = 0; i < count_; ++i) {
    const size_t offset =
        reinterpret_cast<uintptr_t>(locations_[i].address) - reinterpret_cast<uintptr_t>(begin);
    if (offset < size && !write(thread, locations_[i].life, 0)) {
      return i;
    }
  }
  return locations_max;
}

void memory::fork(unsigned threads) noexcept {
  // Nobody can read what thread 0 has overwritten.
  for (unsigned i = 0; i < count_; ++i) {
    location& l = locations_[i];
    l.messages.erase(l.messages.begin(), l.messages.end() - 1);
    l.messages[0].by = {};
  }
  for (unsigned t = 1; t <= threads; ++t) {
    views_[t] = views_[0];
  }
}

void memory::join(unsigned threads) noexcept {
  for (unsigned t = 1; t <= threads; ++t) {
    views_[0].join(views_[t]);
  }
}

unsigned memory::options(unsigned thread, const request& r, bool may_fail, bool weak,
                         uint32_t fresh_from, option (&list)[options_max]) const noexcept {
  const location& l = locations_[r.where];
  unsigned count = 0;
  const auto offer = [&](size_t which, bool writes) {
    if (count == options_max) {
      abort();  // a scenario with too many steps
    }
    list[count++] = {static_cast<uint8_t>(which), writes};
  };
  for (size_t i = l.messages.size(); i-- > 0;) {
    const message& m = l.messages[i];
    if (m.place < views_[thread].place[r.where]) {
      break;
    }
    if (reads(r.what) && m.serial < fresh_from) {
      if (!weak) {
        break;
      }
      continue;
    }
    if (r.what == access::load) {
      offer(i, false);
    } else if (r.what == access::compare_exchange && m.value != r.expected) {
      offer(i, false);
    } else {
      if (open_behind(l, i)) {
        offer(i, true);
      }
      if (r.what == access::compare_exchange && may_fail) {
        offer(i, false);
      }
    }
    if (!weak) {
      break;
    }
  }
  return count;
}

void memory::make_room(unsigned where, uint32_t place) noexcept {
  if (locations_[where].messages.back().place < place) {
    return;
  }
  for (message& m : locations_[where].messages) {
    m.place += m.place >= place ? 1 : 0;
  }
  const auto move = [&](view& v) { v.place[where] += v.place[where] >= place ? 1 : 0; };
  for (view& v : views_) {
    move(v);
  }
  for (unsigned i = 0; i < count_; ++i) {
    for (message& m : locations_[i].messages) {
      move(m.released);
    }
  }
}

effect memory::apply(unsigned thread, const request& r, option way, author by) {
  location& l = locations_[r.where];
  view& mine = views_[thread];
  ++mine.clock[thread];
  const message seen = l.messages[way.message];
  effect result{
      .read = seen.value,
      .written = written_by(r, seen.value),
      .from = seen.by,
      .wrote = way.writes,
      .newest = way.message + size_t{1} == l.messages.size(),
      .spurious = r.what == access::compare_exchange && !way.writes && seen.value == r.expected};
  const order how = r.what == access::compare_exchange && !way.writes ? r.how_if_failed : r.how;
  if (reads(r.what)) {
    mine.place[r.where] = seen.place;
    if (acquires(how)) {
      mine.join(seen.released);
    }
  }
  if (way.writes) {
    const bool joined = reads(r.what);
    make_room(r.where, seen.place + 1);
    message m{.value = result.written,
              .place = seen.place + 1,
              .serial = written_++,
              .by = by,
              .glued = joined,
              .released = {}};
    mine.place[r.where] = m.place;
    if (releases(how)) {
      m.released = mine;
    }
    if (joined) {
      m.released.join(seen.released);
    }
    l.messages.insert(l.messages.begin() + way.message + 1, m);
  }
  return result;
}

bool memory::read(unsigned thread, plain_state& cell) noexcept {
  view& mine = views_[thread];
  cell.read[thread] = ++mine.clock[thread];
  return cell.written <= mine.clock[cell.writer];
}

bool memory::write(unsigned thread, plain_state& cell, uint64_t value) noexcept {
  view& mine = views_[thread];
  ++mine.clock[thread];
  bool ordered = cell.written <= mine.clock[cell.writer];
  for (unsigned t = 0; t < threads_max; ++t) {
    ordered = ordered && cell.read[t] <= mine.clock[t];
  }
  cell.value = value;
  cell.writer = static_cast<uint8_t>(thread);
  cell.written = mine.clock[thread];
  return ordered;
}

uint64_t memory::modification_orders(uint64_t seed) const noexcept {
  uint64_t hash = seed;
  for (unsigned i = 0; i < count_; ++i) {
    for (const message& m : locations_[i].messages) {
      hash = (hash ^ (i * 65536U + m.by.thread * 256U + m.by.step + 1U)) * 0x9E37'79B9'7F4A'7C15U;
      hash ^= hash >> 29;
    }
  }
  return hash;
}

}  // namespace acre::test::interleavings
