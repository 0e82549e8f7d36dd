// SPDX-License-Identifier: MIT
// What each allocator does with bad requests and bad frees: asks it, and prints the tables of
// docs/misuse.md. A test compares them with the page. On hosts only, since it needs printf, and a way
// out of the trap that follows corruption.
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <acre/arena.hpp>
#include <acre/buddy.hpp>
#include <acre/heap.hpp>
#include <acre/lockfree_pool.hpp>
#include <acre/pool.hpp>
#include <acre/slab.hpp>
#include <acre/stack.hpp>

#include "example.hpp"

namespace {

using acre::check_level;
using acre::layout;
using acre::status;

template <check_level Level>
using at = acre::policies<acre::no_lock, acre::checks<Level>, acre::no_observer>;

// All serve this layout; slab, buddy and heap have larger and smaller blocks, too.
constexpr layout shape{64, 8};

// One allocator over a region of its own, with three live blocks.
template <class A>
struct subject {
  subject() {
    EXPECT(a.init(memory) == status::ok);
    oldest = static_cast<unsigned char*>(a.allocate(shape));
    block = static_cast<unsigned char*>(a.allocate(shape));
    newest = static_cast<unsigned char*>(a.allocate(shape));
    EXPECT(oldest != nullptr && block != nullptr && newest != nullptr);
  }

