// SPDX-License-Identifier: MIT
// The heap region of one host program, as large as the board's (see heap_region.hpp). The two symbols
// are what a board's linker script defines; assembly, because C++ has no name for the end of an array.
#if !defined(ACRE_HEAP_BYTES)
#error "acre_add_firmware and acre_add_test define ACRE_HEAP_BYTES"
#endif

#define ACRE_TEXT_OF(x) #x
#define ACRE_TEXT(x) ACRE_TEXT_OF(x)

asm(".pushsection .bss.acre_heap, \"aw\", %nobits\n"
    ".balign 16\n"
    ".globl acre_heap_begin\n"
    ".globl acre_heap_end\n"
    "acre_heap_begin:\n"
    ".skip " ACRE_TEXT(ACRE_HEAP_BYTES) "\n"
    "acre_heap_end:\n"
    ".popsection\n");
