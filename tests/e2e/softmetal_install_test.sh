#!/usr/bin/env bash
# Builds, tests and installs softmetal alone, then builds a stranger's project against it: with CMake and with pkg-config.
# Usage: softmetal_install_test.sh SOURCE_DIR BUILD_DIR COMPILER
set -euo pipefail
source=$1
build=$2
export CXX=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }; }

quietly cmake -S "$source/src/softmetal" -B "$build" -G Ninja
quietly cmake --build "$build"
quietly ctest --test-dir "$build" --output-on-failure
quietly cmake --install "$build" --prefix "$work/installed"
mv "$work/installed" "$work/prefix"  # it must not matter where it is
[[ -z $(find "$work/prefix" -name '*hwy*' -o -name 'ops*') ]]
find "$work/prefix" -name LICENSE | grep -q .

cp -r "$source/src/softmetal/example" "$work/example"
"$work/prefix/bin/softmetal" check "$work/example/sum.metal" | grep -q 'nothing found'
quietly cmake -S "$work/example" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix"
quietly cmake --build "$work/build"
quietly ctest --test-dir "$work/build" --output-on-failure

export PKG_CONFIG_PATH="$work/prefix/lib/pkgconfig"
read -ra flags < <(pkg-config --cflags --libs softmetal)
"$CXX" -std=c++20 "$work/example/sum.cpp" "${flags[@]}" -o "$work/sum"
"$work/sum" "$work/example/sum.metal" | grep -qx 'softmetal: 523776'
