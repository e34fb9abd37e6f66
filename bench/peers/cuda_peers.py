"""Times PyTorch (eager and compiled), CuPy and CUB on what `ingot bench --device cuda` runs.

    python3 bench/peers/cuda_peers.py --elements 268435456 --cub ./cub_peers -o peers.json

Seconds are medians of CUDA event times, after two calls that are not counted; the inputs are random, as Ingot's, and many
times the L2 cache. What a library has no single call for is composed of its calls, as its users would.
"""

import argparse
import json
import statistics
import subprocess

import torch

REPEATS = 30


def seconds(work, repeats=REPEATS):
    for _ in range(2):
        work()
    torch.cuda.synchronize()
    times = []
    for _ in range(repeats):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        work()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) * 1e-3)
    return statistics.median(times)


def quantize(x):
    largest = x.abs().amax(dim=1, keepdim=True).float()
    inverse = torch.where(largest > 0, 127 / largest, torch.zeros_like(largest))
    return torch.round(x.float() * inverse).to(torch.int8), largest.squeeze(1) / 127


def torch_work(n):
    """Name of a kernel -> (inputs, function of them)."""
    gpu = {"device": "cuda"}
    x = torch.randn(n, **gpu)
    rows = torch.randn(n // 4096, 4096, **gpu)
    edge = round(n**0.5)
    half_rows = torch.randn(n // 128, 128, dtype=torch.float16, **gpu)
    yield "MAP_ADD", (x, torch.randn(n, **gpu)), torch.add
    yield "MAP_COMPARE", (x,), lambda v: v > 0.5
    yield "MAP_GELU", (x,), torch.nn.functional.gelu
    yield "REDUCE_SUM", (x,), torch.sum
    yield "REDUCE_ARGMAX", (x,), torch.argmax
    yield "SCAN_INCLUSIVE", (x,), lambda v: torch.cumsum(v, 0)
    yield "SOFTMAX_STABLE", (rows,), lambda v: torch.softmax(v, 1)
    yield "TRANSPOSE_2D", (torch.randn(edge, edge, **gpu),), lambda v: v.t().contiguous()
    yield "COMPACT_MASK", (x, torch.rand(n, **gpu) < 0.5), torch.masked_select
    yield "TOPK_SELECT", (x,), lambda v: torch.topk(v, 100)
    yield "QUANTIZE_F32_TO_F16", (x,), lambda v: v.to(torch.float16)
    yield "QUANTIZE_F16_TO_I8", (half_rows,), quantize
    q, scale = quantize(half_rows)
    yield "DEQUANTIZE_I8_TO_F16", (q, scale), lambda a, s: (a * s.unsqueeze(1)).to(torch.float16)
    out = torch.empty(n, dtype=torch.int32, **gpu)
    yield "PRNG_PHILOX", (), lambda: out.random_()
    a, b = torch.randn(1024, 128, **gpu), torch.randn(n // 1024, 128, **gpu)
    yield "DOT_BATCHED", (a, b), lambda u, v: u @ v.t()


def cupy_work(n):
    import cupy

    x = cupy.random.standard_normal(n, dtype=cupy.float32)
    edge = round(n**0.5)
    square = x[: edge * edge].reshape(edge, edge)
    mask = cupy.random.random(n, dtype=cupy.float32) < 0.5
    yield "MAP_ADD", lambda: x + x
    yield "MAP_COMPARE", lambda: x > 0.5
    yield "REDUCE_SUM", lambda: x.sum()
    yield "REDUCE_ARGMAX", lambda: x.argmax()
    yield "SCAN_INCLUSIVE", lambda: cupy.cumsum(x)
    yield "TRANSPOSE_2D", lambda: cupy.ascontiguousarray(square.T)
    yield "COMPACT_MASK", lambda: x[mask]
    yield "QUANTIZE_F32_TO_F16", lambda: x.astype(cupy.float16)


def cupy_seconds(work):
    import cupyx.profiler

    return float(statistics.median(cupyx.profiler.benchmark(work, n_repeat=10, n_warmup=2).gpu_times[0]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elements", type=int, default=1 << 28)
    parser.add_argument("--cub", help="program built from cub_peers.cu")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    n = arguments.elements
    torch.backends.cuda.matmul.allow_tf32 = False
    results = {}

    source = torch.empty(1 << 31, dtype=torch.uint8, device="cuda").random_()
    target = torch.empty_like(source)
    copy = 2 * source.numel() / seconds(lambda: target.copy_(source))
    fill = source.numel() / seconds(lambda: target.zero_())
    del source, target

    for name, inputs, function in torch_work(n):
        entry = results.setdefault(name, {})
        entry["torch"] = seconds(lambda: function(*inputs))
        if name in ("MAP_GELU", "SOFTMAX_STABLE", "QUANTIZE_F16_TO_I8", "DEQUANTIZE_I8_TO_F16", "TRANSPOSE_2D", "REDUCE_ARGMAX"):
            try:
                compiled = torch.compile(function)
                entry["torch_compile"] = seconds(lambda: compiled(*inputs))
            except Exception as error:  # a peer that fails is reported, and does not stop the others
                entry["torch_compile_error"] = str(error).splitlines()[0]
        torch.cuda.empty_cache()
    for name, work in cupy_work(n):
        results.setdefault(name, {})["cupy"] = cupy_seconds(work)
    if arguments.cub:
        lines = subprocess.run([arguments.cub, str(n)], check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n")
        for name, value in (line.split() for line in lines if line):
            results.setdefault(name, {})["cub"] = float(value)

    document = {
        "gpu": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "elements": n,
        "copy_bytes_per_second": copy,
        "fill_bytes_per_second": fill,
        "seconds": results,
    }
    with open(arguments.output, "w") as file:
        json.dump(document, file, indent=2)
    print(f"copy {copy / 1e12:.2f} TB/s, fill {fill / 1e12:.2f} TB/s")
    for name, entry in results.items():
        print(name, {k: (f"{1e6 * v:.0f} us" if isinstance(v, float) else v) for k, v in entry.items()})


if __name__ == "__main__":
    main()
