// Reports as a SARIF 2.1.0 log (OASIS, Static Analysis Results Interchange Format), which code
// hosts and editors show beside the source.
#pragma once

#include <string>
#include <vector>

#include "core/output_file.hpp"
#include "softmetal/tool/report.hpp"

namespace softmetal::tool {

/// The log of one run. Files below `folder` are named relative to it, as code hosts want it.
ingot::cli::Json sarif_log(const std::vector<Report>& reports, const std::string& folder);

/// Writes the log, relative to the current folder, and commits the file. Throws ingot::Error(kIo).
void write_sarif(ingot::OutputFile& file, const std::vector<Report>& reports);

}  // namespace softmetal::tool
