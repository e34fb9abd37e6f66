// Which memory an access is to, and whether it may be.
#include <algorithm>

#include "softmetal/checks/monitor.hpp"
#include "softmetal/program.hpp"

namespace softmetal {
// nullptr when there is nothing more to check.
WatchedMemory* Monitor::memory_of_access() {
  WatchedMemory*& cached = memory_of_site(current_.pc);
  if (cached->holds(current_.address, current_.bytes)) {
    return cached;
  }
  Fiber& fiber = scheduler_.running_fiber();
  const std::size_t in_stack =
      current_.address - reinterpret_cast<std::uintptr_t>(fiber.stack_base);
  if (in_stack < fiber.stack_bytes && current_.bytes <= fiber.stack_bytes - in_stack) {
    local_access(fiber, in_stack);
    return nullptr;
  }
  const auto arena = reinterpret_cast<std::uintptr_t>(scheduler_.threadgroup_memory());
  WatchedMemory* memory = current_.address - arena < Scheduler::kArenaBytes
                              ? threadgroup_memory(current_.address - arena)
                              : device_memory();
  if (memory != nullptr) {
    cached = memory;
  }
  return memory;
}

void Monitor::local_access(Fiber& fiber, std::size_t offset) {
  if (fiber.locals == nullptr) {
    fiber.locals = std::make_unique<LocalMemory>(fiber.stack_bytes);
  }
  fiber.locals->use_by(std::uint64_t{phases_.first_of_group()} * kMaxThreads +
                       scheduler_.current_thread());
  if (current_.writes()) {
    fiber.locals->write(offset, current_.bytes);
  } else if (checks_.has(Check::kUninitialised) &&
             !fiber.locals->is_written(offset, current_.bytes)) {
    if (Finding* finding = find_or_add(Check::kUninitialised)) {
      finding->message = "a local variable is read that the thread has not written";
      finding->memory = "thread memory";
    }
  }
}

WatchedMemory* Monitor::threadgroup_memory(std::size_t offset) {
  // Without bounds it is one piece.
  ThreadgroupLayout::Piece piece{.bytes = Scheduler::kArenaBytes};
  if (checks_.has(Check::kBounds)) {
    const auto& pieces = dispatch_.layout.pieces();
    const auto found = std::find_if(pieces.begin(), pieces.end(), [&](const auto& each) {
      return offset >= each.offset && offset + current_.bytes <= each.offset + each.bytes;
    });
    if (found == pieces.end()) {
      add_fatal(Check::kBounds,
                current_.name() + " outside of the kernel's threadgroup memory",
                describer_.threadgroup_memory(offset));
      return nullptr;
    }
    piece = *found;
  }
  const auto arena = reinterpret_cast<std::uintptr_t>(scheduler_.threadgroup_memory());
  return &known_or_new({.begin = arena + piece.offset,
                        .bytes = piece.bytes,
                        .space = Space::kThreadgroup,
                        .shadow = &history_.threadgroup(),
                        .shadow_begin = arena,
                        .order = &phases_.order(Space::kThreadgroup)});
}

WatchedMemory* Monitor::device_memory() {
  const auto holds = [this](const Region& region) {
    const std::uintptr_t offset = current_.address - region.begin;
    return offset < region.bytes && current_.bytes <= region.bytes - offset;
  };
  for (const BoundBuffer& bound : dispatch_.bound) {
    if (holds(*bound.region) && !bound.region->is_released) {
      return &watch(bound.region);
    }
  }
  const Executable::Range object = dispatch_.executable->memory();
  if (current_.address >= object.begin && current_.address < object.end) {
    return &known_or_new(
        {.begin = object.begin, .bytes = object.end - object.begin, .is_writable = false});
  }
  if (scheduler_.owns_stack(current_.address)) {
    return nullptr;  // of another thread: its operand in a SIMD-group function
  }
  const auto region = MemoryMap::instance().find(current_.address);
  if (region != nullptr && holds(*region)) {
    if (!region->is_released && dispatch_.uses_resources) {
      return &watch(region);
    }
    if (region->is_released && checks_.has(Check::kFreed)) {
      add_fatal(Check::kFreed,
                current_.name() + " in a buffer that has been released",
                describer_.memory(current_.address));
      return nullptr;
    }
  }
  if (checks_.has(Check::kBounds)) {
    add_fatal(Check::kBounds,
              current_.name() + " outside of the buffer",
              describer_.memory(current_.address));
  }
  return nullptr;
}

WatchedMemory& Monitor::known_or_new(const WatchedMemory& memory) {
  const auto known = std::find_if(memories_.begin(), memories_.end(), [&](const auto& each) {
    return each.begin == memory.begin && each.bytes == memory.bytes && each.region == memory.region;
  });
  return known != memories_.end() ? *known : memories_.emplace_back(memory);
}

WatchedMemory& Monitor::watch(const std::shared_ptr<Region>& region) {
  WatchedMemory memory{.begin = region->begin,
                       .bytes = region->bytes,
                       .region = region,
                       .is_released = &region->is_released};
  memory.is_writable = !(checks_.has(Check::kReadOnly) && is_read_only(*region));
  // What nobody may write, now or in a dispatch beside this one, has only readers.
  if (memory.is_writable || dispatch_.window != 0 || dispatch_.uses_resources) {
    remember_from_now(memory);
  }
  return known_or_new(memory);
}

void Monitor::remember_from_now(WatchedMemory& memory) {
  if (checks_.has(Check::kRace) || checks_.has(Check::kOrder)) {
    Region& region = *memory.region;
    if (region.shadow == nullptr) {
      region.shadow = std::make_unique<Shadow>(region.bytes);
    }
    memory.shadow = region.shadow.get();
    memory.shadow_begin = region.begin;
    memory.order = &phases_.order(Space::kDevice);
  }
}

// Whether all parameters that the buffer is bound to are const.
bool Monitor::is_read_only(const Region& region) const {
  bool is_bound = false;
  for (const BoundBuffer& bound : dispatch_.bound) {
    if (bound.region.get() == &region) {
      is_bound = true;
      if (!dispatch_.entry->parameters[bound.parameter].is_const) {
        return false;
      }
    }
  }
  return is_bound;
}

void Monitor::write_to_read_only(WatchedMemory& memory) {
  if (memory.region == nullptr) {
    add_fatal(Check::kReadOnly, "a write to a constant of the program", "constant memory");
    return;
  }
  if (Finding* finding = find_or_add(Check::kReadOnly)) {
    finding->message = "a write to a buffer that the kernel takes for reading only";
    finding->memory = describer_.memory(current_.address);
    finding->remedy = "bind it to a parameter without const or constant";
  }
  remember_from_now(memory);  // so that it has a writer
}

}  // namespace softmetal
