# Finds the kernels. A kernel is kernels/<domain>/<name>.metal; its record is `ingot::kernels::<name>`, defined in
# <name>.cpp beside it, its public function is declared in <name>.hpp. Nothing else lists kernels: this makes the catalogue
# and the header <ingot/ops.hpp> from the folders.
function(ingot_add_kernels target)
  set(root ${PROJECT_SOURCE_DIR}/kernels)
  file(GLOB shaders CONFIGURE_DEPENDS ${root}/*/*.metal)
  file(GLOB shader_headers CONFIGURE_DEPENDS ${root}/include/ingot/*.h ${root}/*/*.h)
  file(GLOB sources CONFIGURE_DEPENDS ${root}/*/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER shader_headers EXCLUDE REGEX "-inl\\.h$")
  file(GLOB headers CONFIGURE_DEPENDS ${root}/*/*.hpp)

  set(declarations "")
  set(pointers "")
  set(includes "")
  set(public_headers "")
  foreach(shader IN LISTS shaders)
    cmake_path(GET shader STEM name)
    cmake_path(REMOVE_EXTENSION shader OUTPUT_VARIABLE stem)
    string(APPEND declarations "extern const KernelRecord ${name};\n")
    string(APPEND pointers "    &kernels::${name},\n")
    if(EXISTS ${stem}.hpp)
      string(APPEND includes "#include \"ingot/ops/${name}.hpp\"\n")
      list(APPEND public_headers ${stem}.hpp)
    endif()
  endforeach()

  set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(CONFIGURE OUTPUT ${generated}/records.cpp CONTENT
"// Generated from kernels/*/*.metal.
#include <span>

#include \"runtime/record.hpp\"

namespace ingot {
namespace kernels {
${declarations}}  // namespace kernels

std::span<const KernelRecord* const> generated_records() {
  static constexpr const KernelRecord* kRecords[] = {
${pointers}  };
  return kRecords;
}

}  // namespace ingot
" @ONLY)
  file(CONFIGURE OUTPUT ${generated}/include/ingot/ops.hpp CONTENT
"// All operations. Generated from kernels/*/*.hpp.
#pragma once

${includes}" @ONLY)
  foreach(header IN LISTS public_headers)
    cmake_path(GET header FILENAME file)
    configure_file(${header} ${generated}/include/ingot/ops/${file} COPYONLY)
  endforeach()

  # CPU twins are compiled once per instruction set; three levels of x86 serve all processors of the last ten years and a
  # baseline below. Debug and sanitizer builds take the baseline only.
  target_compile_options(
    ${target} PRIVATE "$<IF:$<CONFIG:Release>,-DHWY_DISABLED_TARGETS=(HWY_SSSE3|HWY_SSE4|HWY_AVX3_DL),-DHWY_COMPILE_ONLY_STATIC>")
  target_sources(${target} PRIVATE ${sources} ${generated}/records.cpp)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${generated}/include>)
  ingot_embed(${target} shaders BASE ${root} FILES ${shaders} ${shader_headers})
  install(DIRECTORY ${generated}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endfunction()
