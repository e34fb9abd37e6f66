"""Checks emitted files with the tools that read them: SkyPilot's own schemas, a YAML and an HCL parser.

Usage: handover_check.py FILE...   (task.yaml, main.tf)
"""
import functools
import importlib.util
import pathlib
import sys
import types
from unittest import mock

import hcl2
import yaml


# The resource that is a machine, with the resources beside it.
MACHINES = {"digitalocean_droplet": {"digitalocean_tag"}, "aws_instance": {"aws_security_group"}}


@functools.cache
def skypilot():
    """SkyPilot's schemas, without what it needs to talk to clouds."""
    package = types.ModuleType("sky")
    package.__path__ = list(importlib.util.find_spec("sky").submodule_search_locations)
    package.__version__ = "0"
    sys.modules["sky"] = package
    for name in ("sky_logging", "adaptors", "adaptors.common", "skylet.configs", "skylet.log_lib", "server",
                 "server.daemons", "utils.message_utils", "utils.ux_utils"):
        sys.modules["sky." + name] = mock.MagicMock()
    from sky.utils import schemas, validator
    return schemas, validator.get_schema_validator()


def check_task(path):
    schemas, validator = skypilot()
    task = yaml.safe_load(path.read_text())
    for schema, value in ((schemas.get_task_schema(), task), (schemas.get_resources_schema(), task["resources"])):
        errors = list(validator(schema).iter_errors(value))
        assert not errors, errors
    assert task["num_nodes"] >= 1 and task["setup"].strip() and task["run"].strip()
    assert task["resources"]["autostop"]["down"] is True


def check_terraform(path):
    text = path.read_text()
    document = hcl2.loads(text)
    kinds = {kind.strip('"') for resource in document["resource"] for kind in resource}
    machine = next(kind for kind in MACHINES if kind in kinds)
    assert kinds == {machine, *MACHINES[machine]}, kinds
    named = next(list(r.values())[0] for r in document["resource"] if machine in list(r)[0])
    worker = list(named.values())[0]
    assert int(worker["count"]) >= 1 and "tags" in worker, worker
    assert "hosts" in str(document["output"]), document["output"]


for name in sys.argv[1:]:
    file = pathlib.Path(name)
    (check_task if file.suffix == ".yaml" else check_terraform)(file)
    print("valid:", file)
