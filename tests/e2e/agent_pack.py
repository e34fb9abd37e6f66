"""Everything that the agent pack names exists: calls of MLX and PyTorch, commands of `ingot`; its examples run.

MLX is looked up in the real package. PyTorch's names, few and old, are compared with a list that was read from its documentation.

Usage: agent_pack.py PROGRAM
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers

PROGRAM = pathlib.Path(sys.argv[1])

# https://docs.pytorch.org/docs/stable: torch, torch.mps, torch.backends.mps, MPS environment variables.
TORCH = {"backends.mps.is_available", "device", "matmul", "mps.synchronize", "randn"}
TORCH_VARIABLES = {"PYTORCH_ENABLE_MPS_FALLBACK"}

# What stands for an array, a model or an optimiser in the text.
OBJECTS = {"x": mx.array([1.0]), "optimizer": mlx.optimizers.SGD(0.1)}


def resolve(root, path):
    for name in path.split("."):
        root = getattr(root, name)
    return root


def names(text, prefix):
    return {name.rstrip(".") for name in re.findall(rf"(?<![\w./]){prefix}\.([A-Za-z_][\w.]*)", text)}


def check_names(path, text):
    for name in names(text, "mx"):
        resolve(mx, name)
    for name in names(text, "nn"):
        resolve(nn, name)
    for name in names(text, "mlx") - {"core"}:
        resolve(mlx, name)
    for variable, value in OBJECTS.items():
        for name in names(text, variable):
            if name not in ("npy", "T"):
                resolve(value, name)
    unknown = names(text, "torch") - TORCH
    assert not unknown, f"{path}: not known of PyTorch: {unknown}"
    unknown = set(re.findall(r"PYTORCH_\w+", text)) - TORCH_VARIABLES
    assert not unknown, f"{path}: not known of PyTorch: {unknown}"


def check_keywords(text):
    """Keyword arguments of MLX calls are in the signatures that MLX documents."""
    for call, arguments in re.findall(r"`(mx\.[\w.]+)\(([^`]*)\)`", text):
        documentation = resolve(mx, call[3:]).__doc__ or ""
        for keyword in re.findall(r"(?<![\w])(\w+)=", arguments):
            assert re.search(rf"\b{keyword}\b", documentation), f"{call} has no {keyword}"


def check_commands(path, text):
    for command in set(re.findall(r"`ingot ([a-z]+(?: (?:list|show|check|run|translate))?)", text)):
        outcome = subprocess.run([PROGRAM, *command.split(), "--help"], capture_output=True, text=True)
        assert f"Usage: ingot {command} " in outcome.stdout, f"{path}: there is no command: ingot {command}"
        options = re.findall(rf"`ingot {command}[^`]*?`", text)
        for option in {o for line in options for o in re.findall(r"--[a-z-]+", line.split(" -- ")[0])}:
            assert option in outcome.stdout or command == "pipeline", f"{path}: ingot {command} has no {option}"


def run_examples(text, scratch):
    """The blocks of Python with MLX, and the Metal kernel with its commands."""
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        if "mlx" in block:
            exec(block, {})
    (scratch / "scale.metal").write_text(re.search(r"```metal\n(.*?)```", text, re.S)[1])
    mx.save(str(scratch / "x.npy"), mx.arange(1000, dtype=mx.float32))
    commands = re.search(r"```sh\n(.*?)```", text, re.S)[1]
    environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-euc", commands], cwd=scratch, env=environment, check=True, stdout=subprocess.DEVNULL)
    assert mx.array_equal(mx.load(str(scratch / "y.npy")), 2 * mx.arange(1000, dtype=mx.float32))


def check_workloads(text, scratch):
    """The router says of each worked example what the text says."""
    examples = re.findall(r"```json\n(.*?)```\n\n- ([^\n]*)", text, re.S)
    assert len(examples) == 11
    for workload, path in examples:
        (scratch / "workload.json").write_text(workload)
        answer = subprocess.run([PROGRAM, "route", "--json", "workload.json"], cwd=scratch, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
        document = json.loads(answer.stdout)
        assert " -> ".join(document["path"]) + " " + document["name"] == path, f"{document['path']}, not {path}"


def main():
    with tempfile.TemporaryDirectory() as directory:
        project = pathlib.Path(directory, "project")
        (project / ".git").mkdir(parents=True)
        subprocess.run([PROGRAM, "init", "--agent", "all", "--dir", project, "--json"], check=True, stdout=subprocess.DEVNULL)
        for path in sorted(project.rglob("*.md")):
            text = path.read_text()
            check_names(path.name, text)
            check_keywords(text)
            check_commands(path.name, text)
        agent = (project / ".claude/agents/metal.md").read_text()
        scratch = pathlib.Path(directory, "scratch")
        scratch.mkdir()
        # Blocks inside of lists are indented.
        run_examples(re.sub(r"(?m)^   (?! )|^   $", "", agent), scratch)
        check_workloads(agent, scratch)


main()
