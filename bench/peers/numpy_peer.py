#!/usr/bin/env python3
"""Runs NumPy on the operations and sizes of one `ingot bench` run and prints how the two compare.

    bench/peers/numpy_peer.py --ingot build/release/bin/ingot --size 10M -o results.json

Both sides are measured alike: one call that is not counted, then the median of repeats over at least
--seconds. NumPy uses one thread, except in matrix products. Needs the packages of requirements.txt.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import numpy as np

DTYPES = {
    "f32": np.float32, "f16": np.float16, "i32": np.int32, "u32": np.uint32, "i64": np.int64,
    "u64": np.uint64, "i8": np.int8, "u8": np.uint8, "bool": np.bool_,
}
COMPARE = {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "eq": np.equal, "ne": np.not_equal,
}


def quantize(x):
    values = x.astype(np.float32)
    scale = np.abs(values).max(axis=-1, keepdims=True) / np.float32(127)
    return np.clip(np.rint(values / scale), -127, 127).astype(np.int8), scale


def gelu(x, approximate):
    if approximate != "tanh":
        return None  # NumPy has no erf
    return 0.5 * x * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x * x * x)))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def topk(x, k, largest=True):
    n = x.shape[-1]
    if largest:
        chosen = np.argpartition(x, n - k, axis=-1)[..., n - k:]
    else:
        chosen = np.argpartition(x, k - 1, axis=-1)[..., :k]
    values = np.take_along_axis(x, chosen, axis=-1)
    order = np.argsort(-values if largest else values, axis=-1)
    return np.take_along_axis(values, order, axis=-1), np.take_along_axis(chosen, order, axis=-1)


def dot(a, b, pairs="rows"):
    return np.einsum("ij,ij->i", a, b) if pairs == "rows" else a @ b.T


def exclusive_scan(x, axis):
    y = np.zeros_like(x)
    np.cumsum(x.swapaxes(axis, -1)[..., :-1], axis=-1, out=y.swapaxes(axis, -1)[..., 1:])
    return y


def axis_of(params):
    return None if params.get("axis") in (None, "none") else int(params["axis"])


# Kernel id -> function of the inputs and parameters (dictionaries by name); None: NumPy has no such operation.
PEERS = {
    "REDUCE_SUM": lambda i, p: np.sum(i["x"], axis=axis_of(p)),
    "REDUCE_ARGMAX": lambda i, p: np.argmax(i["x"], axis=axis_of(p)),
    "MAP_ADD": lambda i, p: np.add(i["a"], i["b"]),
    "MAP_COMPARE": lambda i, p: COMPARE[p.get("op", "gt")](
        i["a"], i["b"] if "b" in i else i["a"].dtype.type(p.get("value", 0))).view(np.uint8),
    "MAP_GELU": lambda i, p: gelu(i["x"], p.get("approximate", "tanh")),
    "SCAN_INCLUSIVE": lambda i, p: np.cumsum(i["x"], axis=int(p.get("axis", -1)), dtype=i["x"].dtype),
    "SCAN_EXCLUSIVE": lambda i, p: exclusive_scan(i["x"], int(p.get("axis", -1))),
    "COMPACT_MASK": lambda i, p: i["x"][i["mask"].view(np.bool_)],
    "DOT_BATCHED": lambda i, p: dot(i["a"], i["b"], p.get("pairs", "rows")),
    "TOPK_SELECT": lambda i, p: topk(i["x"], int(p["k"]), p.get("largest", True)),
    "SOFTMAX_STABLE": lambda i, p: softmax(i["x"]),
    "TRANSPOSE_2D": lambda i, p: np.ascontiguousarray(i["x"].T),
    "QUANTIZE_F32_TO_F16": lambda i, p: i["x"].astype(np.float16),
    "QUANTIZE_F16_TO_I8": lambda i, p: quantize(i["x"]),
    "DEQUANTIZE_I8_TO_F16": lambda i, p: (i["q"] * i["scale"][:, None]).astype(np.float16),
    "PRNG_PHILOX": lambda i, p: np.random.Philox(key=int(p.get("seed", 0))).random_raw(2 * int(p["n"])),
}


def make_input(spec, random):
    """Filled as `ingot bench` fills its own: normal numbers, masks of 0 and 1, other integers anything."""
    dtype = DTYPES[spec["dtype"]]
    shape = spec["shape"]
    if np.issubdtype(dtype, np.floating):
        return random.standard_normal(shape, dtype=np.float32).astype(dtype)
    if dtype in (np.uint8, np.bool_):
        return random.integers(0, 2, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def measure(work, least_seconds, least_repeats=3):
    work()
    times = []
    begin = time.perf_counter()
    while len(times) < least_repeats or time.perf_counter() - begin < least_seconds:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def run_ingot(arguments):
    command = [arguments.ingot, "bench", *arguments.ids, "--size", arguments.size,
               "--device", arguments.device, "--seconds", str(arguments.seconds), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    document = json.loads(done.stdout)
    if "error" in document:
        sys.exit(f"{' '.join(command)}: {document['error']['subject']}: {document['error']['problem']}")
    return document


def compare(kernel, random, seconds):
    row = {"id": kernel["id"], "inputs": kernel.get("inputs", []), "params": kernel.get("params", {}),
           "ingot_seconds": kernel.get("seconds"), "numpy_seconds": None, "times_faster": None}
    peer = PEERS.get(kernel["id"])
    if peer is None or "error" in kernel or any(i["dtype"] not in DTYPES for i in kernel["inputs"]):
        return row
    inputs = {spec["name"]: make_input(spec, random) for spec in kernel["inputs"]}
    if peer(inputs, kernel["params"]) is not None:
        row["numpy_seconds"] = measure(lambda: peer(inputs, kernel["params"]), seconds)
        row["times_faster"] = row["numpy_seconds"] / row["ingot_seconds"]
    return row


def milliseconds(seconds):
    return "-" if seconds is None else f"{1e3 * seconds:.3g} ms"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids", nargs="*", help="kernels; all when none is given")
    parser.add_argument("--ingot", default="ingot", help="the program")
    parser.add_argument("--size", default="10M", help="elements of the largest tensor")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=0.3, help="least time to repeat each operation for")
    parser.add_argument("-o", "--output", help="write the JSON document to this file too")
    arguments = parser.parse_args()

    document = run_ingot(arguments)
    random = np.random.default_rng(1)
    rows = [compare(kernel, random, arguments.seconds) for kernel in document["kernels"]]

    print(f"{document['machine']['name']}, {document['elements']} elements, NumPy {np.__version__}\n")
    print("| kernel | ingot | NumPy | times faster |\n|---|---:|---:|---:|")
    for row in rows:
        ratio = "-" if row["times_faster"] is None else f"{row['times_faster']:.2f}"
        print(f"| {row['id']} | {milliseconds(row['ingot_seconds'])} | {milliseconds(row['numpy_seconds'])} | {ratio} |")
    if arguments.output:
        result = {**document, "numpy": np.__version__, "peer_command": " ".join(sys.argv), "comparison": rows}
        with open(arguments.output, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)
            file.write("\n")


if __name__ == "__main__":
    main()
