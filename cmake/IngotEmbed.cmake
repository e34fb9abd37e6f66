# ingot_embed(<target> <symbol> BASE <dir> FILES <file>...)
# Compiles the files' text into <target> as `const std::span<const ingot::EmbeddedFile> ingot::embedded::<symbol>`,
# each under its path relative to <dir>. See src/core/embedded.hpp.
function(ingot_embed target symbol)
  cmake_parse_arguments(ARG "" "BASE" "FILES" ${ARGN})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.cpp)
  set(list_file ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.txt)
  list(JOIN ARG_FILES "\n" lines)
  file(CONFIGURE OUTPUT ${list_file} CONTENT "${lines}")
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DSYMBOL=${symbol} -DBASE=${ARG_BASE} -DLIST=${list_file} -DOUTPUT=${output}
            -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/write_embedded.cmake
    DEPENDS ${ARG_FILES} ${list_file} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/write_embedded.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
