#!/usr/bin/env bash
# Proves "how to add a kernel": takes the worked example's files out of CONTRIBUTING.md, puts them into a copy of the
# sources, changes nothing else, and runs the new kernel's conformance tests.
# Usage: contributing_test.sh SOURCE_DIR CXX KERNEL_ID DEVICE…
set -euo pipefail
source=$1
cxx=$2
kernel=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$source" && tar -c --exclude=./build --exclude=./.git --exclude=./.cache .) | tar -x -C "$work"
cd "$work"
# A fence "```cpp kernels/domain/file.cpp" names the file that the block holds.
awk '/^```[a-z]+ kernels\// {file = $2; next} /^```$/ {file = ""} file {print > file}' CONTRIBUTING.md
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -S . -B build/scratch -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER="$cxx" -DINGOT_BUILD_CLI=OFF \
  "${launcher[@]}" >log 2>&1 || { cat log; exit 1; }
cmake --build build/scratch --target conformance_tests >log 2>&1 || { cat log; exit 1; }
for device in "$@"; do
  build/scratch/tests/conformance_tests "$device" --gtest_filter="*.$kernel" | tee log
  grep -q '\[  PASSED  \] 1 test' log
done
