# cmake -DGLUE=FILE [-DTHREAD=FILE] -P one_script.cmake
#
# Makes a module's own script, GLUE, one that needs nothing beside it. It is given its module, and
# does without the address of one: bundlers would follow it, and a copy of the script (blob:) has no
# place from which it could be told.
#
# Emscripten before 3.1.58 starts threads from a second script, THREAD. Appended to the module's
# own, as later versions have it, there is one file that bundlers and other origins serve.
# A thread that imported it again would, in WebKit, run it a second time: it uses what is there.
#
# Later versions name the script so that bundlers take it for a worker of theirs, and Vite stops at
# its options, which are in a variable. It is the script that engine.js names.
file(READ ${GLUE} glue)

# Replaces what stands once in a variable; stops where it does not.
function(replace variable old new)
  string(FIND "${${variable}}" "${old}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${GLUE}: the ${variable} has no ${old}")
  endif()
  string(REPLACE "${old}" "${new}" text "${${variable}}")
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

# A function for each of C's costs a kilobyte: engine.js takes them from the module. Later versions
# write them otherwise, and there they stay.
string(REGEX REPLACE
  "var _(fleck_[a-z0-9_]+)=Module\\[\"_(fleck_[a-z0-9_]+)\"\\]=function\\(\\){return\\([^;]*;" "" glue
  "${glue}")

get_filename_component(name ${GLUE} NAME)
get_filename_component(module ${GLUE} NAME_WE)
replace(glue "new URL(\"${module}.wasm\",import.meta.url)" "new URL(\"about:blank\")")
if(NOT module MATCHES threads)
  file(WRITE ${GLUE} "${glue}")
  return()
elseif(NOT THREAD)
  replace(glue "new Worker(new URL(\"${name}\",import.meta.url),workerOptions)"
    "new Worker(Module[\"mainScriptUrlOrBlob\"],workerOptions)")
  file(WRITE ${GLUE} "${glue}")
  return()
endif()
file(READ ${THREAD} thread)
replace(glue "new URL(\"${module}.worker.js\",import.meta.url)" "new URL(\"about:blank\")")
replace(glue "new Worker(pthreadMainJs)"
  "new Worker(pthreadMainJs,{type:\"module\",name:\"em-pthread\"})")
replace(thread "(e.data.urlOrBlob?import(e.data.urlOrBlob):import(\"./${name}\")).then(function(exports){return exports.default(Module)})"
  "create(Module)")
file(WRITE ${GLUE} "${glue}\nif(globalThis.name===\"em-pthread\"){const create=Module;${thread}}\n")
