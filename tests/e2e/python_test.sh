#!/usr/bin/env bash
# Runs a Python script in a virtual environment with the packages that it needs. Exits with 77, "skipped", where they cannot be
# had.
# Usage: python_test.sh ENVIRONMENT_DIR REQUIREMENTS SCRIPT ARGUMENT...
set -euo pipefail
environment=$1 requirements=$2
shift 2

if ! cmp -s "$requirements" "$environment/installed.txt"; then
  rm -rf "$environment"
  python3 -m venv "$environment" && "$environment/bin/pip" install -q -r "$requirements" || {
    echo "python_test: $requirements cannot be installed (python3-venv and a package index are needed)" >&2
    exit 77
  }
  cp "$requirements" "$environment/installed.txt"
fi
exec "$environment/bin/python" "$@"
