# SPDX-License-Identifier: MIT
# What `cmake --install` puts where: the libraries, their headers with the configuration, and the files by which
# find_package and pkg-config find them. None of these knows where it lies, so that the tree may be moved.
#
# Static and shared libraries are two builds. They may be installed into one prefix, with one configuration, and
# then stand side by side. Component runtime: what a program needs that is linked already; development: the rest.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(acre_cmake_files "${CMAKE_INSTALL_LIBDIR}/cmake/acre")

function(acre_install_libraries)
  set(kind static)
  get_target_property(type acre_core TYPE)
  if(type STREQUAL "SHARED_LIBRARY")
    set(kind shared)
    if(NOT DEFINED CMAKE_INSTALL_RPATH AND NOT WIN32 AND NOT APPLE)
      set_property(TARGET acre_port PROPERTY INSTALL_RPATH "$ORIGIN")  # acre_core lies beside it
    endif()
  endif()
  install(TARGETS acre_config acre_headers acre_core acre_port EXPORT acre_targets
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT runtime
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT development
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(EXPORT acre_targets FILE acre-${kind}-targets.cmake NAMESPACE acre::
    DESTINATION "${acre_cmake_files}" COMPONENT development)
endfunction()

# Of the ports, the headers of what can be used; those of C do without an operating system.
function(acre_install_headers)
  set(headers "${CMAKE_INSTALL_INCLUDEDIR}")
  install(DIRECTORY core/include/acre DESTINATION "${headers}" COMPONENT development)
  install(FILES "${acre_autoconf}" DESTINATION "${headers}/acre" COMPONENT development)
  if(CONFIG_ACRE_HOSTED)
    install(DIRECTORY port/include/acre/port DESTINATION "${headers}/acre" COMPONENT development)
  endif()
  if(CONFIG_ACRE_PORT_C)
    install(FILES port/include/acre.h DESTINATION "${headers}" COMPONENT development)
    install(DIRECTORY port/include/acre/c DESTINATION "${headers}/acre" COMPONENT development)
  endif()
endfunction()

function(acre_install_cmake_files)
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/package")
  configure_package_config_file(tools/cmake/package/acre-config.cmake.in "${generated}/acre-config.cmake"
    INSTALL_DESTINATION "${acre_cmake_files}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR
    NO_CHECK_REQUIRED_COMPONENTS_MACRO)
  set(compatibility SameMajorVersion)
  if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(compatibility SameMinorVersion)
  endif()
  write_basic_package_version_file("${generated}/acre-config-version.cmake" COMPATIBILITY ${compatibility})
  install(FILES "${generated}/acre-config.cmake" "${generated}/acre-config-version.cmake"
    DESTINATION "${acre_cmake_files}" COMPONENT development)
  install(FILES tools/cmake/autoconf.cmake RENAME acre-autoconf.cmake
    DESTINATION "${acre_cmake_files}" COMPONENT development)
endfunction()

function(acre_install_pc_file)
  # From its directory to the prefix; who has given an absolute directory gets that one.
  file(RELATIVE_PATH up "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
  string(REGEX REPLACE "/$" "" up "${up}")
  foreach(directory IN ITEMS INCLUDEDIR LIBDIR)
    set(${directory} "${CMAKE_INSTALL_${directory}}")
    if(NOT IS_ABSOLUTE "${${directory}}")
      string(PREPEND ${directory} "\${prefix}/")
    endif()
  endforeach()
  set(libraries "-lacre_core")
  get_target_property(type acre_port TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    string(PREPEND libraries "-lacre_port ")
  endif()
  set(private_libraries "")
  if(CONFIG_ACRE_PORT_STD OR CONFIG_ACRE_PORT_THREADS)
    set(private_libraries "-pthread")
  endif()
  configure_file(tools/cmake/package/acre.pc.in "${CMAKE_CURRENT_BINARY_DIR}/package/acre.pc" @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/package/acre.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)
endfunction()

acre_install_libraries()
acre_install_headers()
acre_install_cmake_files()
acre_install_pc_file()
install(FILES README.md CHANGELOG.md LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT development)
