# fleck_folder(FOLDER [USES FOLDER...] [WITHIN FOLDER...]
#              [HOT FILE...] [NATIVE FILE...] [WASM FILE...] [WITHOUT FILE...] [INNER HEADER...])
#
# Makes the static library fleck_FOLDER of the sources in src/FOLDER. Includes are flat, and
# a header is found in three places: the folder itself, the folders that it USES, and those
# that these use. Folders that only its sources use, not its headers, stand behind WITHIN:
# who uses this folder does not see them. Anything else is not found: the arrows between
# folders, which src/README.md draws, are those that stand in src/CMakeLists.txt, and all lead
# to folders above them there, so that none leads back.
#
# The folder "fleck" is src/ itself: fleck.h, the door, and what makes it up.
#
# Every header is compiled alone, too, INNER ones with all that the folder's sources see: they are
# for these only, and include what nobody else finds. For WebAssembly
#   - there is a twin, fleck_FOLDER_threads, compiled for shared memory, and
#   - the download counts more than speed outside the HOT files: they keep -O3, the others
#     are compiled with -Oz.
# NATIVE files are left out of WebAssembly, WASM ones of everything else, those behind WITHOUT of
# this build.
function(fleck_folder folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;WITHIN;HOT;NATIVE;WASM;WITHOUT;INNER")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "fleck_folder(${folder}): what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  foreach(used ${arg_USES} ${arg_WITHIN})
    string(REPLACE / _ name fleck_${used})
    if(NOT TARGET ${name})
      message(FATAL_ERROR "fleck_folder(${folder}): ${used} has to stand above it")
    endif()
  endforeach()
  set(path ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
  if(folder STREQUAL "fleck")
    set(path ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${path}/*.c)
  file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${path} ${path}/*.h)
  set(others ${arg_WASM})
  if(EMSCRIPTEN)
    set(others ${arg_NATIVE})
  endif()
  list(APPEND others ${arg_WITHOUT})
  list(TRANSFORM others PREPEND ${path}/)
  list(REMOVE_ITEM sources ${others} "")
  set(twins plain)
  if(EMSCRIPTEN)
    set(twins plain threads)
    set(small ${sources})
    list(TRANSFORM arg_HOT PREPEND ${path}/)
    list(REMOVE_ITEM small ${arg_HOT} "")
    set_property(SOURCE ${small} APPEND PROPERTY COMPILE_OPTIONS -Oz)
  endif()

  foreach(twin ${twins})
    set(end)
    if(twin STREQUAL "threads")
      set(end _threads)
    endif()
    string(REPLACE / _ name fleck_${folder}${end})
    add_library(${name} STATIC ${sources})
    # Not for <...>: the C library has a features.h of its own.
    target_compile_options(${name} PUBLIC "SHELL:-iquote ${path}")
    target_link_libraries(${name} PUBLIC fleck_flags)
    if(NOT EMSCRIPTEN)
      # Parts of the shared library; what fleck.h declares is visible all the same.
      set_target_properties(${name} PROPERTIES
        POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
    endif()
    if(end)
      target_compile_options(${name} PUBLIC -pthread)
    endif()
    foreach(used ${arg_USES})
      string(REPLACE / _ used fleck_${used}${end})
      target_link_libraries(${name} PUBLIC ${used})
    endforeach()
    foreach(used ${arg_WITHIN})
      string(REPLACE / _ used fleck_${used}${end})
      target_link_libraries(${name} PRIVATE ${used})
    endforeach()
  endforeach()

  if(headers AND FLECK_BUILD_TESTS AND NOT CMAKE_CROSSCOMPILING)
    string(REPLACE ";" "|" inner "${arg_INNER}")
    if(NOT inner)
      set(inner "-") # no header is called so
    endif()
    set(alone)
    foreach(header ${headers})
      set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${folder}/${header}.c)
      file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\ntypedef int alone;\n")
      list(APPEND alone ${source})
    endforeach()
    string(REPLACE / _ name fleck_${folder})
    set(within ${alone})
    list(FILTER alone EXCLUDE REGEX "/(${inner})\\.c$")
    list(FILTER within INCLUDE REGEX "/(${inner})\\.c$")
    add_library(${name}_headers OBJECT ${alone})
    target_link_libraries(${name}_headers PRIVATE ${name})
    if(within)
      add_library(${name}_inner OBJECT ${within})
      target_link_libraries(${name}_inner PRIVATE ${name})
      foreach(used ${arg_WITHIN})
        string(REPLACE / _ used fleck_${used})
        target_link_libraries(${name}_inner PRIVATE ${used})
      endforeach()
    endif()
  endif()
endfunction()

# fleck_sources_of(FOLDER TARGET FILE...): compiles single files of src/FOLDER, which is no
# library in every preset, into TARGET.
function(fleck_sources_of folder target)
  set(path ${PROJECT_SOURCE_DIR}/src/${folder})
  list(TRANSFORM ARGN PREPEND ${path}/)
  target_sources(${target} PRIVATE ${ARGN})
  target_compile_options(${target} PRIVATE "SHELL:-iquote ${path}")
endfunction()
