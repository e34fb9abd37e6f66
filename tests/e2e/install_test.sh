#!/usr/bin/env bash
# Installs Ingot into an empty folder, then builds and runs examples/hello and the C++ of docs/guide-cpp.md against it, as a
# stranger would.
# Usage: install_test.sh BUILD_DIR SOURCE_DIR [DEVICE…]
set -euo pipefail
build=$1
source=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cp -r "$source/examples/hello" "$work/hello"
cpp_blocks() { awk '/^```cpp$/ {inside = 1; next} /^```$/ {inside = 0} inside {print}' "$source/docs/guide-cpp.md"; }
{
  cpp_blocks | grep '^#include'
  echo 'int main(int, char** argv) {'
  cpp_blocks | grep -v '^#include' | sed 's/init_backend()/init_backend(ingot::parse_device(argv[1]))/'
  echo '  return best.values.to_vector<float>() == std::vector<float>{3, 2} &&'
  echo '                 outputs[0].to_vector<float>() == std::vector<float>{6, 2, 4} &&'
  echo '                 y.to_vector<float>()[0] == y.to_vector<float>()[1] ? 0 : 1;'
  echo '}'
} >"$work/hello/guide.cpp"
cat >>"$work/hello/CMakeLists.txt" <<'END'
add_executable(guide guide.cpp)
target_compile_features(guide PRIVATE cxx_std_20)
target_link_libraries(guide PRIVATE ingot::ingot)
END
cmake -S "$work/hello" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix" \
  >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cmake --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for device in "$@"; do
  output=$("$work/build/hello" "$device")
  echo "$device: $output"
  grep -q 'softmax 0.0321 0.0871 0.2369 0.6439' <<<"$output"
  [[ $device == cpu ]] || "$work/build/guide" "$device"
  [[ $device == cpu ]] || grep -q 'scale   3.2059 8.7144 23.6883 64.3914' <<<"$output"
done
if "$work/build/hello" nonsense 2>"$work/error"; then
  echo "an unknown device was accepted" >&2
  exit 1
fi
grep -q "use auto, cpu, metal, cuda or softmetal" "$work/error"
"$work/prefix/bin/ingot" --version
