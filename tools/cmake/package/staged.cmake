# SPDX-License-Identifier: MIT
# Runs in cpack, when what goes into a package lies in CPACK_TEMPORARY_DIRECTORY and is not packed yet.
cmake_minimum_required(VERSION 3.25)

# What Debian asks for in the documentation of each package.
function(acre_debian_documentation component)
  string(TOLOWER ${component} directory)
  set(package ${CPACK_DEBIAN_${component}_PACKAGE_NAME})
  set(share "${CPACK_TEMPORARY_DIRECTORY}/${directory}/usr/share")
  if(EXISTS "${share}/doc/acre")
    file(RENAME "${share}/doc/acre" "${share}/doc/${package}")
    file(REMOVE "${share}/doc/${package}/LICENSE")
  endif()
  file(MAKE_DIRECTORY "${share}/doc/${package}")
  file(COPY_FILE "${CPACK_RESOURCE_FILE_LICENSE}" "${share}/doc/${package}/copyright")

  set(when "")
  if(DEFINED ENV{SOURCE_DATE_EPOCH})
    set(when --date=@$ENV{SOURCE_DATE_EPOCH})
  endif()
  execute_process(COMMAND date --utc --rfc-email ${when}
                  OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE "${share}/doc/${package}/changelog" "acre (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium\n\n"
    "  * What has changed: CHANGELOG.md in libacre-dev.\n\n -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  execute_process(COMMAND gzip --best --no-name "${share}/doc/${package}/changelog" COMMAND_ERROR_IS_FATAL ANY)

  if(component STREQUAL "RUNTIME")
    file(WRITE "${share}/lintian/overrides/${package}"
      "# Two libraries that are of no use without each other.\n${package}: package-name-doesnt-match-sonames\n"
      "# CPack writes these scripts, beside the trigger.\n${package}: maintscript-calls-ldconfig\n")
  endif()

  # Whatever the umask is, and the permissions of the sources.
  file(CHMOD_RECURSE "${share}"
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
    DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endfunction()

if(CPACK_GENERATOR STREQUAL "DEB")
  acre_debian_documentation(RUNTIME)
  acre_debian_documentation(DEVELOPMENT)
endif()

# The same sources and the same SOURCE_DATE_EPOCH make the same package.
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND find "${CPACK_TEMPORARY_DIRECTORY}" -exec
                          touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} "{}" +
                  COMMAND_ERROR_IS_FATAL ANY)
endif()
