#!/usr/bin/env python3
"""Ingot's kernels on an NVIDIA GPU beside their peers, as a Markdown table.

    bench/cuda_table.py bench/results/kernels-h200.json bench/results/peers-h200.json

The first file is `ingot bench --device cuda -o`, the second peers/cuda_peers.py's, of one run on one machine. *Of copy* is the
least traffic (inputs read once, outputs written once) over the time, as a fraction of Ingot's copy in that run.
"""

import json
import sys

PEERS = {"torch": "PyTorch", "torch_compile": "torch.compile", "cupy": "CuPy", "cub": "CUB"}


def least_bytes(kernel):
    # Half of the mask is set, so half of the room for the result is written.
    written = kernel["bytes_written"] / (2 if kernel["id"] == "COMPACT_MASK" else 1)
    return kernel["bytes_read"] + written


def main():
    with open(sys.argv[1]) as file:
        ours = json.load(file)
    with open(sys.argv[2]) as file:
        peers = json.load(file)["seconds"]
    copy = ours["ceilings"]["copy_bytes_per_second"]
    print(f"Copy {copy / 1e12:.2f} TB/s.\n")
    print("| kernel | µs | of copy | served by | " + " | ".join(f"{name}, µs" for name in PEERS.values()) + " |")
    print("|---|---:|---:|---|" + "---:|" * len(PEERS))
    for kernel in sorted(ours["kernels"], key=lambda kernel: kernel["id"]):
        seconds = kernel["seconds"]
        compute = kernel["bound"] == "compute"
        rate = f"{kernel['flops'] / seconds / 1e12:.0f} TFLOP/s" if compute else f"{100 * least_bytes(kernel) / seconds / copy:.0f} %"
        times = [peers.get(kernel["id"], {}).get(peer) for peer in PEERS]
        cells = " | ".join("-" if time is None else f"{1e6 * time:.0f}" for time in times)
        print(f"| {kernel['id']} | {1e6 * seconds:.0f} | {rate} | {kernel.get('served_by', 'kernel')} | {cells} |")


if __name__ == "__main__":
    main()
