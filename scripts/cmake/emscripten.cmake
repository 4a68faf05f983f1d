# Toolchain file of the wasm preset. An Emscripten that is active (emsdk) is
# used as it is; Debian's needs the settings below, which travel with each
# compiler call, so that building needs no prepared shell.
#
#   FLECK_WASM_LINK   optimisation of the link: -O2, and Binaryen once more for size
#                     (1 KB less to download, no slower), where a Binaryen that
#                     knows today's SIMD is there (npm's), otherwise -O1, which
#                     calls no Binaryen program
find_program(FLECK_EMCC emcc)
if(NOT FLECK_EMCC)
  message(FATAL_ERROR "emcc is missing: install Debian's emscripten package or activate an emsdk")
endif()
file(REAL_PATH ${FLECK_EMCC} fleck_emcc)
get_filename_component(fleck_emscripten ${fleck_emcc} DIRECTORY)

set(FLECK_WASM_LINK -O2 -sBINARYEN_EXTRA_PASSES=-Oz)
if(fleck_emscripten STREQUAL "/usr/share/emscripten")
  if(NOT EXISTS /usr/lib/llvm-19/bin/wasm-ld)
    message(FATAL_ERROR "Debian's Emscripten needs LLVM 19 here: install clang-19, lld-19 and llvm-19")
  endif()
  set(fleck_environment
    EM_CONFIG=${CMAKE_CURRENT_LIST_DIR}/emscripten-debian.cfg
    EMCC_READ_METADATA=python
    NODE_PATH=/usr/share/nodejs)
  get_filename_component(fleck_binaryen ${CMAKE_CURRENT_LIST_DIR}/../../node_modules/binaryen
    ABSOLUTE)
  if(EXISTS ${fleck_binaryen}/bin/wasm-opt)
    # Debian's emcc takes wasm-opt from PATH, whatever BINARYEN_ROOT says.
    list(APPEND fleck_environment FLECK_BINARYEN=${fleck_binaryen}
      PATH=${fleck_binaryen}/bin:$ENV{PATH})
  else()
    set(FLECK_WASM_LINK -O1)
  endif()
  foreach(setting ${fleck_environment})
    string(REGEX MATCH "^([^=]+)=(.*)$" matched ${setting})
    set(ENV{${CMAKE_MATCH_1}} ${CMAKE_MATCH_2})
  endforeach()
  set(CMAKE_C_COMPILER_LAUNCHER env ${fleck_environment})
  set(CMAKE_C_LINKER_LAUNCHER env ${fleck_environment})
endif()

include(${fleck_emscripten}/cmake/Modules/Platform/Emscripten.cmake)

# Tests run in node; its fetch() would be taken for a browser's.
find_program(FLECK_NODE node)
if(FLECK_NODE)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${FLECK_NODE} --no-experimental-fetch)
endif()
