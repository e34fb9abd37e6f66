"""Lists and calls every tool of `ingot mcp` through the official client library, in both eras of the protocol.

Usage: mcp_client.py PROGRAM DATA_DIR
"""

import asyncio
import json
import pathlib
import sys
import tempfile

import jsonschema
from mcp import Client
from mcp.client.stdio import StdioServerParameters

PROGRAM, DATA = sys.argv[1], pathlib.Path(sys.argv[2])

GOOD_SOURCE = "kernel void twice(device float* x [[buffer(0)]], uint i [[thread_position_in_grid]]) { x[i] *= 2; }"
BAD_SOURCE = "kernel void twice(device float* x [[buffer(0)]]) { x[0] = y; }"

# For each tool: calls, each with a check of the structured answer.
CALLS = {
    "kernels_search": [
        ({}, lambda r: len(r["kernels"]) >= 16),
        ({"query": "prefix sum"}, lambda r: {k["id"] for k in r["kernels"]} >= {"SCAN_EXCLUSIVE", "SCAN_INCLUSIVE"}),
        ({"query": "no such thing at all"}, lambda r: r["kernels"] == []),
        ({"domain": "Softmax"}, lambda r: all(k["domain"] == "Softmax" for k in r["kernels"])),
    ],
    "kernel_show": [
        ({"kernel": "TOPK_SELECT"}, lambda r: [p["name"] for p in r["params"]][0] == "k"),
        ({"kernel": "reduce_sum"}, lambda r: r["id"] == "REDUCE_SUM"),
    ],
    "select": [
        ({"operation": "softmax", "shapes": [[64, 1000]]}, lambda r: r["kernels"][0]["id"] == "SOFTMAX_STABLE"),
        (
            {"operation": "attention", "shapes": [[1, 8, 4096, 64]], "params": {"position_encoding": "rope"}},
            lambda r: [k["id"] for k in r["kernels"]] == ["ATTENTION_FLASH", "ROPE_PRECOMPUTE", "ROPE_APPLY"],
        ),
        ({"operation": "top_k", "params": {"n": 1000, "k": 5}}, lambda r: r["kernels"][0]["id"] == "TOPK_SELECT"),
    ],
    "route": [
        ({"workload": {"item_count": 200, "data_size_gb": 1e-6}}, lambda r: r["terminal"] == "T0" and r["cloud"] is None),
        (
            {"workload": {"item_count": 4294967296, "local_rate": 3500, "is_sequential": True, "outer_parallel": True}},
            lambda r: r["path"] == ["S0", "S1", "S5", "T6"] and r["cloud"]["count"] == 15,
        ),
        ({"workload": {"data_size_gb": 1, "mlx_expressible": "all", "machine_ram_gb": 24}}, lambda r: r["terminal"] == "T7"),
        ({"op": "softmax", "shape": [4096, 4096]}, lambda r: r["terminal"].startswith("T")),
        (
            {"pipeline": "vector-search", "size": 1000000, "workload": {"machine_ram_gb": 64, "is_parallel": True}},
            lambda r: r["local_hours"] > 0,
        ),
        ({"workload": {"data_size_gb": 1, "mlx_expressible": True, "machine_ram_gb": 24}}, lambda r: r["terminal"] == "T7"),
    ],
    "estimate": [
        (
            {"name": "SOFTMAX_STABLE", "size": 10000000, "profile": "m4-max"},
            lambda r: r["kernel"] == "SOFTMAX_STABLE" and r["bound"] == "memory" and r["seconds"] > 0,
        ),
        (
            {"name": "vector-search", "shape": [1000000, 128, 500], "params": {"k": 20}, "profile": "h100-sxm"},
            lambda r: len(r["steps"]) > 1 and r["inputs"][1]["shape"] == [500, 128],
        ),
        (
            {"name": "DOT_BATCHED", "shape": [1000, 64, 1000], "dtype": "f16", "profile": "m1"},
            lambda r: r["inputs"][0]["dtype"] == "f16",
        ),
    ],
    "health": [
        ({}, lambda r: r["snapshot"]["num_cores"] >= 1),
        ({"workload": {"data_size_gb": 1, "local_time_hours": 2}}, lambda r: r["verdict"] in ("pass", "warn", "block")),
    ],
    "msl_check": [
        ({"source": GOOD_SOURCE}, lambda r: r["kernels"] == 1 and r["reports"] == []),
        ({"source": BAD_SOURCE}, lambda r: "undeclared" in r["reports"][0]["message"]),
        ({"file": "good.metal", "strict": True}, lambda r: r["kernels"] == 1),
    ],
    "msl_translate": [
        ({"source": GOOD_SOURCE}, lambda r: "twice" in r["text"]),
        ({"file": "good.metal", "kernel": "twice"}, lambda r: r["target"] == "host"),
        ({"source": GOOD_SOURCE, "to": "cuda", "kernel": "twice"}, lambda r: "__global__" in r["text"]),
    ],
    "run_kernel": [
        (
            {"kernel": "REDUCE_SUM", "inputs": {"x": {"numbers": [1, 2, 3.5]}}},
            lambda r: r["outputs"][0]["first_elements"] == [6.5],
        ),
        (
            {"kernel": "SOFTMAX_STABLE", "device": "cpu", "inputs": {"x": {"random": [8, 100]}}},
            lambda r: r["outputs"][0]["shape"] == [8, 100],
        ),
        (
            {
                "kernel": "TOPK_SELECT",
                "inputs": {"x": {"numbers": [3, 1, 2, 9, 8, 7], "shape": [2, 3]}},
                "params": {"k": 2, "largest": False},
                "outputs": {"values": "top.npy"},
            },
            lambda r: r["outputs"][0]["first_elements"] == [1, 2, 7, 8] and r["outputs"][0]["file"].endswith("top.npy"),
        ),
    ],
    "pipeline_run": [
        (
            {
                "pipeline": "vector-search",
                "inputs": {"database": {"file": "digits.npy"}, "queries": {"file": "digits-queries.npy"}},
                "params": {"k": 10},
                "outputs": {"indices": "neighbours.npy"},
            },
            lambda r: r["outputs"][0]["shape"] == [100, 10] and r["figures"]["recall@k"]["value"] == 1,
        ),
    ],
}

