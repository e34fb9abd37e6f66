#!/usr/bin/env bash
# Runs all shards on the machines of hosts.txt, brings the results home, checks them, tears the machines down.
set -euo pipefail
cd "$(dirname "$0")"

[[ -s hosts.txt ]] || { echo "run: write the ssh destinations of @NODES@ machines to hosts.txt" >&2; exit 2; }
./run_hosts.sh
./teardown.sh
