#!/usr/bin/env bash
# Cancels what is left of the job, after checking that all results are home. --force skips the check. Nodes that were
# rented for the cluster are still to be terminated.
set -euo pipefail
cd "$(dirname "$0")"

[[ ${1:-} == --force ]] || ./check_home.sh
scancel --name=@NAME@ --user="$USER"
