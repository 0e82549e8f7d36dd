# SPDX-License-Identifier: MIT
# Windows with mingw-w64, of the CPU in CMAKE_SYSTEM_PROCESSOR. The variant with POSIX threads, because the
# other one of GCC 12 has no std::thread. Included by the toolchain files.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_C_COMPILER ${CMAKE_SYSTEM_PROCESSOR}-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER ${CMAKE_SYSTEM_PROCESSOR}-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER ${CMAKE_SYSTEM_PROCESSOR}-w64-mingw32-windres)
set(CMAKE_FIND_ROOT_PATH /usr/${CMAKE_SYSTEM_PROCESSOR}-w64-mingw32)
include(${CMAKE_CURRENT_LIST_DIR}/hosted_cross.cmake)

# The compiler's libraries are part of each program and DLL, so that it runs wherever it is copied to.
foreach(kind IN ITEMS EXE SHARED MODULE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT -static)
endforeach()
