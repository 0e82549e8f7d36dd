# SPDX-License-Identifier: MIT
"""The mallocs of C libraries, as Debian ships them: objects out of the archive, combined, with a prefix
before each symbol that is not the compiler's, and with symbols around their static data."""

import pathlib
import re

from measure import run

PREFIXES = {"newlib": "newlib_", "newlib-nano": "newlib_", "picolibc": "picolibc_"}
# Members of the archive: what init, allocate and deallocate need; what allocate_aligned adds.
MEMBERS = {
    "newlib": (("lib_a-malloc.o", "lib_a-mallocr.o", "lib_a-freer.o"),
               ("lib_a-malign.o", "lib_a-malignr.o")),
    "newlib-nano": (("lib_a-malloc.o", "lib_a-nano-mallocr.o", "lib_a-nano-freer.o"),
                    ("lib_a-malign.o", "lib_a-nano-malignr.o")),
    "picolibc": (("nano-malloc-malloc.c.o", "nano-malloc-free.c.o"), ("nano-malloc-memalign.c.o",)),
}
# What they call of their own library, and what they call is measured with them.
CALLED = {"picolibc": "memset"}
PACKAGES = {"arm-none-eabi-": {"newlib": "libnewlib-arm-none-eabi",
                               "newlib-nano": "libnewlib-arm-none-eabi",
                               "picolibc": "picolibc-arm-none-eabi"},
            "riscv64-unknown-elf-": {"picolibc": "picolibc-riscv64-unknown-elf"}}

# In libgcc, which every firmware is linked with.
OF_THE_COMPILER = re.compile(r"__aeabi_(?!read_tp)|__riscv_|__\w+[sd]i\d?$")

LAYOUT = """\
SECTIONS
{{
  .text : {{ *(.text .text.* .rodata .rodata.*) }}
  .data : {{ . = ALIGN(8); {0}data_begin = .; *(.data .data.* .sdata .sdata.*) . = ALIGN(8);
             {0}data_end = .; }}
  .bss (NOLOAD) : {{ . = ALIGN(8); {0}bss_begin = .; *(.bss .bss.* .sbss .sbss.* COMMON)
                     . = ALIGN(8); {0}bss_end = .; }}
}}
"""


def exists_for(target, name):
    return name in PACKAGES[target.prefix]


def archive(target, name):
    """The path of the library, or None where it is not installed."""
    if name == "picolibc":
        directory = target.ask_compiler("-print-multi-directory")
        path = pathlib.Path("/usr/lib/picolibc", target.prefix.rstrip("-"), "lib", directory,
                            "libc.a")
    else:
        file = "libc_nano.a" if name == "newlib-nano" else "libc.a"
        path = pathlib.Path(target.ask_compiler(f"-print-file-name={file}"))
    return path if path.is_file() else None


def sizes(target, file):
    """(code and constants, data and bss) of an object file."""
    text, data, bss = run([target.tool("size"), file]).splitlines()[1].split()[:3]
    return int(text) + int(data), int(data) + int(bss)


def member_with(target, library, symbol):
    """The member of an archive that defines a function."""
    for line in run([target.tool("nm"), "-A", "-g", "--defined-only", library]).splitlines():
        if line.endswith(f" T {symbol}"):
            return line.split(":")[1]
    raise RuntimeError(f"{library} does not define {symbol}")


def extract(target, name, directory):
    """(object file, code bytes of init + allocate + deallocate, bytes of static data)."""
    directory.mkdir(parents=True, exist_ok=True)
    library = archive(target, name)
    prefix = PREFIXES[name]
    core, more = MEMBERS[name]
    if name in CALLED:
        core = (*core, member_with(target, library, CALLED[name]))
    run([target.tool("ar"), "x", "--output", directory, library, *core, *more])
    layout = directory / "layout.ld"
    layout.write_text(LAYOUT.format(prefix))
    found = [sizes(target, directory / member) for member in core]
    combined = directory / f"{name}.o"
    run([target.tool("g++"), *target.cpu_flags, "-nostdlib", "-r", f"-Wl,-d,-T{layout}",
         *(directory / member for member in (*core, *more)), "-o", combined])
    names = {line.split()[-1] for line in run([target.tool("nm"), "-g", combined]).splitlines()}
    renamed = directory / "renamed"
    renamed.write_text("".join(f"{n} {prefix}{n}\n" for n in sorted(names)
                               if not n.startswith(prefix) and not OF_THE_COMPILER.match(n)))
    run([target.tool("objcopy"), f"--redefine-syms={renamed}", combined])
    return combined, sum(code for code, _ in found), sum(data for _, data in found)
