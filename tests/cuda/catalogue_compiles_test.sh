#!/usr/bin/env bash
# Compiles every kernel of the catalogue for an NVIDIA GPU, by every way that the conformance suite calls it, on a machine
# without one: NVIDIA's compiler is the real one, the driver is tests/cuda/fake_driver.cpp. Needs PyPI the first time.
# Usage: catalogue_compiles_test.sh FOLDER CONFORMANCE_TESTS FAKE_DRIVER ARCHITECTURE
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 program=$2 driver=$3 architecture=$4

"$here/install_nvrtc.sh" "$folder"
export INGOT_NVRTC=$(find "$folder" -name 'libnvrtc.so.12' -print -quit)
INGOT_CUDA_DRIVER=$driver FAKE_CUDA_ARCH=$architecture INGOT_TEST_SIZES=small INGOT_TEST_COMPILE_ONLY=1 \
  INGOT_CACHE_DIR=$folder/cache-$architecture "$program" cuda
