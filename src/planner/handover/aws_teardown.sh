#!/usr/bin/env bash
# Terminates the instances named in instances.txt (one id a line), after checking that all results are home. --force
# skips the check.
set -euo pipefail
cd "$(dirname "$0")"

[[ -s instances.txt ]] || { echo "teardown: write the ids of the instances to instances.txt" >&2; exit 2; }
[[ ${1:-} == --force ]] || ./check_home.sh
xargs aws ec2 terminate-instances --instance-ids <instances.txt
