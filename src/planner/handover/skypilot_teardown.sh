#!/usr/bin/env bash
# Takes the cluster down, after checking that all results are home. --force skips the check.
set -euo pipefail
cd "$(dirname "$0")"

[[ ${1:-} == --force ]] || ./check_home.sh
sky down --yes @NAME@
sky status
