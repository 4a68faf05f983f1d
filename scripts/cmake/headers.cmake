# Header-only dependencies: Debian's packages where they are installed
# (libstb-dev, libsimde-dev), otherwise fetched, pinned by commit.
# The headers that we use are copied into the build tree, so that no compiler,
# Emscripten's least of all, ever sees the host's include folder.
#
#   fleck_stb, fleck_simde   interface targets
include(FetchContent)

function(fleck_header_package name header repository commit)
  find_path(FLECK_${name}_DIR ${header} PATHS /usr/include/stb /usr/include /usr/local/include
    NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
  if(FLECK_${name}_DIR)
    set(from ${FLECK_${name}_DIR})
  else()
    message(STATUS "${header} is not installed: fetching ${repository}")
    FetchContent_Declare(${name} GIT_REPOSITORY ${repository} GIT_TAG ${commit})
    FetchContent_GetProperties(${name})
    if(NOT ${name}_POPULATED)
      FetchContent_Populate(${name})
    endif()
    set(from ${${name}_SOURCE_DIR})
  endif()
  set(into ${CMAKE_BINARY_DIR}/headers/${name})
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
