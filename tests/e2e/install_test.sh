#!/usr/bin/env bash
# Installs Ingot into an empty folder, then builds and runs examples/hello against it, as a stranger would.
# Usage: install_test.sh BUILD_DIR SOURCE_DIR [DEVICE…]
set -euo pipefail
build=$1
source=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cp -r "$source/examples/hello" "$work/hello"
cmake -S "$work/hello" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix" \
  >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cmake --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for device in "$@"; do
  output=$("$work/build/hello" "$device")
  echo "$device: $output"
  grep -q 'softmax 0.0321 0.0871 0.2369 0.6439' <<<"$output"
  [[ $device == cpu ]] || grep -q 'scale   3.2059 8.7144 23.6883 64.3914' <<<"$output"
done
if "$work/build/hello" nonsense 2>"$work/error"; then
  echo "an unknown device was accepted" >&2
  exit 1
fi
grep -q "use auto, cpu, metal, cuda or softmetal" "$work/error"
"$work/prefix/bin/ingot" --version
