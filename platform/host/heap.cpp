// SPDX-License-Identifier: MIT
// The heap region of one host program, as large as the board's (see heap_region.hpp). The two symbols
// are what a board's linker script defines; assembly, because C++ has no name for the end of an array.
#if !defined(ACRE_HEAP_BYTES)
#error "acre_add_firmware and acre_add_test define ACRE_HEAP_BYTES"
#endif

#define ACRE_TEXT_OF(x) #x
#define ACRE_TEXT(x) ACRE_TEXT_OF(x)

// Symbols of C have a prefix on some systems: an underscore on 32-bit Windows.
#define ACRE_SYMBOL(name) ACRE_TEXT(__USER_LABEL_PREFIX__) #name

#if defined(_WIN32)
#define ACRE_HEAP_SECTION ".bss"
#define ACRE_SECTION_END ".text"
#else
#define ACRE_HEAP_SECTION ".pushsection .bss.acre_heap, \"aw\", %nobits"
#define ACRE_SECTION_END ".popsection"
#endif

asm(ACRE_HEAP_SECTION "\n"
    ".balign 16\n"
    ".globl " ACRE_SYMBOL(acre_heap_begin) "\n"
    ".globl " ACRE_SYMBOL(acre_heap_end) "\n"
    ACRE_SYMBOL(acre_heap_begin) ":\n"
    ".skip " ACRE_TEXT(ACRE_HEAP_BYTES) "\n"
    ACRE_SYMBOL(acre_heap_end) ":\n"
    ACRE_SECTION_END "\n");
