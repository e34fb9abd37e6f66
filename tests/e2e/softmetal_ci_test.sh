#!/usr/bin/env bash
# The workflow in docs/softmetal-ci.md: valid YAML of the right form, valid shell, packages that exist, and options that the program
# `softmetal` has.
# Usage: softmetal_ci_test.sh DOCUMENT BIN_DIR
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk '/^```yaml$/ {inside = 1; next} /^```$/ {inside = 0} inside {print}' "$1" >"$work/workflow.yml"
[[ -s "$work/workflow.yml" ]]
if grep -nP '\t' "$work/workflow.yml"; then
  echo "YAML has no tabs" >&2
  exit 1
fi

# The scripts: what stands behind `run:` in its line, or is indented below `run: |`.
awk '
  inside && /^ *$/ {print ""; next}
  inside { match($0, /^ */); if (RLENGTH > indent) {print; next} inside = 0 }
  /^ *run: \|$/ { match($0, /^ */); indent = RLENGTH; inside = 1; next }
  /^ *run: / { sub(/^ *run: /, ""); print }
' "$work/workflow.yml" >"$work/scripts"
bash -n "$work/scripts"

packages=$(tr -d '\\\n' <"$work/scripts" | grep -oP 'no-install-recommends\s+\K.*?-dev(?= *cmake)' || true)
read -ra packages <<<"$packages"
[[ ${#packages[@]} -gt 5 ]]
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do
    dpkg-query -W "$package" >/dev/null
  done
fi
if [[ -x "$2/softmetal" ]]; then
  "$2/softmetal" check --help | grep -q -e '--sarif'
fi

if python3 -c 'import yaml' 2>/dev/null; then
  python3 - "$work/workflow.yml" <<'END'
import sys, yaml
workflow = yaml.safe_load(open(sys.argv[1]))
assert True in workflow or "on" in workflow  # YAML 1.1 reads `on` as a boolean
for job in workflow["jobs"].values():
    assert job["runs-on"]
    for step in job["steps"]:
        assert ("run" in step) != ("uses" in step), step
        assert set(step) <= {"name", "run", "uses", "with", "env", "if"}, step
END
fi
