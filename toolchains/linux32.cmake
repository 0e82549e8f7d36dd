# SPDX-License-Identifier: MIT
# 32-bit x86 Linux, with this machine's gcc and its libraries for -m32; the kernel runs the programs.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER gcc)
set(CMAKE_CXX_COMPILER g++)
include(${CMAKE_CURRENT_LIST_DIR}/hosted_cross.cmake)

# <asm/...> stands with the headers of the 64-bit system: the package gcc-multilib, which links it to
# where -m32 looks, cannot be installed beside a cross compiler.
foreach(language C CXX)
  set(CMAKE_${language}_FLAGS_INIT "-m32 -idirafter /usr/include/x86_64-linux-gnu")
endforeach()
