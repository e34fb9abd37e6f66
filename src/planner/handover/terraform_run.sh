#!/usr/bin/env bash
# Makes the droplets, runs all shards, brings the results home, checks them, destroys the droplets.
set -euo pipefail
cd "$(dirname "$0")"

: "${DIGITALOCEAN_TOKEN:?set it to an API token}" "${TF_VAR_ssh_key:?set it to the fingerprint of an SSH key}"
terraform init -input=false
terraform apply -input=false -auto-approve
terraform output -json hosts | tr -d '[]" \n' | tr ',' '\n' | sed 's/^/root@/' >hosts.txt
./run_hosts.sh
./teardown.sh
