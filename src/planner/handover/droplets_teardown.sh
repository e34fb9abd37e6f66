#!/usr/bin/env bash
# Destroys every droplet with the tag @NAME@, in one call, after checking that all results are home. --force skips the
# check.
set -euo pipefail
cd "$(dirname "$0")"

: "${DIGITALOCEAN_TOKEN:?set it to an API token}"
[[ ${1:-} == --force ]] || ./check_home.sh
curl --fail --silent --show-error -X DELETE -H "Authorization: Bearer $DIGITALOCEAN_TOKEN" \
  "https://api.digitalocean.com/v2/droplets?tag_name=@NAME@"
echo "teardown: all droplets tagged @NAME@ are being destroyed"
