# cmake -DGLUE=FILE -DTHREAD=FILE -P one_script.cmake
#
# Emscripten before 3.1.58 starts threads from a second script, THREAD. Appended to the module's
# own, GLUE, as later versions have it, there is one file that bundlers and other origins serve.
file(READ ${GLUE} glue)
file(READ ${THREAD} thread)
set(start "new Worker(pthreadMainJs)")
string(FIND "${glue}" "${start}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${GLUE} starts no thread by ${start}")
endif()
string(REPLACE "${start}" "new Worker(pthreadMainJs,{type:\"module\",name:\"em-pthread\"})" glue
  "${glue}")
file(WRITE ${GLUE} "${glue}\nif(globalThis.name===\"em-pthread\"){${thread}}\n")
