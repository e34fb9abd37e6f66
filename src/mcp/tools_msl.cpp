// msl_check, msl_translate: Metal sources.
#include <fstream>
#include <optional>

#include "ingot/error.hpp"

#include "core/read_file.hpp"
#include "mcp/includes.hpp"
#include "mcp/schema.hpp"
#include "mcp/tools.hpp"

namespace ingot::mcp {
namespace fs = std::filesystem;
namespace {

constexpr int kMostSource = 512 * 1024;  // bytes

// Properties that both tools have.
const Property kSource = {
    "source",
    {{"type", "string"}, {"maxLength", kMostSource}, {"description", "the Metal source itself"}}};
const Property kFile = {"file", value_of("string", "instead of source: a file below a root")};
const Property kDefines = {"defines",
                           array_of(value_of("string", "NAME or NAME=VALUE"), "macros", 64)};
const Property kConstants = {
    "constants", array_of(value_of("string", "INDEX=TYPE:VALUE"), "function constants", 64)};

// A Metal source as a file with a directory to compile it in.
class SourceFile {
 public:
  SourceFile(const Environment& environment, const Json& arguments) {
    if (arguments.contains("source") == arguments.contains("file")) {
      throw Error(ErrorCode::kInvalidArgument, "arguments", "give either source or file");
    }
    if (arguments.contains("file")) {
      path_ = environment.roots.readable(arguments["file"].get<std::string>());
      if (fs::file_size(path_) > kMostSource) {
        throw Error(
            ErrorCode::kInvalidArgument, path_.filename().string(), "is larger than 512 KiB");
      }
      check_includes(read_file(path_).value_or(""), path_, [&](const fs::path& real) {
        return environment.roots.contains(real);
      });
      return;
    }
    path_ = scratch_.emplace().path() / "source.metal";
    const auto& text = arguments["source"].get_ref<const std::string&>();
    std::ofstream(path_, std::ios::binary) << text;
    check_includes(
        text, path_, [&](const fs::path& real) { return real.parent_path() == scratch_->path(); });
  }

  std::string directory() const { return path_.parent_path().string(); }
  // Behind ./ no name is taken for an option.
  std::string name() const { return "./" + path_.filename().string(); }

 private:
  std::optional<ScratchDirectory> scratch_;
  fs::path path_;
};

void add_source_options(const Json& arguments, std::vector<std::string>& line) {
  for (const Json& define : arguments.value("defines", Json::array())) {
    line.push_back(option("define", define.get<std::string>()));
  }
  for (const Json& constant : arguments.value("constants", Json::array())) {
    line.push_back(option("constant", constant.get<std::string>()));
  }
}

Json place() {
  return object_of({{"file", value_of("string", "file"), true},
                    {"line", value_of("integer", "from 1; 0: the whole file"), true},
                    {"column", value_of("integer", "from 1; 0: the whole line"), true},
                    {"message", value_of("string", "what is wrong"), true}});
}

Json report_schema() {
  Json schema = place();
  const auto add = [&](const char* name, Json property) {
    schema["properties"][name] = std::move(property);
    schema["required"].push_back(name);
  };
  add("severity", one_of({"error", "warning", "advice"}, "severity"));
  add("rule", value_of("string", "name of the rule"));
  add("details", array_of(value_of("string", "line"), "more of the message"));
  add("notes", array_of(place(), "other places that matter"));
  add("remedy", value_of("string", "what to do"));
  return schema;
}

}  // namespace

Tool msl_check(const Environment& environment) {
  return {.name = "msl_check",
          .title = "Check a Metal source",
          .description =
              "Compiles every kernel of a Metal source, on any machine, without running it, and "
              "says with file, line and column what is wrong; strict also reports what only "
              "Apple's compiler refuses. No report: the source is fine.",
          .input_schema = object_of({kSource,
                                     kFile,
                                     {"strict", value_of("boolean", "as Apple's compiler")},
                                     kDefines,
                                     kConstants}),
          .output_schema = object_of({{"files", value_of("integer", "files checked"), true},
                                      {"kernels", value_of("integer", "kernels compiled"), true},
                                      {"reports", array_of(report_schema(), "by place"), true}}),
          .call = [&environment](const Json& arguments, const std::stop_token& stop) {
            const SourceFile source(environment, arguments);
            std::vector<std::string> line = {"msl", "check", "--json"};
            if (arguments.value("strict", false)) {
              line.emplace_back("--strict");
            }
            add_source_options(arguments, line);
            line.push_back(source.name());
            return run_command(environment, std::move(line), stop, source.directory());
          }};
}

Tool msl_translate(const Environment& environment) {
  return {.name = "msl_translate",
          .title = "Translate a Metal source",
          .description = "Writes a Metal source as the source of another language, line by line.",
          .input_schema = object_of(
              {kSource,
               kFile,
               {"to", one_of({"host", "cuda"}, "host, the default, is the C++ of softmetal")},
               {"kernel", value_of("string", "write an entry for this kernel")},
               kDefines,
               kConstants}),
          .output_schema = object_of({{"file", value_of("string", "file"), true},
                                      {"target", value_of("string", "language"), true},
                                      {"text", value_of("string", "the translation"), true}}),
          .call = [&environment](const Json& arguments, const std::stop_token& stop) {
            const SourceFile source(environment, arguments);
            std::vector<std::string> line = {
                "msl", "translate", "--json", option("to", arguments.value("to", "host"))};
            if (arguments.contains("kernel")) {
              line.push_back(option("kernel", arguments["kernel"].get<std::string>()));
            }
            add_source_options(arguments, line);
            line.push_back(source.name());
            return run_command(environment, std::move(line), stop, source.directory());
          }};
}

}  // namespace ingot::mcp
