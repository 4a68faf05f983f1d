# Header-only dependencies: where Debian's packages (libstb-dev, libsimde-dev), Homebrew or
# CMAKE_PREFIX_PATH have them, otherwise fetched, pinned by commit. -DFLECK_stb_DIR=DIR and
# -DFLECK_simde_DIR=DIR name folders that hold stb_image.h and simde/wasm/simd128.h.
# The headers that we use are copied into the build tree, so that no compiler,
# Emscripten's least of all, ever sees the host's include folder.
#
#   fleck_stb, fleck_simde   interface targets
include(FetchContent)

function(fleck_header_package name header repository commit)
  find_path(FLECK_${name}_DIR ${header} PATHS ${CMAKE_PREFIX_PATH} /usr /usr/local /opt/homebrew
    PATH_SUFFIXES include/stb include NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
  if(FLECK_${name}_DIR)
    set(from ${FLECK_${name}_DIR})
  else()
    message(STATUS "${header} is not installed: fetching ${repository}")
    # A CMakeLists.txt of its own would be none of our affair.
    FetchContent_Declare(${name} GIT_REPOSITORY ${repository} GIT_TAG ${commit} SOURCE_SUBDIR none)
    FetchContent_MakeAvailable(${name})
    set(from ${${name}_SOURCE_DIR})
  endif()
  set(into ${PROJECT_BINARY_DIR}/headers/${name})
  foreach(item ${ARGN})
    file(COPY ${from}/${item} DESTINATION ${into})
  endforeach()
  add_library(fleck_${name} INTERFACE)
  target_include_directories(fleck_${name} SYSTEM INTERFACE ${into})
endfunction()

fleck_header_package(stb stb_image.h https://github.com/nothings/stb
  8b5f1f37b5b75829fc72d38e7b5d4bcbf8a26d55 stb_image.h stb_image_write.h)
if(NOT EMSCRIPTEN)
  fleck_header_package(simde simde/wasm/simd128.h https://github.com/simd-everywhere/simde
    fefc7857ff3e785b988a61a8f5f3c5bd5eb24342 simde)
endif()
