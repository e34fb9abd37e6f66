#!/usr/bin/env bash
# Computes one shard of the items: run_shard.sh RANK. Its result is complete under results/RANK.out, with its checksum
# beside it, or not there; a shard that is done is not done again.
set -euo pipefail
cd "$(dirname "$0")"

items=@ITEMS@
shards=@SHARDS@
rank=${1:?usage: run_shard.sh RANK}
if ! [[ $rank =~ ^(0|[1-9][0-9]{0,8})$ ]] || ((rank >= shards)); then
  echo "run_shard: there is no shard '$rank' of $shards" >&2
  exit 2
fi

# The first items % shards shards have one item more.
each=$((items / shards))
more=$((items % shards))
begin=$((rank * each + (rank < more ? rank : more)))
end=$((begin + each + (rank < more ? 1 : 0)))
output=results/$rank.out.part
export begin end output rank

# macOS has another name for it.
checksum() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

mkdir -p results
[[ -e results/$rank.sha256 ]] && { echo "run_shard: shard $rank is done"; exit 0; }
bash -euo pipefail -c "$(cat command.sh)"
[[ -e $output ]] || { echo "run_shard: command.sh wrote no $output" >&2; exit 1; }
mv "$output" "results/$rank.out"
(cd results && checksum "$rank.out" >"$rank.sha256.part" && mv "$rank.sha256.part" "$rank.sha256")
