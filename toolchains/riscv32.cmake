# SPDX-License-Identifier: MIT
# RISC-V RV32IMAC, with the bare-metal compiler that Debian builds for both 32 and 64 bits.
#
# -misa-spec=2.2 keeps the CSR instructions inside plain "i". Spelling them "rv32imac_zicsr" instead
# matches no multilib, and GCC then links the 64-bit libgcc without a word.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)

if(NOT ACRE_RISCV_MARCH)
  set(ACRE_RISCV_MARCH rv32imac)
endif()
set(ACRE_TOOLCHAIN_CPU riscv32)
set(ACRE_CPU_FLAGS "-march=${ACRE_RISCV_MARCH} -misa-spec=2.2 -mabi=ilp32")

set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_CXX_COMPILER riscv64-unknown-elf-g++)
set(CMAKE_ASM_COMPILER riscv64-unknown-elf-gcc)

include(${CMAKE_CURRENT_LIST_DIR}/bare_metal.cmake)
