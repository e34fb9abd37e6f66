// Checks what is encoded and turns it into commands.
#include "softmetal/compute_encoder.hpp"

#include <atomic>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "fmt/format.h"

#include "softmetal/checks/findings.hpp"

namespace softmetal {
namespace {

constexpr NS::UInteger kMaxSetBytes = 4096;

std::string to_text(MTL::Size size) {
  return fmt::format("{} x {} x {}", size.width, size.height, size.depth);
}

// The largest grid along one axis whose positions fit uint.
constexpr NS::UInteger kMaxAlong = std::numeric_limits<std::uint32_t>::max();

bool fits(MTL::Size size) {
  return size.width <= kMaxAlong && size.height <= kMaxAlong && size.depth <= kMaxAlong;
}

Extent to_extent(MTL::Size size) {
  return {static_cast<unsigned>(size.width),
          static_cast<unsigned>(size.height),
          static_cast<unsigned>(size.depth)};
}

bool is_empty(const Extent& extent) {
  return extent.x == 0 || extent.y == 0 || extent.z == 0;
}

Failure run_named(const std::string& name, const Dispatch& dispatch) {
  if (is_empty(dispatch.threads_per_grid)) {
    return {};
  }
  const Failure failure = execute(dispatch);
  return failure.empty() ? failure
                         : Failure("kernel '" + name + "': " + failure.text, failure.code);
}

}  // namespace

void ComputeCommandEncoderObject::reject(std::string mistake, MTL::CommandBufferError code) {
  encoder.target().reject(
      {pipeline_ ? fmt::format("kernel '{}': {}", pipeline_->specialisation.name, mistake)
                 : std::move(mistake),
       code});
}

void ComputeCommandEncoderObject::refuse(const char* function, const char* things) {
  reject(fmt::format("{}: {} are not supported", function, things));
}

void ComputeCommandEncoderObject::check(std::string mistake) {
  if (!mistake.empty()) {
    reject(std::move(mistake));
  }
}

void ComputeCommandEncoderObject::set_pipeline(const MTL::ComputePipelineState* state) {
  if (state == nullptr) {
    reject("setComputePipelineState(nullptr)");
    return;
  }
  encoder.target().keep(state);
  pipeline_ = NS::RetainPtr(self(state));
}

void ComputeCommandEncoderObject::set_buffer(const MTL::Buffer* buffer,
                                             NS::UInteger offset,
                                             NS::UInteger index) {
  if (buffer != nullptr) {
    encoder.target().keep(buffer);
  }
  check(arguments_.set_buffer(self(buffer), offset, index));
}

void ComputeCommandEncoderObject::set_offset(NS::UInteger offset, NS::UInteger index) {
  check(arguments_.set_offset(offset, index));
}

void ComputeCommandEncoderObject::set_bytes(const void* bytes,
                                            NS::UInteger length,
                                            NS::UInteger index) {
  if (bytes == nullptr || length == 0 || length > kMaxSetBytes) {
    reject(fmt::format("setBytes of {} bytes for index {}: 1 to {} are possible, use a buffer",
                       length,
                       index,
                       kMaxSetBytes));
    return;
  }
  // The command buffer owns the copy as it owns a buffer.
  auto copy = MemoryMap::instance().allocate(length, false);
  if (copy == nullptr) {
    reject("there is no memory for setBytes", MTL::CommandBufferErrorOutOfMemory);
    return;
  }
  std::memcpy(copy->data(), bytes, length);
  const auto owner =
      NS::TransferPtr(new BufferObject(std::move(copy), MTL::ResourceStorageModeShared));
  encoder.target().own(owner);
  check(arguments_.set_bytes(owner.get(), index));
}

void ComputeCommandEncoderObject::set_threadgroup_length(NS::UInteger length, NS::UInteger index) {
  check(arguments_.set_threadgroup_length(length, index));
}

// A dispatch with everything but the grid; nothing when a mistake was recorded.
std::optional<Dispatch> ComputeCommandEncoderObject::prepare(MTL::Size group) {
  if (!pipeline_) {
    reject("a dispatch without a compute pipeline state");
    return std::nullopt;
  }
  if (std::string mistake = pipeline_->check_threadgroup(group); !mistake.empty()) {
    reject(std::move(mistake));
    return std::nullopt;
  }
  Dispatch dispatch;
  dispatch.kernel = pipeline_->specialisation.name;
  dispatch.options = options();
  dispatch.threads_per_threadgroup = to_extent(group);
  if (std::string mistake = arguments_.fill(*pipeline_.get(), dispatch); !mistake.empty()) {
    if (dispatch.options.checks.has(Check::kArguments)) {
      Finding finding;
      finding.check = Check::kArguments;
      finding.kernel = dispatch.kernel;
      finding.message = mistake;
      report(std::move(finding));
    }
    reject(std::move(mistake), error_code_of(Check::kArguments));
    return std::nullopt;
  }
  dispatch.window = window_;
  dispatch.uses_resources = uses_resources_ || encoder.target().uses_residency_sets();
  return dispatch;
}

void ComputeCommandEncoderObject::barrier() {
  static std::atomic<std::uint64_t> count = 0;
  window_ = type == MTL::DispatchTypeConcurrent ? ++count : 0;
}

void ComputeCommandEncoderObject::use(const NS::Object* resource) {
  uses_resources_ = true;
  encoder.target().keep(resource);
}

void ComputeCommandEncoderObject::add(Dispatch dispatch) {
  encoder.target().add(
      [name = pipeline_->specialisation.name, dispatch] { return run_named(name, dispatch); });
}

void ComputeCommandEncoderObject::dispatch(MTL::Size threads, MTL::Size group) {
  std::optional<Dispatch> dispatch = prepare(group);
  if (!dispatch) {
    return;
  }
  if (!fits(threads)) {
    reject(
        fmt::format("a grid of {} threads: at most {} along an axis", to_text(threads), kMaxAlong));
    return;
  }
  const auto groups_along = [](NS::UInteger count, NS::UInteger size) {
    return (count + size - 1) / size;
  };
  dispatch->threads_per_grid = to_extent(threads);
  dispatch->threadgroups_per_grid = to_extent(MTL::Size(groups_along(threads.width, group.width),
                                                        groups_along(threads.height, group.height),
                                                        groups_along(threads.depth, group.depth)));
  add(*dispatch);
}

void ComputeCommandEncoderObject::dispatch_groups(MTL::Size groups, MTL::Size group) {
  std::optional<Dispatch> dispatch = prepare(group);
  if (!dispatch) {
    return;
  }
  const auto times = [](NS::UInteger count, NS::UInteger size) {
    return count > kMaxAlong ? kMaxAlong + 1 : count * size;
  };
  const MTL::Size threads(times(groups.width, group.width),
                          times(groups.height, group.height),
                          times(groups.depth, group.depth));
  if (!fits(threads)) {
    reject(fmt::format("{} threadgroups of {} threads: at most {} threads along an axis",
                       to_text(groups),
                       to_text(group),
                       kMaxAlong));
    return;
  }
  dispatch->threads_per_grid = to_extent(threads);
  dispatch->threadgroups_per_grid = to_extent(groups);
  add(*dispatch);
}

void ComputeCommandEncoderObject::dispatch_indirect(const MTL::Buffer* buffer,
                                                    NS::UInteger offset,
                                                    MTL::Size group) {
  std::optional<Dispatch> dispatch = prepare(group);
  if (!dispatch) {
    return;
  }
  constexpr std::size_t kBytes = sizeof(MTL::DispatchThreadgroupsIndirectArguments);
  if (buffer == nullptr || offset % 4 != 0 || self(buffer)->bytes() < kBytes ||
      offset > self(buffer)->bytes() - kBytes) {
    reject(
        fmt::format("an indirect dispatch needs {} bytes at an offset that is a multiple of 4; "
                    "there is no such place at offset {}",
                    kBytes,
                    offset));
    return;
  }
  encoder.target().keep(buffer);
  const std::byte* source = self(buffer)->data() + offset;
  encoder.target().add(
      [name = pipeline_->specialisation.name, source, group, dispatch = *dispatch]() mutable {
        MTL::DispatchThreadgroupsIndirectArguments groups;
        std::memcpy(&groups, source, sizeof groups);
        const auto& [x, y, z] = groups.threadgroupsPerGrid;
        const MTL::Size threads(x * group.width, y * group.height, z * group.depth);
        if (!fits(threads)) {
          return Failure(
              fmt::format("kernel '{}': an indirect dispatch of {} threadgroups of {} threads: at "
                          "most {} threads along an axis",
                          name,
                          to_text(MTL::Size(x, y, z)),
                          to_text(group),
                          kMaxAlong));
        }
        dispatch.threadgroups_per_grid = {x, y, z};
        dispatch.threads_per_grid = to_extent(threads);
        return run_named(name, dispatch);
      });
}

MTL::ComputeCommandEncoder* new_compute_encoder(NS::SharedPtr<CommandBufferObject> buffer,
                                                MTL::DispatchType type) {
  return new ComputeCommandEncoderObject(std::move(buffer), type);
}

}  // namespace softmetal
