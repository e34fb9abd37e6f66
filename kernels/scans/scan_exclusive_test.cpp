#include "kernels/scans/scan_oracle.hpp"

namespace {

void check_exclusive(ingot::conformance::Check& check) {
  ingot::conformance::check_scan(check, true);
}

}  // namespace

INGOT_CONFORMANCE(scan_exclusive, check_exclusive);
