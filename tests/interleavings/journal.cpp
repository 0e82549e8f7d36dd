// SPDX-License-Identifier: MIT
#include "interleavings/journal.hpp"

#include "interleavings/explorer.hpp"

#include <string>

namespace acre::test::interleavings {
namespace {

const char* name_of(access a) noexcept {
  switch (a) {
    case access::load:
      return "load";
    case access::store:
      return "store";
    case access::exchange:
      return "exchange";
    case access::fetch_or:
      return "fetch-or";
    case access::fetch_and:
      return "fetch-and";
    case access::compare_exchange:
      return "compare-exchange";
  }
  return "";
}

const char* name_of(order o) noexcept {
  switch (o) {
    case order::relaxed:
      return "relaxed";
    case order::acquire:
      return "acquire";
    case order::release:
      return "release";
    case order::acq_rel:
      return "acq_rel";
  }
  return "";
}

void put(std::string& text, const std::string& word, size_t width) {
  text += word;
  text.append(word.size() < width ? width - word.size() : 1, ' ');
}

}  // namespace

std::string journal::text(const scenario& s, const memory& m) const {
  std::string all = "    thread  operation  what         access                    value\n";
  for (const line& l : lines_) {
    all += "    ";
    put(all, std::to_string(l.thread), 8);
    put(all, l.operation, 11);
    const void* const cell = l.name == nullptr ? m.address(l.r.where) : nullptr;
    const auto value = [&](uint64_t word) {
      return cell == nullptr ? std::to_string(word) : s.text_of(cell, word);
    };
    put(all, cell == nullptr ? l.name : s.name_of(cell), 13);
    if (l.what != nullptr) {
      put(all, l.what, 26);
      all += l.what == race ? "" : value(l.r.value);
    } else {
      const bool failed = l.r.what == access::compare_exchange && !l.e.wrote;
      const order how = failed ? l.r.how_if_failed : l.r.how;
      put(all, std::string(name_of(l.r.what)) + " " + name_of(how), 26);
      all += reads(l.r.what) ? value(l.e.read) : "";
      all += l.e.wrote ? (reads(l.r.what) ? " -> " : "-> ") + value(l.e.written) : "";
      all += l.e.spurious ? ": fails without a reason" : failed ? ": fails" : "";
      all += l.e.newest ? "" : reads(l.r.what) ? "  (not the newest)" : "  (not as the newest)";
    }
    while (all.back() == ' ') {
      all.pop_back();
    }
    all += '\n';
  }
  return all;
}

}  // namespace acre::test::interleavings