# Calls that fail, with a word of the message that the model gets to see.
FAILURES = [
    ("kernel_show", {"kernel": "REDUCE_SOME"}, "did you mean"),
    ("kernel_show", {}, "kernel: is missing"),
    ("kernel_show", {"kernel": "--help"}, "is not a name"),
    ("kernels_search", {"domain": "Nothing"}, "Nothing"),
    ("select", {"operation": "sofmax"}, "did you mean softmax"),
    ("select", {"operation": "sort"}, "must be known"),
    ("select", {"operation": "sort", "shapes": [[0]]}, "at least 1"),
    ("route", {"workload": {}}, "item_count"),
    ("route", {"workload": {"item_cuont": 5}}, "did you mean item_count"),
    ("route", {"workload": {"item_count": -5}}, "item_count"),
    ("estimate", {"name": "SOFTMAX_STABLE", "profile": "m99"}, "m99"),
    ("estimate", {"name": "--profiles"}, "is not a name"),
    ("health", {"workload": {"data_size_gb": "much"}}, "must be of type number"),
    ("msl_check", {}, "either source or file"),
    ("msl_check", {"file": "/etc/passwd"}, "outside"),
    ("msl_check", {"file": "../outside.metal"}, "outside"),
    ("msl_check", {"file": "link.metal"}, "outside"),
    ("msl_check", {"source": '#include "/etc/passwd"\n' + GOOD_SOURCE}, "is not a name beside the source"),
    ("msl_check", {"file": "includes.metal"}, "outside"),
    ("msl_translate", {"source": BAD_SOURCE, "kernel": "twice"}, "undeclared"),
    ("msl_translate", {"source": GOOD_SOURCE, "to": "french"}, "must be one of"),
    ("run_kernel", {"kernel": "REDUCE_SUM"}, "missing"),
    ("run_kernel", {"kernel": "REDUCE_SUM", "inputs": {"x": {"numbers": [1, 2], "shape": [3]}}}, "do not fill"),
    ("run_kernel", {"kernel": "REDUCE_SUM", "inputs": {"x": {"numbers": [300], "dtype": "u8"}}}, "is no u8"),
    ("run_kernel", {"kernel": "REDUCE_SUM", "inputs": {"x": {"random": [100000, 100000]}}}, "at most"),
    ("run_kernel", {"kernel": "REDUCE_SUM", "inputs": {"x": {"file": "../outside.npy"}}}, "no such file"),
    (
        "run_kernel",
        {"kernel": "REDUCE_SUM", "inputs": {"x": {"numbers": [1]}}, "outputs": {"y": "../y.npy"}},
        "below",
    ),
    (
        "run_kernel",
        {"kernel": "REDUCE_SUM", "inputs": {"x": {"numbers": [1]}}, "outputs": {"y": "good.metal"}},
        "does not end in .npy",
    ),
    ("run_kernel", {"kernel": "REDUCE_SUM", "inputs": {"x": {"numbers": [1]}}, "params": {"axis": [1]}}, "params.axis"),
    ("pipeline_run", {"pipeline": "nonsense"}, "vector-search"),
]


def text_of(result):
    return result.content[0].text


async def check_era(mode, root):
    server = StdioServerParameters(command=PROGRAM, args=["mcp", "--root", str(root), "--root", str(DATA)])
    async with Client(server, mode=mode, read_timeout_seconds=120) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == set(CALLS), f"tools and calls differ: {set(tools) ^ set(CALLS)}"
        for tool in tools.values():
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
            jsonschema.Draft202012Validator.check_schema(tool.output_schema)
            assert tool.description and tool.title
        for name, calls in CALLS.items():
            for arguments, check in calls:
                jsonschema.validate(arguments, tools[name].input_schema)
                result = await client.call_tool(name, arguments)
                assert not result.is_error, f"{name} {arguments}: {text_of(result)}"
                jsonschema.validate(result.structured_content, tools[name].output_schema)
                assert json.loads(text_of(result)) == result.structured_content
                assert check(result.structured_content), f"{name} {arguments}: {result.structured_content}"
        for name, arguments, word in FAILURES:
            result = await client.call_tool(name, arguments)
            assert result.is_error, f"{name} {arguments} succeeded"
            assert word in text_of(result), f"{name} {arguments}: {text_of(result)}"
        results = await asyncio.gather(*(client.call_tool("kernel_show", {"kernel": "REDUCE_SUM"}) for _ in range(8)))
        assert all(not result.is_error for result in results)
    print(f"{mode}: {len(tools)} tools")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch, "root")
        root.mkdir()
        (root / "good.metal").write_text(GOOD_SOURCE)
        pathlib.Path(scratch, "outside.metal").write_text(GOOD_SOURCE)
        (root / "link.metal").symlink_to("../outside.metal")
        (root / "includes.metal").write_text('#include "../outside.metal"\n')
        for mode in ("2026-07-28", "auto", "legacy"):
            asyncio.run(check_era(mode, root))
        assert (root / "top.npy").stat().st_size > 0
        assert {path.name for path in root.iterdir()} == {
            "good.metal", "link.metal", "includes.metal", "top.npy", "neighbours.npy"
        }


main()