  acre::static_region<8192, 256> memory;
  A a;
  unsigned char* oldest;
  unsigned char* block;
  unsigned char* newest;
};

// Calls deallocate, and checks that a refusal has changed nothing.
template <class A>
status free_badly(subject<A>& s, void* p, layout given) {
  const acre::usage before = s.a.usage();
  const status result = s.a.deallocate(p, given);
  if (result != status::ok) {
    EXPECT(acre::is_misuse(result));
    EXPECT(s.a.usage() == before);
  }
  EXPECT(s.a.validate() == status::ok);
  return result;
}

struct bad_request {
  const char* what;
  layout wanted;
};

constexpr bad_request requests[] = {
    {"size 0", {0, 8}},
    {"larger than the region", {1U << 20, 8}},
    // So large that no region can begin at a multiple of it by chance.
    {"alignment larger than the region", {8, SIZE_MAX / 2 + 1}},
    {"size above SIZE_MAX / 2 (an overflow)", {SIZE_MAX - 7, 8}},
    {"alignment 0", {8, 0}},
    {"alignment not a power of two", {8, 24}},
};

template <class A>
const char* answer(const bad_request& request) {
  subject<A> s;
  const acre::usage before = s.a.usage();
  void* block = s.a.allocate(request.wanted);
  EXPECT(block != nullptr || s.a.usage() == before);
  EXPECT(s.a.validate() == status::ok);
  return block == nullptr ? "null" : "a block";
}

template <class A>
const char* answer_before_init() {
  A a;
  return a.allocate(shape) == nullptr ? "null" : "a block";
}

struct bad_free {
  const char* what;
  unsigned char* (*address)(unsigned char* oldest, unsigned char* block, unsigned char* newest,
                            unsigned char* region);
  layout given = shape;
  unsigned frees = 1;
};

unsigned char elsewhere[256];

// Where nothing else is said, of the newest block, which a stack would take back.
constexpr bad_free frees[] = {
    {"null", [](auto*, auto*, auto*, auto*) -> unsigned char* { return nullptr; }},
    {"an address outside the region", [](auto*, auto*, auto*, auto*) { return elsewhere + 64; }},
    {"inside a live block, at an aligned address",
     [](auto*, auto* b, auto*, auto*) { return b + 16; }},
    {"inside a live block, at an odd address", [](auto*, auto* b, auto*, auto*) { return b + 1; }},
    {"freed already", [](auto*, auto*, auto* n, auto*) { return n; }, shape, 2},
    {"free memory, never handed out", [](auto*, auto*, auto*, auto* r) { return r + 4096; }},
    {"live, but not the newest", [](auto* o, auto*, auto*, auto*) { return o; }},
    {"live, size too small", [](auto*, auto*, auto* n, auto*) { return n; }, {8, 8}},
    {"live, size too large", [](auto*, auto*, auto* n, auto*) { return n; }, {300, 8}},
    {"live, size above SIZE_MAX / 2",
     [](auto*, auto*, auto* n, auto*) { return n; },
     {SIZE_MAX - 7, 8}},
};

template <class A>
status result_of(const bad_free& row) {
  subject<A> s;
  unsigned char* p = row.address(s.oldest, s.block, s.newest, s.memory.bytes);
  for (unsigned i = 1; i < row.frees; ++i) {
    EXPECT(s.a.deallocate(p, row.given) == status::ok);
  }
  return free_badly(s, p, row.given);
}

template <class A>
status result_before_init(void* p) {
  A a;
  return a.deallocate(p, shape);
}

// Whether a write to a freed block is found when its memory is handed out again.
jmp_buf escape;

void leave(const acre::fault& fault) noexcept {
  EXPECT(fault.code == status::corrupted);
  longjmp(escape, 1);
}

template <class A>
const char* write_after_free() {
  static subject<A> s;
  const acre::fault_hook before = acre::set_fault_hook(leave);
  const char* volatile found = "not found";
  if (setjmp(escape) == 0) {
    EXPECT(s.a.deallocate(s.newest, shape) == status::ok);
    s.newest[40] = 0;
    for (int i = 0; i < 64; ++i) {
      if (s.a.allocate(shape) == s.newest) {
        break;
      }
    }
  } else {
    found = "corrupted";
  }
  acre::set_fault_hook(before);
  return found;
}

const char* text(status code) {
  return code == status::ok ? "ok" : acre::to_string(code);
}

// What is said when a byte was written past the end of a live block, into the header of the one behind
// it, and then the block itself, or the one behind it, is given back.
enum class given_back { itself, behind };

status volatile told = status::ok;

void leave_with_code(const acre::fault& fault) noexcept {
  told = fault.code;
  longjmp(escape, 1);
}

template <class A, given_back Which, unsigned char Byte>
const char* write_past_end() {
  static subject<A> s;
  const acre::fault_hook before = acre::set_fault_hook(leave_with_code);
  told = status::ok;
  if (setjmp(escape) == 0) {
    s.block[s.a.usable_size(s.block)] = Byte;
    EXPECT(s.a.validate() == status::corrupted);
    s.a.deallocate(Which == given_back::itself ? s.block : s.newest, shape);
  }
  acre::set_fault_hook(before);
  return told == status::ok ? "not found" : text(told);
}

template <class... A>
struct row_of {
  /// One cell for each allocator: f.operator()<A>().
  template <class Function>
  static void print(const char* first, Function f) {
    printf("| %s |", first);
    (printf(" %s |", f.template operator()<A>()), ...);
    printf("\n");
  }
};

template <check_level Level>
using heap_at = acre::heap<8192, at<Level>>;

template <check_level Level>
using allocators =
    row_of<acre::pool<64, at<Level>>, acre::lockfree_pool<64, acre::checks<Level>>,
           acre::arena<at<Level>>, acre::stack<at<Level>>, acre::buddy<16, at<Level>>,
           acre::slab<acre::size_classes<16, 32, 64, 128>, at<Level>, 2048>, heap_at<Level>>;

void print_head(const char* what) {
  printf("| %s | pool | lockfree_pool | arena | stack | buddy | slab | heap |\n", what);
  printf("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
}

template <check_level Level>
void print_requests() {
  using row_type = allocators<Level>;
  print_head("`allocate` of");
  for (const bad_request& row : requests) {
    row_type::print(row.what, [&]<class A>() { return answer<A>(row); });
  }
  row_type::print("anything before `init`", []<class A>() { return answer_before_init<A>(); });
}

template <check_level Level>
void print_frees() {
  using row_type = allocators<Level>;
  print_head("`deallocate` of");
  for (const bad_free& row : frees) {
    row_type::print(row.what, [&]<class A>() { return text(result_of<A>(row)); });
  }
  unsigned char* const addresses[] = {nullptr, elsewhere + 64};
  for (unsigned char* p : addresses) {
    row_type::print(p == nullptr ? "null before `init`" : "an address before `init`",
                    [p]<class A>() { return text(result_before_init<A>(p)); });
  }
}

void print_writes() {
  print_head("a write to a freed block");
  const auto found = []<class A>() { return write_after_free<A>(); };
  allocators<check_level::basic>::print("basic", found);
  allocators<check_level::full>::print("full", found);
}

template <class A>
void print_overflow_row(const char* level) {
  printf("| %s | %s | %s | %s | %s |\n", level, write_past_end<A, given_back::itself, 0>(),
         write_past_end<A, given_back::itself, 0xFF>(), write_past_end<A, given_back::behind, 0>(),
         write_past_end<A, given_back::behind, 0xFF>());
}

void print_overflows() {
  printf(
      "| written, and then freed | 0, the block | 0xFF, the block | 0, the one behind | "
      "0xFF, the one behind |\n| --- | --- | --- | --- | --- |\n");
  print_overflow_row<heap_at<check_level::basic>>("basic");
  print_overflow_row<heap_at<check_level::full>>("full");
}

}  // namespace

extern "C" int acre_main() {
  printf("<!-- allocate: none, basic, full -->\n");
  print_requests<check_level::none>();
  printf("<!-- deallocate: basic, full -->\n");
  print_frees<check_level::basic>();
  printf("<!-- writes -->\n");
  print_writes();
  printf("<!-- overflows -->\n");
  print_overflows();
  printf("<!-- allocate again: basic -->\n");
  print_requests<check_level::basic>();
  printf("<!-- allocate again: full -->\n");
  print_requests<check_level::full>();
  printf("<!-- deallocate again: full -->\n");
  print_frees<check_level::full>();
  printf("<!-- end -->\n");
  return example::failures;
}
