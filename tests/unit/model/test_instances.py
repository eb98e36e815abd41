"""The catalogue of instance types: right where it says something, silent where it knows nothing."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from importlib.resources import files
from typing import Any

import pytest

from awsecs_async.model.instances import CATALOGUE, instance_type


def described() -> dict[str, Any]:
    """What EC2's DescribeInstanceTypes said, as moto recorded it."""
    record = files("moto") / "ec2" / "resources" / "instance_types.json.gz"
    if not record.is_file():
        pytest.skip("this moto keeps no record of EC2's instance types, or keeps it elsewhere")
    types: dict[str, Any] = json.loads(gzip.decompress(record.read_bytes()))
    return types


def test_the_catalogue_agrees_with_what_ec2_describes() -> None:
    """vCPUs, memory and architecture of every type that both know are the same."""
    both = [(CATALOGUE[name], said) for name, said in described().items() if name in CATALOGUE]
    assert len(both) > 1_200
    wrong = [
        known.name
        for known, said in both
        if known.vcpus != said["VCpuInfo"]["DefaultVCpus"]
        or known.memory_mib != said["MemoryInfo"]["SizeInMiB"]
        or known.architecture.lower() not in said["ProcessorInfo"]["SupportedArchitectures"]
    ]
    assert wrong == []


def test_local_disks_and_gpus_agree_with_what_ec2_describes() -> None:
    """Disks to within a per cent, GPUs exactly, parts of a GPU too."""
    for name, said in described().items():
        if (known := instance_type(name)) is None:
            continue
        disk = said.get("InstanceStorageInfo", {}).get("TotalSizeInGB", 0)
        assert known.local_storage_gb == pytest.approx(disk, rel=0.01, abs=2), name
        if gpus := said.get("GpuInfo", {}).get("Gpus"):
            assert known.gpus == sum(gpu["Count"] or gpu["GpuPartitionSize"] for gpu in gpus), name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("c6i.2xlarge", (8, 16 * 1024, "X86_64", 0, None)),
        ("t4g.micro", (2, 1024, "ARM64", 0, None)),
        ("g4dn.12xlarge", (48, 192 * 1024, "X86_64", 4, "t4")),
        ("g6f.xlarge", (4, 16 * 1024, "X86_64", 0.125, "l4")),
        ("g5g.metal", (64, 128 * 1024, "ARM64", 2, "t4g")),
        ("p5.48xlarge", (192, 2048 * 1024, "X86_64", 8, "h100")),
        ("inf2.48xlarge", (192, 768 * 1024, "X86_64", 12, "inferentia2")),
        ("p3.2xlarge", (8, 61 * 1024, "X86_64", 1, "v100")),
    ],
)
def test_types_that_people_ask_for(name: str, expected: tuple[object, ...]) -> None:
    """A few of each sort, written out."""
    known = CATALOGUE[name]
    found = (known.vcpus, known.memory_mib, known.architecture, known.gpus, known.accelerator)
    assert found == expected


def test_an_unknown_type_is_nothing_known() -> None:
    """AWS adds types every month, and a new one must not break anything."""
    assert instance_type("q9z.42xlarge") is None
    assert "q9z.42xlarge" not in CATALOGUE


def test_what_a_name_says() -> None:
    """Family, bare metal and burstable are read from the name."""
    assert CATALOGUE["u7i-6tb.112xlarge"].family == "u7i-6tb"
    assert CATALOGUE["m7i.metal-24xl"].is_bare_metal
    assert not CATALOGUE["m7i.large"].is_bare_metal
    assert CATALOGUE["t3a.large"].is_burstable
    assert not CATALOGUE["trn1.2xlarge"].is_burstable


def test_importing_the_catalogue_builds_nothing() -> None:
    """Whoever imports the model pays for the catalogue only when looking something up."""
    look = "import awsecs_async.model.instances as i; print(i._catalogue.cache_info().currsize)"
    assert (
        subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
        == "0\n"
    )


def test_the_repr_tells_its_size() -> None:
    """And not 1,300 types."""
    assert repr(CATALOGUE) == f"<catalogue of {len(CATALOGUE)} instance types>"
