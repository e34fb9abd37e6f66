#include "softmetal/grid.hpp"

#include <algorithm>

namespace softmetal {

std::size_t group_count(const Dispatch& dispatch) {
  const Extent& groups = dispatch.threadgroups_per_grid;
  return std::size_t{groups.x} * groups.y * groups.z;
}

Extent group_position(const Dispatch& dispatch, std::size_t number) {
  const Extent& groups = dispatch.threadgroups_per_grid;
  return {static_cast<unsigned>(number % groups.x),
          static_cast<unsigned>(number / groups.x % groups.y),
          static_cast<unsigned>(number / groups.x / groups.y)};
}

std::size_t group_number(const Dispatch& dispatch, const Extent& position) {
  const Extent& groups = dispatch.threadgroups_per_grid;
  return (std::size_t{position.z} * groups.y + position.y) * groups.x + position.x;
}

Extent group_size(const Dispatch& dispatch, const Extent& position) {
  const auto along = [](unsigned threads, unsigned size, unsigned at) {
    return static_cast<unsigned>(std::min<std::size_t>(size, threads - std::size_t{at} * size));
  };
  const Extent& grid = dispatch.threads_per_grid;
  const Extent& size = dispatch.threads_per_threadgroup;
  return {along(grid.x, size.x, position.x),
          along(grid.y, size.y, position.y),
          along(grid.z, size.z, position.z)};
}

ThreadId thread_id(const Dispatch& dispatch, std::size_t group, unsigned index) {
  return thread_id(dispatch, group_position(dispatch, group), index);
}

ThreadId thread_id(const Dispatch& dispatch, const Extent& at, unsigned index) {
  const Extent& dispatched = dispatch.threads_per_threadgroup;
  const Extent size = group_size(dispatch, at);
  ThreadId id;
  id.threadgroup[0] = at.x;
  id.threadgroup[1] = at.y;
  id.threadgroup[2] = at.z;
  id.index_in_threadgroup = index;
  id.position_in_grid[0] = at.x * dispatched.x + index % size.x;
  id.position_in_grid[1] = at.y * dispatched.y + index / size.x % size.y;
  id.position_in_grid[2] = at.z * dispatched.z + index / size.x / size.y;
  return id;
}

}  // namespace softmetal
