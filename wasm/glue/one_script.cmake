# cmake -DGLUE=FILE -DTHREAD=FILE -P one_script.cmake
#
# Emscripten before 3.1.58 starts threads from a second script, THREAD. Appended to the module's
# own, GLUE, as later versions have it, there is one file that bundlers and other origins serve.
# A thread that imported it again would, in WebKit, run it a second time: it uses what is there.
file(READ ${GLUE} glue)
file(READ ${THREAD} thread)

# Replaces what stands once in a variable; stops where it does not.
function(replace variable old new)
  string(FIND "${${variable}}" "${old}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${GLUE}: the ${variable} has no ${old}")
  endif()
  string(REPLACE "${old}" "${new}" text "${${variable}}")
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

get_filename_component(name ${GLUE} NAME)
replace(glue "new Worker(pthreadMainJs)"
  "new Worker(pthreadMainJs,{type:\"module\",name:\"em-pthread\"})")
replace(thread "(e.data.urlOrBlob?import(e.data.urlOrBlob):import(\"./${name}\")).then(function(exports){return exports.default(Module)})"
  "create(Module)")
file(WRITE ${GLUE} "${glue}\nif(globalThis.name===\"em-pthread\"){const create=Module;${thread}}\n")
