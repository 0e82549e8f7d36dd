# SPDX-License-Identifier: MIT
# 32-bit Arm Linux; programs run under QEMU's emulation of a process.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
set(CMAKE_CXX_COMPILER arm-linux-gnueabihf-g++)
set(CMAKE_FIND_ROOT_PATH /usr/arm-linux-gnueabihf)
include(${CMAKE_CURRENT_LIST_DIR}/hosted_cross.cmake)
set(CMAKE_CXX_FLAGS_INIT -Wno-psabi)  # notes about an ABI change of GCC 7, on the library's own templates
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm-static -L /usr/arm-linux-gnueabihf)
