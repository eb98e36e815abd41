"""What a container can ask about itself and its task."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from awsecs_async.local.metadata import Metadata, container_id, uri
from awsecs_async.local.reports import ContainerChanged, Pulled, TaskEnding
from awsecs_async.local.runtimes.port import ContainerRun, HealthCheck, TaskPlan
from awsecs_async.local.supervision import Ending

ARN = "arn:aws:ecs:us-east-1:000000000000:task/local/0f"
CLUSTER = "arn:aws:ecs:us-east-1:000000000000:cluster/local"
MAIN, OUT = container_id("0f", "main"), container_id("0f", "out")


def admitted() -> Metadata:
    """The metadata of one task of two containers, just begun."""
    main = ContainerRun(task_arn=ARN, task_id="0f", name="main", image="app", cpu_units=512, memory_mib=256)
    out = replace(
        main, name="out", health_check=HealthCheck(command=("CMD", "true")), log_group="g", log_stream="s"
    )
    plan = TaskPlan(
        task_arn=ARN, task_id="0f", cluster_arn=CLUSTER, family="f", revision=3, containers=(main, out)
    )
    metadata = Metadata()
    metadata.admit(plan, 0.0, {"who": "me"})
    return metadata


def changed(
    name: str, status: str, at: float, exit_code: int | None = None, health: str = "UNKNOWN"
) -> ContainerChanged:
    """A supervisor's report of one container."""
    return ContainerChanged(
        task_arn=ARN,
        name=name,
        runtime_id=container_id("0f", name),
        last_status=status,
        exit_code=exit_code,
        reason=None,
        health_status=health,
        at=at,
    )


def answer(content: dict[str, Any] | None) -> dict[str, Any]:
    """An answer that is there."""
    assert content is not None
    return content


def test_the_address_is_the_containers_own() -> None:
    """Each container is given an address that is nobody else's and the same each time."""
    assert uri("http://127.0.0.1:1", "0f", "main") == f"http://127.0.0.1:1/v4/{MAIN}"
    assert MAIN != OUT
    assert MAIN.startswith("0f-")


def test_a_container_reads_about_itself() -> None:
    """Name, image, limits, status and times are those of this container."""
    metadata = admitted()
    metadata.hear(changed("main", "RUNNING", 1.5))
    content = answer(metadata.container(MAIN))
    assert (content["Name"], content["Image"], content["KnownStatus"]) == ("main", "app", "RUNNING")
    assert content["Limits"] == {"CPU": 0.5, "Memory": 256}
    assert content["StartedAt"] == "1970-01-01T00:00:01.500000Z"
    assert content["ContainerARN"] == ARN.replace(":task/", ":container/") + f"/{MAIN}"
    assert not {"ExitCode", "FinishedAt", "Health", "LogOptions"} & set(content)


def test_a_helper_reads_how_main_ended() -> None:
    """Stage-out finds main's exit code and status in the task, while it runs itself."""
    metadata = admitted()
    metadata.hear(Pulled(task_arn=ARN, at=0.5))
    metadata.hear(changed("main", "RUNNING", 1))
    metadata.hear(changed("main", "STOPPED", 2, exit_code=0))
    metadata.hear(changed("out", "RUNNING", 2, health="HEALTHY"))
    task = answer(metadata.task(OUT))
    main, out = task["Containers"]
    assert (main["KnownStatus"], main["ExitCode"]) == ("STOPPED", 0)
    assert out["Health"] == {"status": "HEALTHY", "statusSince": "1970-01-01T00:00:02Z"}
    assert out["LogOptions"] == {"awslogs-group": "g", "awslogs-stream": "s"}
    assert (task["TaskARN"], task["Cluster"], task["Family"], task["Revision"]) == (ARN, CLUSTER, "f", "3")
    assert (task["DesiredStatus"], task["KnownStatus"]) == ("RUNNING", "RUNNING")
    assert task["PullStoppedAt"] == "1970-01-01T00:00:00.500000Z"


def test_the_end_is_seen_coming() -> None:
    """Containers that are still running read that the task is to stop."""
    metadata = admitted()
    metadata.hear(TaskEnding(task_arn=ARN, ending=Ending(stop_code="c", stopped_reason="r"), at=3))
    task = answer(metadata.task(MAIN))
    assert (task["DesiredStatus"], task["KnownStatus"]) == ("STOPPED", "PENDING")
    assert task["ExecutionStoppedAt"] == "1970-01-01T00:00:03Z"


def test_what_is_over_is_forgotten() -> None:
    """A finished task takes no memory, late reports are no error, and strangers get nothing."""
    metadata = admitted()
    metadata.forget(ARN)
    metadata.forget(ARN)
    metadata.hear(Pulled(task_arn=ARN, at=0))
    assert metadata.container(MAIN) is None
    assert metadata.task("nobody") is None
    assert repr(metadata) == "<Metadata of 0 tasks>"
