#!/usr/bin/env bash
# Puts NVIDIA's run-time compiler into a folder, from PyPI, unless it is there. Usage: install_nvrtc.sh FOLDER
set -euo pipefail
folder=$1
exec 9>"$folder.lock"
flock 9  # tests run side by side
if [[ -z $(find "$folder" -name 'libnvrtc.so.12' -print -quit 2>/dev/null) ]]; then
  python3 -m venv "$folder.tmp"
  "$folder.tmp/bin/pip" install -q --disable-pip-version-check nvidia-cuda-nvrtc-cu12==12.9.86
  mv "$folder.tmp" "$folder"
fi
