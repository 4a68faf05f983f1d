# Decoders of the system that the command line tool uses where they are installed: Debian's
# libwebp-dev and libheif-dev. -DFLECK_WEBP=OFF and -DFLECK_HEIF=OFF build without them. The
# library, its tests and WebAssembly know nothing of them.
#
#   fleck_decoders      interface target: the libraries found, and a definition FLECK_<option> of each
#   fleck_no_decoders   sources for those that are not there, or off
option(FLECK_WEBP "Read WebP photos by libwebp, where it is installed" ON)
option(FLECK_HEIF "Read HEIC and AVIF photos by libheif, where it is installed" ON)

add_library(fleck_decoders INTERFACE)
set(fleck_no_decoders)

# A header and the libraries that belong to it; package is what Debian calls them.
function(fleck_decoder name source kinds package header)
  set(said)
  if(NOT FLECK_${name})
    set(said "no, FLECK_${name} is off")
  else()
    find_path(FLECK_${name}_INCLUDE ${header})
    set(libraries)
    foreach(library ${ARGN})
      find_library(FLECK_${library}_LIBRARY ${library})
      mark_as_advanced(FLECK_${name}_INCLUDE FLECK_${library}_LIBRARY)
      list(APPEND libraries ${FLECK_${library}_LIBRARY})
    endforeach()
    foreach(found ${FLECK_${name}_INCLUDE} ${libraries})
      if(NOT found)
        set(said "no, it is not installed (Debian: ${package})")
      endif()
    endforeach()
  endif()
  if(said)
    set(fleck_no_decoders ${fleck_no_decoders} ${source} PARENT_SCOPE)
  else()
    set(said "yes")
    target_include_directories(fleck_decoders SYSTEM INTERFACE ${FLECK_${name}_INCLUDE})
    target_link_libraries(fleck_decoders INTERFACE ${libraries})
    target_compile_definitions(fleck_decoders INTERFACE FLECK_${name})
  endif()
  message(STATUS "fleck reads ${kinds}: ${said}")
endfunction()

fleck_decoder(WEBP webp.c "WebP by libwebp" libwebp-dev webp/demux.h webp webpdemux)
fleck_decoder(HEIF heif.c "HEIC and AVIF by libheif" libheif-dev libheif/heif.h heif)
