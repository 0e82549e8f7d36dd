# SPDX-License-Identifier: MIT
# acre_warnings: the warnings that acre's own targets are compiled with. It is linked PRIVATE, so that
# a product's code never sees them; and they are errors only where acre is the project that is built.
option(ACRE_WERROR "Warnings of acre's own targets are errors" ${PROJECT_IS_TOP_LEVEL})

set(ACRE_WARNING_FLAGS -Wall -Wextra -Wconversion -Wshadow -Wundef)
if(MINGW AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes what lies at a small offset in the thread's segment, such as the current fiber, for something
  # at a small address, and warns that nothing can be there.
  list(APPEND ACRE_WARNING_FLAGS --param=min-pagesize=0)
endif()
if(ACRE_WERROR)
  list(APPEND ACRE_WARNING_FLAGS -Werror)
endif()

add_library(acre_warnings INTERFACE)
target_compile_options(acre_warnings INTERFACE
                       "$<$<COMPILE_LANGUAGE:C,CXX>:${ACRE_WARNING_FLAGS}>")
