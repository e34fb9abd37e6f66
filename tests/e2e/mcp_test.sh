#!/usr/bin/env bash
# Drives `ingot mcp` with the official client library, in a virtual environment made for it. Exits with 77, "skipped", where
# the library cannot be had.
# Usage: mcp_test.sh PROGRAM DATA_DIR ENVIRONMENT_DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$1 data=$2 environment=$3

if ! cmp -s "$here/mcp_requirements.txt" "$environment/installed.txt"; then
  rm -rf "$environment"
  python3 -m venv "$environment" && "$environment/bin/pip" install -q -r "$here/mcp_requirements.txt" || {
    echo "mcp_test: the client library cannot be installed (python3-venv and a package index are needed)" >&2
    exit 77
  }
  cp "$here/mcp_requirements.txt" "$environment/installed.txt"
fi
exec "$environment/bin/python" "$here/mcp_client.py" "$program" "$data"
