#!/usr/bin/env bash
# Runs the shards on the machines of hosts.txt (one ssh destination a line) and brings the results home.
set -euo pipefail
cd "$(dirname "$0")"

hosts=()
while read -r host; do
  [[ -z $host || $host == '#'* ]] || hosts+=("$host")
done <hosts.txt
if [[ ${#hosts[@]} != @NODES@ ]]; then
  echo "run_hosts: hosts.txt names ${#hosts[@]} machines, not @NODES@" >&2
  exit 2
fi
options=(-o StrictHostKeyChecking=accept-new -o ConnectTimeout=10)

# Boots, copies, sets up and runs one machine; its shards side by side.
work_on() {
  local node=$1 host=$2 try
  for ((try = 0; try < 30; ++try)); do
    ssh "${options[@]}" "$host" true 2>/dev/null && break
    sleep 10
  done
  tar -c --exclude=./results --exclude=./logs . | ssh "${options[@]}" "$host" 'mkdir -p job && tar -x -C job'
  # shellcheck disable=SC2087  # the numbers are this machine's, what is escaped is the other's
  ssh "${options[@]}" "$host" bash -s <<REMOTE
set -euo pipefail
cd job
@SETUP@
pids=()
for ((slot = 0; slot < @SLOTS@; ++slot)); do
  @REMOTE_SELECT@./run_shard.sh \$(($node * @SLOTS@ + slot)) &
  pids+=(\$!)
done
for pid in "\${pids[@]}"; do wait "\$pid"; done
REMOTE
  ssh "${options[@]}" "$host" 'tar -c -C job/results .' | tar -x -C results
}

mkdir -p results logs
pids=()
for node in "${!hosts[@]}"; do
  work_on "$node" "${hosts[node]}" >"logs/$node.log" 2>&1 &
  pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
((failed == 0)) || { echo "run_hosts: some machines failed: see logs/; run it again for what is missing" >&2; exit 1; }
