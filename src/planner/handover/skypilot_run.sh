#!/usr/bin/env bash
# Launches the cluster, runs all shards, brings the results home, checks them, takes the cluster down.
set -euo pipefail
cd "$(dirname "$0")"

sky launch --yes -c @NAME@ task.yaml
mkdir -p results
rsync -a @NAME@:sky_workdir/results/ results/
for ((node = 1; node < @NODES@; ++node)); do
  rsync -a "@NAME@-worker$node:sky_workdir/results/" results/
done
./teardown.sh
