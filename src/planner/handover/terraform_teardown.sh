#!/usr/bin/env bash
# Destroys all that Terraform made for @NAME@, in one call, after checking that all results are home. --force skips the
# check.
set -euo pipefail
cd "$(dirname "$0")"

[[ ${1:-} == --force ]] || ./check_home.sh
terraform destroy -input=false -auto-approve
