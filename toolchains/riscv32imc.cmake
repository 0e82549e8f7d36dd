# SPDX-License-Identifier: MIT
# RISC-V RV32IMC: no atomic instructions. See riscv32.cmake for -misa-spec.
set(ACRE_RISCV_MARCH rv32imc)
include(${CMAKE_CURRENT_LIST_DIR}/riscv32.cmake)
set(ACRE_TOOLCHAIN_CPU riscv32imc)
