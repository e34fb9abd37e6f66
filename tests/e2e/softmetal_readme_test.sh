#!/usr/bin/env bash
# src/softmetal/README.md: its first shader gives the very report that it shows, and the test that it quotes is the example's.
# Usage: softmetal_readme_test.sh SOFTMETAL_SOURCE_DIR BIN_DIR
set -euo pipefail
readme=$1/README.md
PATH="$(cd "$2" && pwd):$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
block() { awk -v language="$1" '$0 == "```" language {f = 1; next} /^```$/ {if (f) exit} f {print}' "$readme"; }

block metal >"$work/group_sum.metal"
block text >"$work/expected"
block sh >"$work/command"
[[ -s "$work/expected" && -s "$work/command" ]]
(cd "$work" && bash ./command >report 2>&1) && { echo "the race was not found" >&2; exit 1; }
diff "$work/expected" "$work/report"

# With the barrier in the loop there is nothing to find.
awk '/if \(lane < n\)/ {print "    threadgroup_barrier(mem_flags::mem_threadgroup);"} {print}' "$work/group_sum.metal" >"$work/right"
mv "$work/right" "$work/group_sum.metal"
(cd "$work" && bash ./command >report 2>&1) || { cat "$work/report"; exit 1; }

block cpp >"$work/quoted.cpp"
[[ -s "$work/quoted.cpp" ]]
[[ $(<"$1/example/sum_test.cpp") == *"$(<"$work/quoted.cpp")"* ]] || diff "$work/quoted.cpp" "$1/example/sum_test.cpp"
