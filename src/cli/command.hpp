// The commands of the program, and what those that run kernels share.
#pragma once

#include <string>

#include "ingot/tensor.hpp"

#include "core/host_array.hpp"
#include "program/command.hpp"
#include "runtime/value.hpp"

namespace ingot::cli {

/// init_backend, with a note on standard error where the device has something to say.
Backend open_backend(DeviceChoice device);

/// The data of a finished tensor, in place where the host can see it.
HostArray to_host(const Tensor& tensor);

// One function per command; each sets the callback that does the work.
void add_kernels(CLI::App& app, Common& common);
void add_pipeline(CLI::App& app, Common& common);
void add_run(CLI::App& app, Common& common);
void add_select(CLI::App& app, Common& common);
void add_devices(CLI::App& app, Common& common);
void add_bench(CLI::App& app, Common& common);
void add_health(CLI::App& app, Common& common);
void add_init(CLI::App& app, Common& common);
void add_check(CLI::App& app, Common& common);
void add_mcp(CLI::App& app, Common& common);
void add_watch(CLI::App& app, Common& common);
void add_doctor(CLI::App& app, Common& common);
void add_msl(CLI::App& app, Common& common);  // where there is softmetal
void add_route(CLI::App& app, Common& common);
void add_prices(CLI::App& app, Common& common);
void add_estimate(CLI::App& app, Common& common);
void add_calibrate(CLI::App& app, Common& common);
void add_version(CLI::App& app, Common& common);

/// Placeholders of option values in --help. The shell completion offers the values that they stand
/// for.
inline constexpr const char* kKernelValue = "KERNEL";
inline constexpr const char* kDeviceValue = "DEVICE";
inline constexpr const char* kDomainValue = "DOMAIN";
inline constexpr const char* kProfileValue = "PROFILE";
inline constexpr const char* kPipelineValue = "PIPELINE";
inline constexpr const char* kOperationValue = "OPERATION";

/// What --help says of every --device.
inline constexpr const char* kDeviceHelp =
    "auto, cpu, metal, cuda, cuda:1 (a second GPU) or softmetal";

Json json_of(const Value& value);
/// A parameter's value as the command line takes it.
std::string to_text(const Value& value);

}  // namespace ingot::cli
