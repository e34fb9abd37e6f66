#!/usr/bin/env bash
# Runs every ```sh block of a document, in order, in a scratch folder with the data at hand.
# Usage: docs_test.sh DOCUMENT BIN_DIR SOURCE_DIR
set -euo pipefail
document=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$3/data" "$work/data"
# What a guide sets or measures is not to stay on the machine.
export XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/user

awk '/^```sh$/ {inside = 1; next} /^```$/ {inside = 0} inside {print}' "$document" >"$work/blocks"
[[ -s "$work/blocks" ]] || { echo "$document has no sh block" >&2; exit 1; }
cd "$work"
PATH="$2:$PATH" bash -euo pipefail -x "$work/blocks"
