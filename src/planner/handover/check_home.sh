#!/usr/bin/env bash
# Says whether the result of every shard is here, whole. Nothing is torn down before.
set -euo pipefail
cd "$(dirname "$0")"

# macOS has another name for it.
checksum() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

missing=0
for ((rank = 0; rank < @SHARDS@; ++rank)); do
  if ! (cd results 2>/dev/null && checksum -c "$rank.sha256" >/dev/null 2>&1); then
    echo "check_home: the result of shard $rank is missing or damaged" >&2
    missing=$((missing + 1))
  fi
done
((missing == 0)) || { echo "check_home: $missing of @SHARDS@ results are not home" >&2; exit 1; }
echo "check_home: all @SHARDS@ results are home"
