#!/usr/bin/env bash
# Proves "how to add a kernel": takes the worked example's files out of CONTRIBUTING.md, puts them into a copy of the
# sources, changes nothing else, and runs the new kernel's conformance tests.
# Usage: contributing_test.sh SOURCE_DIR WORK_DIR CXX KERNEL_ID DEVICE…
# WORK_DIR is kept: times of files are those of the originals, so a second run builds only what has changed.
set -euo pipefail
source=$1
work=$2
cxx=$3
kernel=$4
shift 4

rm -rf "$work/ingot"
mkdir -p "$work/ingot"
(cd "$source" && tar -c --exclude=./build --exclude=./.git --exclude=./.cache .) | tar -x -C "$work/ingot"
cd "$work/ingot"
# A fence "```cpp kernels/domain/file.cpp" names the file that the block holds.
awk '/^```[a-z]+ kernels\// {file = $2; next} /^```$/ {file = ""} file {print > file}' CONTRIBUTING.md
awk '/^```[a-z]+ kernels\// {print $2}' CONTRIBUTING.md | xargs touch -r CONTRIBUTING.md

launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -S . -B ../build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER="$cxx" -DINGOT_BUILD_CLI=OFF \
  "${launcher[@]}" >../log 2>&1 || { cat ../log; exit 1; }
cmake --build ../build --target conformance_tests >../log 2>&1 || { cat ../log; exit 1; }
for device in "$@"; do
  ../build/tests/conformance_tests "$device" --gtest_filter="*.$kernel" | tee ../log
  grep -q '\[  PASSED  \] 1 test' ../log
done
