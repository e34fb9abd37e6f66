#include "kernels/scans/scan_oracle.hpp"

namespace {

void check_inclusive(ingot::conformance::Check& check) {
  ingot::conformance::check_scan(check, false);
}

}  // namespace

INGOT_CONFORMANCE(scan_inclusive, check_inclusive);
