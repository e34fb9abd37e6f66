#!/usr/bin/env bash
# The files of `ingot route --emit` are accepted by the tools that they are for: bash, shellcheck, SkyPilot's schemas, an HCL
# parser, and Slurm and Terraform where they are installed. Exits 77, which CTest counts as skipped, without a package index.
# Usage: handover_tools_test.sh INGOT WORK_DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ingot=$1
work=$2
mkdir -p "$work"
if [[ ! -e $work/venv/complete ]]; then
  rm -rf "$work/venv"
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q -r "$here/handover-requirements.txt" || exit 77
  "$work/venv/bin/pip" install -q --no-deps skypilot==0.14.1 || exit 77
  touch "$work/venv/complete"
fi
export XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/data
rm -rf "$work/out"
mkdir "$work/out"
cd "$work/out"

echo '{"item_count": 4294967296, "local_rate": 3500, "is_sequential": true, "outer_parallel": true}' >T6.json
echo '{"data_size_gb": 28, "requires_cuda": true, "local_time_hours": 900}' >T3.json
echo '{"data_size_gb": 2000, "requires_cuda": true, "local_time_hours": 900}' >T4.json
echo '{"data_size_gb": 100, "is_parallel": true, "local_time_hours": 3}' >T5.json
for terminal in T3 T4 T5 T6; do
  for engine in skypilot slurm script; do
    "$ingot" route $terminal.json --emit $engine -o $terminal-$engine >/dev/null
  done
done
for terminal in T4 T5 T6; do
  "$ingot" route $terminal.json --emit terraform -o $terminal-terraform >/dev/null
done
# Lambda has no official provider.
if "$ingot" route T3.json --emit terraform -o T3-terraform >/dev/null 2>refusal; then exit 1; fi
grep -q "use skypilot" refusal

for script in */*.sh */*.sbatch; do
  [[ $script == */command.sh ]] && continue
  bash -n "$script"
done
ls -- */*.sh */*.sbatch | grep -v /command.sh | xargs shellcheck -s bash --severity=info
"$work/venv/bin/python" "$here/handover_check.py" */task.yaml */main.tf
if command -v terraform >/dev/null; then
  terraform fmt -check -diff T4-terraform T5-terraform T6-terraform
fi
if command -v sbatch >/dev/null && scontrol ping >/dev/null 2>&1; then
  for job in */job.sbatch; do (cd "$(dirname "$job")" && sbatch --test-only job.sbatch); done
fi
