#!/usr/bin/env bash
# Makes the machines, runs all shards, brings the results home, checks them, destroys the machines.
set -euo pipefail
cd "$(dirname "$0")"

@NEEDED@
terraform init -input=false
terraform apply -input=false -auto-approve
terraform output -json hosts | tr -d '[]" \n' | tr ',' '\n' | sed 's/^/@USER@@/' >hosts.txt
./run_hosts.sh
./teardown.sh
