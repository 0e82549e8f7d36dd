# SPDX-License-Identifier: MIT
# What cpack makes of an installation: an archive (TGZ), and two packages for Debian (DEB): what programs run with,
# and what they are built with. ./acre package makes them of a static and a shared build.
set(ACRE_PACKAGE_CONTACT "acre contributors <acre@acre.invalid>" CACHE STRING
    "Who answers for packages of acre: a name and a mail address")
set(ACRE_PACKAGE_WITH "" CACHE PATH "Another build of acre, whose libraries go into the same packages")

set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};${PROJECT_NAME};ALL;/")
if(ACRE_PACKAGE_WITH)
  list(PREPEND CPACK_INSTALL_CMAKE_PROJECTS "${ACRE_PACKAGE_WITH}" ${PROJECT_NAME} ALL /)
endif()
set(CPACK_PACKAGE_NAME acre)
set(CPACK_PACKAGE_VENDOR "acre contributors")
set(CPACK_PACKAGE_CONTACT "${ACRE_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "memory from regions that you own, from Cortex-M0 to the desktop")
set(CPACK_RESOURCE_FILE_LICENSE "${CMAKE_CURRENT_SOURCE_DIR}/LICENSE")
set(CPACK_SYSTEM_NAME "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_GENERATOR TGZ)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_SOURCE_DIR}/tools/cmake/package/staged.cmake")

# The libraries' package is named for the binary interface, so that two of them can be installed at a time.
function(acre_debian_packages)
  set(runtime libacre${acre_abi_version})
  set(about "A set of memory allocators in C++20, with an interface for C: pool,
lock-free pool, arena, stack, buddy, slab and heap, each over memory
that the program owns.
.
")
  set(control "${CMAKE_CURRENT_BINARY_DIR}/package")
  foreach(library IN ITEMS core port)
    list(APPEND shlibs "libacre_${library} ${acre_abi_version} ${runtime} (>= ${PROJECT_VERSION})\n")
  endforeach()
  list(JOIN shlibs "" shlibs)
  file(CONFIGURE OUTPUT "${control}/shlibs" CONTENT "${shlibs}")
  file(CONFIGURE OUTPUT "${control}/triggers" CONTENT "activate-noawait ldconfig\n")

  set(CPACK_DEB_COMPONENT_INSTALL ON PARENT_SCOPE)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT PARENT_SCOPE)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${runtime} PARENT_SCOPE)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs PARENT_SCOPE)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON PARENT_SCOPE)
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA "${control}/shlibs" "${control}/triggers" PARENT_SCOPE)
  set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "${about}This package has the shared libraries." PARENT_SCOPE)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libacre-dev PARENT_SCOPE)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel PARENT_SCOPE)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${runtime} (= ${PROJECT_VERSION})" PARENT_SCOPE)
  set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "${about}This package has what programs are built with: headers,
static libraries, and the files for CMake and pkg-config." PARENT_SCOPE)
endfunction()

acre_debian_packages()
include(CPack)
