"""The EBS volume that a task brings along."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from awsecs_async.local.wire import WireError

Ask = Callable[..., Awaitable[dict[str, Any]]]
Params = dict[str, Any]
ROLE = "arn:aws:iam::000000000000:role/infra"


@pytest.fixture
async def disk(ask: Ask, job: Params) -> None:
    """`job` with a volume that is configured at launch."""
    job["volumes"] = [{"name": "work", "configuredAtLaunch": True}]
    job["containerDefinitions"][0]["mountPoints"] = [{"sourceVolume": "work", "containerPath": "/work"}]
    await ask("RegisterTaskDefinition", **job)


def volume(**members: object) -> Params:
    """A call's volumeConfigurations."""
    return {"volumeConfigurations": [{"name": "work", "managedEBSVolume": {"roleArn": ROLE, **members}}]}


async def test_each_task_gets_a_volume_of_its_own(ask: Ask, disk: None) -> None:
    """It is shown as an attachment, with an id, and with what was asked for."""
    answer = await ask(
        "RunTask", count=2, **volume(sizeInGiB=200, volumeType="io2", iops=500, encrypted=True)
    )
    shown = [task["attachments"][0] for task in answer["tasks"]]
    details = [{item["name"]: item["value"] for item in attachment["details"]} for attachment in shown]
    assert {attachment["type"] for attachment in shown} == {"AmazonElasticBlockStorage"}
    assert details[0]["volumeId"].startswith("vol-")
    assert details[0].pop("volumeId") != details[1].pop("volumeId")
    assert details[0] == {
        "volumeName": "work",
        "volumeType": "io2",
        "filesystemType": "xfs",
        "encrypted": "true",
        "roleArn": ROLE,
        "sizeInGiB": "200",
        "iops": "500",
        "deleteOnTermination": "true",
    }


@pytest.mark.parametrize(
    "members",
    [
        {"sizeInGiB": 1},
        {"sizeInGiB": 16384, "volumeType": "gp3", "iops": 16000, "throughput": 1000},
        {"sizeInGiB": 125, "volumeType": "st1"},
        {"snapshotId": "snap-1"},
        {"sizeInGiB": 1024, "volumeType": "standard"},
        {"sizeInGiB": 30, "filesystemType": "ext4", "terminationPolicy": {"deleteOnTermination": False}},
    ],
)
async def test_volumes_that_can_be_had(ask: Ask, disk: None, members: Params) -> None:
    """The edges of what AWS sells are inside."""
    assert len((await ask("RunTask", **volume(**members)))["tasks"]) == 1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "give its volumeConfigurations"),
        (volume(), "sizeInGiB or snapshotId"),
        (volume(sizeInGiB=30, roleArn=""), "needs a roleArn"),
        ({"volumeConfigurations": [{"name": "other", "managedEBSVolume": {"roleArn": ROLE}}]}, "'other'"),
        ({"volumeConfigurations": volume(sizeInGiB=1)["volumeConfigurations"] * 2}, "At most one"),
        (volume(sizeInGiB=0), "1 to 16384"),
        (volume(sizeInGiB=16385), "1 to 16384"),
        (volume(sizeInGiB=124, volumeType="sc1"), "125 to 16384"),
        (volume(sizeInGiB=1025, volumeType="standard"), "1 to 1024"),
        (volume(sizeInGiB=3, volumeType="io1", iops=100), "4 to 16384"),
        (volume(sizeInGiB=30, volumeType="gp9"), "'gp9' is not supported"),
        (volume(sizeInGiB=30, volumeType="io1"), "needs iops"),
        (volume(sizeInGiB=30, volumeType="io1", iops=64001), "100 to 64000"),
        (volume(sizeInGiB=30, iops=2999), "3000 to 16000"),
        (volume(sizeInGiB=30, volumeType="gp2", iops=3000), "not supported for gp2"),
        (volume(sizeInGiB=30, throughput=1001), "125 to 1000"),
        (volume(sizeInGiB=30, volumeType="io2", iops=100, throughput=500), "gp3 volumes only"),
        (volume(sizeInGiB=30, filesystemType="ntfs"), "filesystemType"),
    ],
)
async def test_volumes_that_are_refused(ask: Ask, disk: None, params: Params, message: str) -> None:
    """Each rule refuses alone, and says which it is."""
    with pytest.raises(WireError, match=message) as refusal:
        await ask("RunTask", **params)
    assert refusal.value.code == "InvalidParameterException"


@pytest.mark.parametrize(("gib", "right"), [(20, False), (21, True), (200, True), (201, False)])
async def test_ephemeral_storage_is_fargates(ask: Ask, registered: str, gib: int, right: bool) -> None:  # noqa: FBT001
    """21 to 200 GiB there, and nothing elsewhere."""
    definition: Params = {
        "family": "f",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
    }
    await ask("RegisterTaskDefinition", **definition, containerDefinitions=[{"name": "main", "image": "x"}])
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    asked: Params = {"overrides": {"ephemeralStorage": {"sizeInGiB": gib}}}
    with pytest.raises(WireError, match="only supported on Fargate"):
        await ask("RunTask", **asked)
    asked |= {"taskDefinition": "f", "launchType": "FARGATE", "networkConfiguration": network}
    if right:
        assert len((await ask("RunTask", **asked))["tasks"]) == 1
    else:
        with pytest.raises(WireError, match="21 and 200"):
            await ask("RunTask", **asked)
