// Measuring what the machine at hand can do.
#pragma once

#include <functional>
#include <string_view>

#include "ingot/tensor.hpp"

#include "planner/profiles.hpp"

namespace ingot::planner {

/// Told how far a calibration is, 0 to 1, and what it measures.
using CalibrationProgress = std::function<void(double fraction, std::string_view what)>;

/// Measures a device: copy, triad, f32 and f16 rate; the cost of a call, as the median over the
/// catalogue's kernels of a call on one element; and for each kernel its efficiency, which is the
/// time that the roofline of its cost gives over the time measured, on arrays far larger than the
/// caches. Kernels are taken in turns from all domains, in up to three rounds, of which the fastest
/// counts; those that `seconds` are not enough for are left out and get the median of their domain
/// when they are estimated. Kernels that the device cannot run are left out, too. Takes `seconds`
/// and up to ten more. Throws Error(kOutOfMemory).
DeviceProfile calibrate(const Backend& backend,
                        double seconds,
                        const CalibrationProgress& progress = {});

}  // namespace ingot::planner
