// SPDX-License-Identifier: MIT
#include "settings.hpp"

#include "numbers.hpp"
#include "story.hpp"

namespace demo {

namespace {

constexpr size_t blocks_per_audit = 2;

// The request for a setting. A heap's blocks are multiples of its natural alignment, 8 bytes on boards
// and 16 on a 64-bit host; we ask for whole steps of 16, so that blocks are as large on all of them.
constexpr size_t bytes_for(size_t entries) noexcept {
  constexpr size_t step = 16;
  const size_t block =
      setting_heap::header_bytes + sizeof(setting) + entries * sizeof(setting_entry);
  return (block + step - 1) / step * step - setting_heap::header_bytes;
}

setting_entry* entries_of(setting* of) noexcept {
  return reinterpret_cast<setting_entry*>(of + 1);
}

uint16_t checksum_of(setting* of) noexcept {
  uint32_t sum = 1;
  for (size_t i = 0; i < of->entries; ++i) {
    sum = sum * 31 + static_cast<uint16_t>(entries_of(of)[i].value);
  }
  return static_cast<uint16_t>(sum ^ sum >> 16);
}

// Stands for the entries that the base station would send one by one.
void fill(setting* of, size_t from, size_t to) noexcept {
  for (size_t i = from; i < to; ++i) {
    entries_of(of)[i] = {static_cast<int16_t>(i),
                         static_cast<int16_t>(of->name[0] * 100 + 7 * static_cast<int>(i))};
  }
  of->entries = static_cast<uint16_t>(to);
  of->checksum = checksum_of(of);
}

text_view name_of(const setting* of) noexcept {
  text_view name{of->name, 0};
  while (of->name[name.size] != '\0') {
    ++name.size;
  }
  return name;
}

void print_refusal(text_view name, size_t entries) noexcept {
  story_line line("settings");
  line.text(name.begin, name.size).text(" finds no room for ").number(bytes_for(entries));
  line.text(" bytes: ").number(memory.settings.free_bytes()).text(" are free, ");
  line.number(memory.settings.largest_free()).text(" in one piece");
  line.print();
}

}  // namespace

void print_new_settings(size_t count) noexcept {
  story_line line("settings");
  line.count(count, "new setting").text(": ").number(memory.settings.usage().bytes_in_use);
  line.text(" bytes in use, ").number(memory.settings.free_bytes()).text(" free, ");
  line.number(memory.settings.largest_free()).text(" in one piece");
  line.print();
}

setting** setting_store::find(text_view name) noexcept {
  for (setting*& kept : kept_) {
    if (kept != nullptr && name.equals(kept->name)) return &kept;
  }
  return nullptr;
}

setting** setting_store::find_unused() noexcept {
  for (setting*& kept : kept_) {
    if (kept == nullptr) return &kept;
  }
  return nullptr;
}

size_t setting_store::count() const noexcept {
  size_t count = 0;
  for (const setting* kept : kept_) {
    count += kept != nullptr ? 1 : 0;
  }
  return count;
}

void setting_store::set(text_view name, size_t entries) noexcept {
  entries = smaller_of(entries, setting::entries_max);
  if (setting** kept = find(name); kept != nullptr) {
    resize(*kept, entries);
  } else {
    make(name, entries);
  }
}

void setting_store::make(text_view name, size_t entries) noexcept {
  setting** unused = find_unused();
  void* block = unused == nullptr ? nullptr : memory.settings.allocate(bytes_for(entries));
  if (block == nullptr) {
    print_refusal(name, entries);
    return;
  }
  auto* made = static_cast<setting*>(block);
  *made = {};
  const size_t length = smaller_of(name.size, setting::name_max);
  for (size_t i = 0; i < length; ++i) {
    made->name[i] = name.begin[i];
  }
  fill(made, 0, entries);
  *unused = made;
}

void setting_store::resize(setting*& kept, size_t entries) noexcept {
  damaged_ += checksum_of(kept) == kept->checksum ? 0U : 1U;
  const size_t before = kept->entries;
  void* block = memory.settings.reallocate(kept, bytes_for(entries));
  if (block == nullptr) {
    print_refusal(name_of(kept), entries);
    return;
  }
  const bool moved = block != kept;
  kept = static_cast<setting*>(block);
  // What was in the block has come along, wherever it is now.
  damaged_ += entries < before || checksum_of(kept) == kept->checksum ? 0U : 1U;
  fill(kept, smaller_of(before, entries), entries);

  story_line line("settings");
  line.text(kept->name).text(entries < before ? " shrinks to " : " grows to ");
  line.number(bytes_for(entries)).text(" bytes");
  line.text(moved ? ": it moves, a neighbour is in the way" : ", where it is");
  line.print();
}

void setting_store::forget(text_view name) noexcept {
  setting** kept = find(name);
  if (kept == nullptr) return;
  give_back(*kept);
  story_line line("settings");
  line.text(name.begin, name.size).text(" is given back");
  line.print();
}

void setting_store::forget_badly(text_view name) noexcept {
  setting** kept = find(name);
  if (kept == nullptr) return;
  story_line line("settings");
  line.text(name.begin, name.size);
  line.text(" is given back, by the address of its entries (a planted bug)");
  line.print();
  // acre finds it out before anything changes, as the double free in sender.cpp.
  if constexpr (!acre::config::trap_on_misuse) {
    memory.settings.deallocate(entries_of(*kept));
  }
  give_back(*kept);
}

void setting_store::give_back(setting*& kept) noexcept {
  damaged_ += checksum_of(kept) == kept->checksum ? 0U : 1U;
  memory.settings.deallocate(kept);  // the heap knows how large it is
  kept = nullptr;
}

void setting_store::audit() noexcept {
  const acre::status found = memory.settings.validate_step(audited_, blocks_per_audit);
  damaged_ += found == acre::status::ok ? 0U : 1U;
  if (audited_.finished()) audited_ = {};
}

void setting_store::shut_down() noexcept {
  for (setting*& kept : kept_) {
    if (kept != nullptr) give_back(kept);
  }
}

}  // namespace demo
