// Numbers and positions of threadgroups and threads in a grid.
#pragma once

#include <cstddef>

#include "softmetal/executor.hpp"
#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

std::size_t group_count(const Dispatch& dispatch);

/// The position of a group by its number; x varies fastest.
Extent group_position(const Dispatch& dispatch, std::size_t number);

/// The number of the group at a position.
std::size_t group_number(const Dispatch& dispatch, const Extent& position);

/// The threads of the group at `position`: fewer than dispatched where the grid ends inside it.
Extent group_size(const Dispatch& dispatch, const Extent& position);

/// A thread by the position, or the number, of its group and its index in it, as findings show it.
ThreadId thread_id(const Dispatch& dispatch, const Extent& group, unsigned index);
ThreadId thread_id(const Dispatch& dispatch, std::size_t group, unsigned index);

}  // namespace softmetal
