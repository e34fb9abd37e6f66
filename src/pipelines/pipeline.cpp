#include "pipelines/pipeline.hpp"

#include <algorithm>
#include <string>

#include "ingot/error.hpp"

namespace ingot {

std::span<const PipelineRecord* const> all_pipelines();  // generated

std::span<const PipelineRecord* const> pipelines() {
  return all_pipelines();
}

const PipelineRecord& find_pipeline(std::string_view name) {
  std::string names;
  for (const PipelineRecord* record : pipelines()) {
    if (record->name == name) {
      return *record;
    }
    names += (names.empty() ? "" : ", ") + std::string(record->name);
  }
  throw Error(ErrorCode::kNotFound,
              "pipeline",
              "there is no '" + std::string(name) + "'",
              "the pipelines are: " + names);
}

}  // namespace ingot
