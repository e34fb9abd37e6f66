#!/usr/bin/env bash
# Submits one task for each shard, waits for them, checks the results.
set -euo pipefail
cd "$(dirname "$0")"

mkdir -p logs results
sbatch --wait job.sbatch
./check_home.sh
