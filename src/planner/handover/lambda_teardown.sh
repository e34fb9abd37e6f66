#!/usr/bin/env bash
# Terminates the instances named in instances.txt (one id a line), after checking that all results are home. --force
# skips the check.
set -euo pipefail
cd "$(dirname "$0")"

: "${LAMBDA_API_KEY:?set it to an API key}"
[[ -s instances.txt ]] || { echo "teardown: write the ids of the instances to instances.txt" >&2; exit 2; }
[[ ${1:-} == --force ]] || ./check_home.sh
ids=$(sed 's/.*/"&"/' instances.txt | paste -sd,)
curl --fail --silent --show-error -u "$LAMBDA_API_KEY:" -H 'Content-Type: application/json' \
  -d "{\"instance_ids\": [$ids]}" https://cloud.lambda.ai/api/v1/instance-operations/terminate
echo "teardown: the instances are being terminated"
