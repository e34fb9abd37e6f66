# Gives <target> the CUDA backend. It opens the driver and NVRTC when it runs, so neither is needed to build it.
option(INGOT_CUDA "Build the CUDA backend" ON)
set(INGOT_CUDA_ARCHS "" CACHE STRING "Compute capabilities to compile the catalogue for when building, as 90;100 (needs NVRTC)")

function(ingot_add_cuda target)
  if(APPLE OR NOT INGOT_CUDA)
    return()
  endif()
  find_package(Boost 1.74 REQUIRED COMPONENTS wave)
  set(folder ${PROJECT_SOURCE_DIR}/src/backends/cuda)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  target_sources(${target} PRIVATE ${sources})
  set_property(SOURCE ${PROJECT_SOURCE_DIR}/src/backends/device.cpp APPEND PROPERTY COMPILE_DEFINITIONS INGOT_HAS_CUDA=1)
  # The headers are for one file; the rest of the library is compiled without Boost's definitions.
  target_link_libraries(${target} PRIVATE $<LINK_ONLY:Boost::wave>)
  set(boost_headers ${Boost_INCLUDE_DIRS})
  list(REMOVE_ITEM boost_headers ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES})
  set_property(SOURCE ${folder}/preprocess.cpp APPEND PROPERTY INCLUDE_DIRECTORIES ${boost_headers})
  file(GLOB_RECURSE shim CONFIGURE_DEPENDS ${folder}/shim/*)
  ingot_embed(${target} cuda_shim BASE ${folder}/shim FILES ${shim})
  # What another version of the translation has compiled is not to be taken from the cache.
  file(GLOB translator CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/msl/*.[ch]pp)
  list(APPEND translator ${folder}/kernel_compiler.cpp ${folder}/nvrtc.cpp ${folder}/preprocess.cpp)
  set(identity ${CMAKE_CURRENT_BINARY_DIR}/cuda_translator.cpp)
  add_custom_command(
    OUTPUT ${identity}
    COMMAND ${CMAKE_COMMAND} "-DFILES=${translator}" -DOUTPUT=${identity} -P
            ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/write_translator_identity.cmake
    DEPENDS ${translator} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/write_translator_identity.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${identity})
endfunction()

# Compiles the catalogue for INGOT_CUDA_ARCHS and links it into whatever uses <target>, but for the program that does so.
function(ingot_embed_cuda_kernels target)
  if(APPLE OR NOT INGOT_CUDA OR INGOT_CUDA_ARCHS STREQUAL "")
    return()
  endif()
  add_executable(embed_cuda_catalogue ${PROJECT_SOURCE_DIR}/src/embed/embed_cuda_catalogue.cpp)
  set_target_properties(embed_cuda_catalogue PROPERTIES INGOT_WITHOUT_CUDA_KERNELS ON)
  target_include_directories(embed_cuda_catalogue PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  target_link_libraries(embed_cuda_catalogue PRIVATE ${target} ingot_compile fmt::fmt)
  set(pack ${CMAKE_CURRENT_BINARY_DIR}/cuda_kernels.bin)
  add_custom_command(
    OUTPUT ${pack}
    COMMAND embed_cuda_catalogue ${pack} ${CMAKE_CURRENT_BINARY_DIR}/cuda_kernels ${INGOT_CUDA_ARCHS}
    DEPENDS embed_cuda_catalogue
    COMMENT "Compiling the catalogue for compute capability ${INGOT_CUDA_ARCHS}"
    VERBATIM)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/cuda_kernels.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT [[
asm(R"(
  .section .rodata.ingot_cuda_kernels, "a"
  .balign 16
  .global ingot_cuda_kernels_begin
  .global ingot_cuda_kernels_end
ingot_cuda_kernels_begin:
  .incbin "@pack@"
ingot_cuda_kernels_end:
)");
]] @ONLY)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${pack})
  add_library(ingot_cuda_kernels OBJECT ${source})
  install(TARGETS ingot_cuda_kernels EXPORT ingot-targets OBJECTS DESTINATION ${CMAKE_INSTALL_LIBDIR}/ingot)
  target_link_libraries(
    ${target} INTERFACE "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:INGOT_WITHOUT_CUDA_KERNELS>>>:ingot_cuda_kernels>"
                        "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:INGOT_WITHOUT_CUDA_KERNELS>>>:$<TARGET_OBJECTS:ingot_cuda_kernels>>")
endfunction()
