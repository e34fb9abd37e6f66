# Gives <target> the CUDA backend. It opens the driver and NVRTC when it runs, so neither is needed to build it.
option(INGOT_CUDA "Build the CUDA backend" ON)

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
  set_property(SOURCE ${folder}/preprocess.cpp APPEND PROPERTY INCLUDE_DIRECTORIES ${Boost_INCLUDE_DIRS})
  file(GLOB_RECURSE shim CONFIGURE_DEPENDS ${folder}/shim/*)
  ingot_embed(${target} cuda_shim BASE ${folder}/shim FILES ${shim})
endfunction()
