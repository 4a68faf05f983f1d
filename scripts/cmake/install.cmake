# cmake --install, whole or by component:
#
#   library       libfleck.so for programs that are linked with it
#   development   headers, libfleck.a, what find_package and pkg-config ask for, and the backbone
#   cli           the command line tool, its manual page and completions, and the backbone
#
# All of it may be moved together: nothing knows its prefix.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(components library development)
if(TARGET fleck)
  list(APPEND components cli)
endif()
foreach(component ${components})
  install(FILES LICENSE THIRD-PARTY.txt DESTINATION ${CMAKE_INSTALL_DOCDIR}
    COMPONENT ${component})
endforeach()

# ---- the library ----

set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/fleck)
set(targets fleck_static)
if(TARGET fleck_shared)
  list(APPEND targets fleck_shared)
endif()
install(TARGETS ${targets} EXPORT fleckTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT library
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES src/fleck.h src/base/types.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/fleck
  COMPONENT development)
install(EXPORT fleckTargets NAMESPACE fleck:: DESTINATION ${cmake_dir} COMPONENT development)
# Beside the command line tool, which looks for it there.
foreach(component development cli)
  install(FILES models/fleck-tiny.safetensors DESTINATION share/fleck COMPONENT ${component})
endforeach()

configure_package_config_file(scripts/cmake/fleckConfig.cmake.in fleckConfig.cmake
  INSTALL_DESTINATION ${cmake_dir})
# Before 1.0 a minor version may break what an earlier one had, as SOVERSION says.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/fleckConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)

set(pkgconfig_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH prefix ${pkgconfig_dir} ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH libdir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH includedir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(scripts/cmake/fleck.pc.in fleck.pc @ONLY)

install(FILES ${PROJECT_BINARY_DIR}/fleckConfig.cmake ${PROJECT_BINARY_DIR}/fleckConfigVersion.cmake
  DESTINATION ${cmake_dir} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/fleck.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT development)

# ---- the command line tool ----

if(TARGET fleck)
  install(TARGETS fleck RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cli)
  set(pages src/cli/pages) # made by scripts/pages.mjs
  install(FILES ${pages}/fleck.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT cli)
  install(FILES ${pages}/fleck.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    COMPONENT cli RENAME fleck)
  install(FILES ${pages}/_fleck DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
    COMPONENT cli)
  install(FILES ${pages}/fleck.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
    COMPONENT cli)
endif()
