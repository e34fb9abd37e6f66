#!/usr/bin/env bash
# Computes one shard of the items: run_shard.sh RANK. Its result is complete under results/RANK.out, with its checksum
# beside it, or not there; a shard that is done is not done again.
set -euo pipefail
cd "$(dirname "$0")"

items=@ITEMS@
shards=@SHARDS@
rank=${1:?usage: run_shard.sh RANK}
[[ $rank =~ ^[0-9]+$ ]] && ((rank < shards)) || { echo "run_shard: there is no shard '$rank' of $shards" >&2; exit 2; }

# The first items % shards shards have one item more.
each=$((items / shards))
more=$((items % shards))
begin=$((rank * each + (rank < more ? rank : more)))
end=$((begin + each + (rank < more ? 1 : 0)))
output=results/$rank.out.part
export begin end output rank

mkdir -p results
[[ -e results/$rank.sha256 ]] && { echo "run_shard: shard $rank is done"; exit 0; }
bash -euo pipefail -c "$(cat command.sh)"
[[ -e $output ]] || { echo "run_shard: command.sh wrote no $output" >&2; exit 1; }
mv "$output" "results/$rank.out"
(cd results && sha256sum "$rank.out" >"$rank.sha256.part" && mv "$rank.sha256.part" "$rank.sha256")
