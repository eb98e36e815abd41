"""What a kind of compute does not have is refused when the definition is registered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.wire import WireError

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]
CONTAINER: Params = {"name": "main", "image": "busybox"}
ROLE = "arn:aws:iam::000000000000:role/execution"
FARGATE = {"requiresCompatibilities": ["FARGATE"], "cpu": "1024", "memory": "2048"}
MANAGED = {
    "requiresCompatibilities": ["MANAGED_INSTANCES"],
    "networkMode": "host",
    "cpu": "1024",
    "memory": "2048",
}
EC2 = {"requiresCompatibilities": ["EC2"], "cpu": "1024", "memory": "2048"}


def definition(kind: Params, container: Params | None = None, **task: object) -> Params:
    """A request for one kind of compute, with these members of its container and its task."""
    return {"family": "job", **kind, "containerDefinitions": [{**CONTAINER, **(container or {})}], **task}


def linux(**members: object) -> Params:
    """A container's linuxParameters."""
    return {"linuxParameters": members}


def limit(name: str, soft: int, hard: int) -> Params:
    """A container's only ulimit."""
    return {"ulimits": [{"name": name, "softLimit": soft, "hardLimit": hard}]}


DEVICE = {"hostPath": "/dev/fuse", "containerPath": "/dev/fuse", "permissions": ["read", "write"]}
TMPFS = {"containerPath": "/scratch", "size": 64}
SECRET = {"secrets": [{"name": "KEY", "valueFrom": "arn:aws:ssm:us-east-1:000000000000:parameter/key"}]}
FILE = {"environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::bucket/some/job.env"}]}


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (definition(FARGATE, {"privileged": True}), "Fargate does not support privileged: container 'main'"),
        (definition(FARGATE, linux(devices=[DEVICE])), "linuxParameters.devices"),
        (definition(FARGATE, linux(tmpfs=[TMPFS])), "linuxParameters.tmpfs"),
        (definition(FARGATE, linux(sharedMemorySize=64)), "linuxParameters.sharedMemorySize"),
        (definition(FARGATE, linux(maxSwap=64)), "linuxParameters.maxSwap"),
        (definition(FARGATE, linux(capabilities={"add": ["SYS_ADMIN"]})), "capability SYS_ADMIN"),
        (definition(FARGATE, limit("nofile", 1, 2_000_000)), "nofile ulimit above 1048576"),
        (definition(FARGATE, {"startTimeout": 121}), "startTimeout of 121, only 2 to 120"),
        (definition(FARGATE, {"links": ["other"]}), "links"),
        (definition(FARGATE, ipcMode="task"), "ipcMode"),
        (definition(FARGATE, pidMode="host"), "pidMode host"),
        (
            definition(FARGATE, placementConstraints=[{"type": "memberOf", "expression": "a == b"}]),
            "placementCon",
        ),
        (
            definition(FARGATE, volumes=[{"name": "v", "host": {"sourcePath": "/x"}}]),
            "host.sourcePath: volume 'v'",
        ),
        (
            definition(FARGATE, volumes=[{"name": "v", "dockerVolumeConfiguration": {"scope": "task"}}]),
            "dockerVol",
        ),
        (
            definition(MANAGED, linux(sharedMemorySize=64)),
            "Managed Instances does not support linuxParameters.sh",
        ),
        (definition(MANAGED, linux(swappiness=60)), "linuxParameters.swappiness"),
        (definition(MANAGED, {"dnsServers": ["10.0.0.1"]}), "dnsServers"),
        (definition(MANAGED, {"dockerSecurityOptions": ["x"]}), "dockerSecurityOptions"),
        (definition(MANAGED, {"hostname": "x"}), "hostname"),
        (definition(MANAGED, {"startTimeout": 601}), "only 2 to 600"),
        (definition(MANAGED, {"logConfiguration": {"logDriver": "json-file"}}), "log driver json-file"),
        (definition(MANAGED, ephemeralStorage={"sizeInGiB": 30}), "ephemeralStorage"),
        (definition(MANAGED, proxyConfiguration={"containerName": "main"}), "proxyConfiguration"),
        (
            definition(MANAGED, runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}),
            "only LINUX",
        ),
        (definition(EC2, linux(devices=[{"containerPath": "/x"}])), "needs a hostPath"),
        (definition(EC2, linux(tmpfs=[{"containerPath": "/x"}])), "size in MiB"),
        (definition(EC2, linux(swappiness=101)), "0 to 100"),
        (definition(EC2, limit("nofiles", 1, 2)), "ulimit 'nofiles'"),
        (definition(EC2, limit("nofile", 3, 2)), "not above its hardLimit"),
        (definition(EC2, SECRET), "'executionRoleArn': container 'main'"),
        (
            definition(EC2, {"environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::b/x.txt"}]}),
            "ends in .env",
        ),
        (definition(EC2, {"environmentFiles": FILE["environmentFiles"] * 11}), "more than 10"),
        (definition(EC2, pidMode="mine"), "Invalid pidMode"),
        (definition(EC2, ipcMode="mine"), "Invalid ipcMode"),
        (definition(EC2, runtimePlatform={"cpuArchitecture": "RISCV"}), "Invalid cpuArchitecture"),
        (definition({**EC2, "cpu": "127"}), "128 .0.125 vCPU."),
        (definition({**MANAGED, "cpu": "193 vCPU"}), "to 196608"),
        (definition(EC2, volumes=[{"name": "v"}, {"name": "v"}]), "not unique: 'v'"),
        (
            definition(EC2, volumes=[{"name": "v", "efsVolumeConfiguration": {"rootDirectory": "/"}}]),
            "fileSystemId",
        ),
        (
            definition(
                EC2, volumes=[{"name": "v", "configuredAtLaunch": True, "host": {"sourcePath": "/x"}}]
            ),
            "more than one kind",
        ),
    ],
)
async def test_what_is_refused(ask: Ask, request_: Params, message: str) -> None:
    """Each rule refuses alone, by ClientException, and names what is wrong."""
    with pytest.raises(WireError, match=message) as refusal:
        await ask("RegisterTaskDefinition", **request_)
    assert refusal.value.code == "ClientException"


@pytest.mark.parametrize(
    "request_",
    [
        definition(FARGATE, linux(capabilities={"add": ["SYS_PTRACE"]}, initProcessEnabled=True)),
        definition(
            FARGATE, {"readonlyRootFilesystem": True, "user": "1000", **limit("nofile", 1024, 1_048_576)}
        ),
        definition(
            FARGATE, SECRET, executionRoleArn=ROLE, pidMode="task", ephemeralStorage={"sizeInGiB": 100}
        ),
        definition(
            FARGATE,
            volumes=[{"name": "v"}, {"name": "e", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}],
        ),
        definition(MANAGED, {"privileged": True, **linux(devices=[DEVICE], tmpfs=[TMPFS])}),
        definition(MANAGED, linux(capabilities={"add": ["SYS_ADMIN"]}), ipcMode="host", pidMode="host"),
        definition(MANAGED, FILE, volumes=[{"name": "v", "host": {"sourcePath": "/var/data"}}]),
        definition(MANAGED, runtimePlatform={"cpuArchitecture": "ARM64"}),
        definition(EC2, linux(sharedMemorySize=64, maxSwap=64, swappiness=60)),
    ],
)
async def test_what_is_taken(ask: Ask, request_: Params) -> None:
    """What a kind does have is not refused."""
    answer = await ask("RegisterTaskDefinition", **request_)
    assert answer["taskDefinition"]["status"] == "ACTIVE"
