"""The EBS volume that a task may bring: what RunTask refuses of it, and how the task shows it.

A volume of the definition with `configuredAtLaunch` gets its size and kind from the call, one for
each task, made with it and by default deleted with it. Fargate's ephemeral storage is in
`launch_rules`. Source: AWS API_TaskManagedEBSVolumeConfiguration and ebs-volumes.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from awsecs_async.local.ecs.definitions import Definition
from awsecs_async.local.wire import Wire, invalid_parameter

_DEFAULT_TYPE: Final = "gp3"
_SIZES_GIB: Final = MappingProxyType(
    {
        **dict.fromkeys(("gp2", "gp3"), range(1, 16_385)),
        **dict.fromkeys(("io1", "io2"), range(4, 16_385)),
        **dict.fromkeys(("st1", "sc1"), range(125, 16_385)),
        "standard": range(1, 1_025),
    }
)
_IOPS: Final = MappingProxyType(
    {"gp3": range(3_000, 16_001), "io1": range(100, 64_001), "io2": range(100, 256_001)}
)
_NEEDS_IOPS: Final = frozenset({"io1", "io2"})
_THROUGHPUT_MIB: Final = range(125, 1_001)  # per second, gp3 only
_FILE_SYSTEMS: Final = ("ext3", "ext4", "xfs")  # of Linux
_SHOWN: Final = (
    "roleArn",
    "sizeInGiB",
    "snapshotId",
    "volumeType",
    "iops",
    "throughput",
    "encrypted",
    "kmsKeyId",
)


def read_volume(params: Wire, definition: Definition, launch_type: str) -> Wire | None:
    """The attachment that the call's volume makes on each task, None where it has none.

    Raises InvalidParameterException.
    """
    given = params.get("volumeConfigurations") or []
    open_ones = [item["name"] for item in definition.wire["volumes"] if item.get("configuredAtLaunch")]
    if not given and not open_ones:
        return None  # as ten thousand times in a simulation
    if len(given) > 1:
        raise invalid_parameter("At most one volume can be configured at launch.")
    if not given:
        raise invalid_parameter(
            f"Volume '{open_ones[0]}' of the task definition is configured at launch: "
            "give its volumeConfigurations."
        )
    name, ebs = given[0].get("name"), given[0].get("managedEBSVolume")
    if name not in open_ones:
        raise invalid_parameter(
            f"Volume configuration '{name}' does not name a volume of the task definition that is "
            "configured at launch (configuredAtLaunch: true)."
        )
    if not ebs or not ebs.get("roleArn"):
        raise invalid_parameter(f"managedEBSVolume of volume '{name}' needs a roleArn.")
    _check_size(ebs, launch_type)
    _check_speed(ebs)
    file_system = ebs.get("filesystemType", "xfs")
    if file_system not in _FILE_SYSTEMS:
        raise invalid_parameter(
            f"filesystemType is one of {', '.join(_FILE_SYSTEMS)} on Linux, not {file_system!r}."
        )
    return _attachment(name, ebs)


def _check_size(ebs: Wire, launch_type: str) -> None:
    kind, size = ebs.get("volumeType", _DEFAULT_TYPE), ebs.get("sizeInGiB")
    if kind not in _SIZES_GIB or (kind == "standard" and launch_type == "FARGATE"):
        raise invalid_parameter(
            f"volumeType {kind!r} is not supported here; there are {', '.join(_SIZES_GIB)}."
        )
    if size is None and not ebs.get("snapshotId"):
        raise invalid_parameter("managedEBSVolume needs sizeInGiB or snapshotId.")
    sizes = _SIZES_GIB[kind]
    if size is not None and size not in sizes:
        raise invalid_parameter(f"sizeInGiB of a {kind} volume is {sizes[0]} to {sizes[-1]}, not {size}.")


def _check_speed(ebs: Wire) -> None:
    kind, iops, throughput = ebs.get("volumeType", _DEFAULT_TYPE), ebs.get("iops"), ebs.get("throughput")
    if iops is None and kind in _NEEDS_IOPS:
        raise invalid_parameter(f"A {kind} volume needs iops.")
    if iops is not None:
        allowed = _IOPS.get(kind)
        if allowed is None:
            raise invalid_parameter(f"iops is not supported for {kind} volumes.")
        if iops not in allowed:
            raise invalid_parameter(f"iops of a {kind} volume is {allowed[0]} to {allowed[-1]}, not {iops}.")
    if throughput is not None:
        if kind != "gp3":
            raise invalid_parameter(f"throughput is supported for gp3 volumes only, not for {kind}.")
        if throughput not in _THROUGHPUT_MIB:
            raise invalid_parameter(f"throughput is 125 to 1000 MiB a second, not {throughput}.")


def _attachment(name: str, ebs: Wire) -> Wire:
    policy = ebs.get("terminationPolicy") or {}
    shown = {
        "volumeName": name,
        "volumeType": _DEFAULT_TYPE,
        "filesystemType": "xfs",
        "encrypted": False,
        **{key: ebs[key] for key in (*_SHOWN, "filesystemType") if ebs.get(key) is not None},
        "deleteOnTermination": policy.get("deleteOnTermination", True),
    }
    return {
        "type": "AmazonElasticBlockStorage",
        "status": "ATTACHED",
        "details": [{"name": key, "value": _text(value)} for key, value in shown.items()],
    }


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def volume_of(task_id: str, attachment: Wire) -> Wire:
    """One task's own volume, as its attachment."""
    parts = (task_id[:8], task_id[8:12], task_id[12:16], task_id[16:20], task_id[20:])
    volume = {"name": "volumeId", "value": f"vol-{task_id[:17]}"}
    return {**attachment, "id": "-".join(parts), "details": [*attachment["details"], volume]}
