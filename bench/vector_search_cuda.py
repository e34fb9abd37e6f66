#!/usr/bin/env python3
"""vector-search on an NVIDIA GPU beside PyTorch, on the same data in one run.

    bench/vector_search_cuda.py [--ingot build/release/bin/ingot] [--rows 10000000] [--queries 1000]
                                [--dims 128] [--k 10] [--clusters 0] [--runs 9] [--folder DIR]
                                [--json FILE]

Makes f16 data (a Gaussian, or a mixture of as many as --clusters, each half as wide as they are
apart), searches it with `ingot pipeline vector-search` and with peers/vector_search_torch.py, and
prints a table. Times are medians, with the database on the GPU, from queries on the host to
neighbours on the host. Needs NumPy; without PyTorch the peer is left out.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy

HERE = pathlib.Path(__file__).resolve().parent


def make_rows(path, rows, dims, clusters, seed):
    """Writes f16 rows, made on all cores; the same arguments give the same file."""
    array = numpy.lib.format.open_memmap(path, "w+", numpy.float16, (rows, dims))
    centres = numpy.random.default_rng(1).standard_normal((max(1, clusters), dims), numpy.float32)
    part = 50_000

    def fill(begin):
        random = numpy.random.default_rng([seed, begin])
        count = min(part, rows - begin)
        values = random.standard_normal((count, dims), numpy.float32)
        if clusters > 0:
            values = 0.5 * values + centres[random.integers(clusters, size=count)]
        array[begin : begin + count] = values

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fill, range(0, rows, part)))
    array.flush()


def run(command):
    """What a command prints as JSON; None where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ingot", default="build/release/bin/ingot")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--dims", type=int, default=128)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--clusters", type=int, default=0)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--folder")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        database = f"{folder}/database.npy"
        queries = f"{folder}/queries.npy"
        make_rows(database, arguments.rows, arguments.dims, arguments.clusters, 2)
        make_rows(queries, arguments.queries, arguments.dims, arguments.clusters, 3)
        ours = run(
            [arguments.ingot, "pipeline", "vector-search", "--device", arguments.device]
            + ["--database", database, "--queries", queries, "--k", str(arguments.k)]
            + ["--repeats", str(arguments.runs), "--recall-queries", "100"]
            + ["-o", f"{folder}/indices.npy", "--json"]
        )
        peer = run(
            [sys.executable, str(HERE / "peers/vector_search_torch.py"), database, queries]
            + ["--k", str(arguments.k), "--runs", str(arguments.runs)]
        )
        if ours is None:
            sys.exit("vector-search failed")
        indices = numpy.load(f"{folder}/indices.npy")

    figures = {name: figure["value"] for name, figure in ours["figures"].items()}
    seconds = figures["searching took"]
    flops = 2.0 * arguments.rows * arguments.queries * arguments.dims
    print(
        f"{arguments.rows:,} x {arguments.dims} f16, {arguments.queries:,} queries, "
        f"k = {arguments.k}, on {ours['device_name']}"
    )
    print(f"{'':24} {'ms':>9} {'recall':>8}")
    print(f"{'vector-search':24} {seconds * 1e3:9.2f} {figures['recall@k']:8.4f}")
    if peer is not None:
        name = "PyTorch " + peer["torch"]
        print(f"{name:24} {peer['seconds'] * 1e3:9.2f} {peer['recall']:8.4f}")
        exact = peer.pop("exact")
        hits = sum(len(set(a) & set(b)) for a, b in zip(indices.tolist(), exact))
        share = hits / sum(len(row) for row in exact)
        print(f"PyTorch's time is {peer['seconds'] / seconds:.2f} times that of vector-search,")
        print(f"which finds {share:.4f} of what PyTorch finds in f32")
    print(f"{figures['candidates']:.0f} candidates a query; the last run's steps:")
    for step in ours["steps"]:
        if step["seconds"] > 0:
            rate = f"{flops / step['seconds'] * 1e-12:8.0f} TFLOP/s" if step["name"] == "bound" else ""
            print(f"  {step['name']:22} {step['seconds'] * 1e3:9.2f}{rate}")
    if arguments.json:
        result = {"arguments": vars(arguments), "vector_search": ours, "torch": peer}
        pathlib.Path(arguments.json).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
