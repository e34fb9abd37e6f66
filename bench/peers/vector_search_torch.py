"""Exact nearest neighbours by inner product with PyTorch: a matrix product and a selection, in chunks.

    vector_search_torch.py DATABASE.npy QUERIES.npy [--k 10] [--runs 9]

Prints JSON: the median time from queries on the host to neighbours on the host with the database on
the GPU, for the best of several sizes of chunks, and the neighbours that a product in f32 finds for
the first queries. Needs PyTorch with CUDA.
"""

import argparse
import json
import statistics
import time

import numpy
import torch


def search(database, queries, k, chunk):
    """Values and indices of the k best rows of each query, on the host."""
    queries = queries.to("cuda")
    values, indices = [], []
    for begin in range(0, len(database), chunk):
        scores = queries @ database[begin : begin + chunk].T
        best = scores.topk(min(k, scores.shape[1]), dim=1)
        values.append(best.values)
        indices.append(best.indices + begin)
    best = torch.cat(values, 1).topk(k, dim=1)
    return best.values.cpu(), torch.cat(indices, 1).gather(1, best.indices).cpu()


def median_seconds(action, runs):
    action()
    times = []
    for _ in range(runs):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        action()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("queries")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--runs", type=int, default=9)
    arguments = parser.parse_args()
    queries = torch.from_numpy(numpy.load(arguments.queries))
    database = torch.from_numpy(numpy.load(arguments.database)).to("cuda")
    chunks = {}
    for chunk in (62_500, 125_000, 250_000, 500_000, 1_000_000, 2_000_000):
        if chunk < 2 * len(database):
            chunks[chunk] = median_seconds(
                lambda: search(database, queries, arguments.k, chunk), arguments.runs
            )
    best = min(chunks, key=chunks.get)
    _, indices = search(database, queries, arguments.k, best)

    # In f32, for as many queries as are compared.
    torch.backends.cuda.matmul.allow_tf32 = False
    some = queries[:100].float()
    exact_values, exact = [], []
    for begin in range(0, len(database), 500_000):
        scores = some.to("cuda") @ database[begin : begin + 500_000].float().T
        top = scores.topk(min(arguments.k, scores.shape[1]), dim=1)
        exact_values.append(top.values)
        exact.append(top.indices + begin)
    order = torch.cat(exact_values, 1).topk(arguments.k, dim=1).indices
    exact = torch.cat(exact, 1).gather(1, order).cpu()
    found = sum(
        len(set(own) & set(wanted)) for own, wanted in zip(indices[:100].tolist(), exact.tolist())
    )
    print(
        json.dumps(
            {
                "torch": torch.__version__,
                "device": torch.cuda.get_device_name(),
                "seconds": chunks[best],
                "rows_in_a_chunk": best,
                "all_chunks": chunks,
                "recall": found / exact.numel(),
                "exact": exact.tolist(),
            }
        )
    )


if __name__ == "__main__":
    main()
