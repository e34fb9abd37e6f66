# Finds the pipelines. src/pipelines/<name>_pipeline.cpp defines the record `ingot::pipeline_records::<name>`; nothing else lists
# pipelines: this makes the list from the files.
function(ingot_add_pipelines target)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/pipelines/*_pipeline.cpp)
  set(declarations "")
  set(pointers "")
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    string(REGEX REPLACE "_pipeline$" "" name ${name})
    string(APPEND declarations "extern const PipelineRecord ${name};\n")
    string(APPEND pointers "    &pipeline_records::${name},\n")
  endforeach()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated/pipelines.cpp)
  file(CONFIGURE OUTPUT ${generated} CONTENT
"// Generated from src/pipelines/*_pipeline.cpp.
#include \"pipelines/pipeline.hpp\"

namespace ingot {
namespace pipeline_records {
${declarations}}  // namespace pipeline_records

std::span<const PipelineRecord* const> all_pipelines() {
  static constexpr const PipelineRecord* kRecords[] = {
${pointers}  };
  return kRecords;
}

}  // namespace ingot
" @ONLY)
  target_sources(${target} PRIVATE ${generated})
endfunction()
