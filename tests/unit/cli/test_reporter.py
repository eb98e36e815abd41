"""What is told of a task: remarks on what was asked, and every attempt from the second on."""

import io
import json
import re
from dataclasses import dataclass, field, replace

import pytest
from rich.console import Console

from awsecs_async.cli import events
from awsecs_async.cli.endings import ending_of, ending_of_all
from awsecs_async.cli.recorder import Recorder
from awsecs_async.cli.reporter import Narrator
from awsecs_async.cli.screen import Screen
from awsecs_async.engine.roll import Transition
from awsecs_async.model.launch import LaunchId
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Outcome
from awsecs_async.model.placement import Kind, Placement, Provider
from awsecs_async.model.result import Attempt, Result
from awsecs_async.model.sighting import Arn
from awsecs_async.model.task import TaskId, TaskSpec

ID = TaskId("t")
REMARK = "cpus 0.3 raised to 0.5: Fargate's nearest size"
PLACEMENT = Placement(
    target="default", cluster="c",
    provider=Provider(name="mi-spot", kind=Kind.MANAGED_INSTANCES, is_spot=True),
    network_mode="host", cpu_units=512, memory_mib=1024, remarks=(REMARK,),
)  # fmt: skip


@dataclass(frozen=True)
class FakeTask:
    """As much of a Task as reporters look at."""

    index: int | None = None
    id: TaskId = ID
    spec: TaskSpec = field(default_factory=lambda: TaskSpec(command=["x"]))
    placement: Placement = PLACEMENT


def said(*tasks: FakeTask, moves: tuple[State, ...] = (), quiet: bool = False) -> list[str]:
    """The lines that are told of these tasks, the first of which moves so."""
    file = io.StringIO()
    narrator = Narrator(Screen(Console(file=file, width=200)), quiet=quiet)
    narrator.begin(tasks)  # type: ignore[arg-type] # a fake
    old = None
    for new in moves:
        transition = Transition(id=ID, title="x", old=old, new=new, at=0.0, note="spot took it")
        narrator.moved(tasks[0], transition)  # type: ignore[arg-type] # a fake
        old = new
    return file.getvalue().splitlines()


def test_remarks_are_said_once() -> None:
    """Whoever asked for less pays for more, and hears of it; not once for each of an array."""
    assert said(FakeTask()) == [f"awsecs: note: {REMARK}"]
    assert said(*(FakeTask(n) for n in range(3))) == ["awsecs: submitted 3 tasks", f"awsecs: note: {REMARK}"]
    assert said(FakeTask(), quiet=True) == []


def test_attempts_are_told_from_the_second_on() -> None:
    """A task that goes round again looks like one that hangs."""
    first = (State.QUEUED, State.LAUNCHING, State.RUNNING)
    lines = said(FakeTask(), moves=(*first, State.QUEUED, State.LAUNCHING, State.RUNNING))[1:]
    assert lines == [
        "awsecs: queued to run on mi-spot in cluster c",
        "awsecs: launching on mi-spot in cluster c",
        "awsecs: running on mi-spot in cluster c",
        "awsecs: queued again: spot took it",
        "awsecs: attempt 2, on spot: launching on mi-spot in cluster c",
        "awsecs: attempt 2, on spot: running on mi-spot in cluster c",
    ]


def test_tries_that_get_no_machine_are_told_once() -> None:
    """A night's wait for capacity is one line, not a page; and no such try is an attempt."""
    once = (State.LAUNCHING, State.PROVISIONING, State.QUEUED)
    lines = said(FakeTask(), moves=(State.QUEUED, *once, *once, *once, State.LAUNCHING, State.RUNNING))[1:]
    assert lines == [
        "awsecs: queued to run on mi-spot in cluster c",
        "awsecs: launching on mi-spot in cluster c",
        "awsecs: accepted on mi-spot in cluster c",
        "awsecs: queued again: spot took it",
        "awsecs: running on mi-spot in cluster c",
    ]


def test_each_place_is_told_once_while_none_has_a_machine() -> None:
    """Where it moved on to is news; that both are still full, an hour later, is not."""
    file = io.StringIO()
    narrator = Narrator(Screen(Console(file=file, width=200)))
    full = [replace(PLACEMENT, remarks=(), provider=replace(PLACEMENT.provider, name=n)) for n in ("a", "b")]
    narrator.begin([FakeTask(placement=full[0])])  # type: ignore[list-item] # a fake
    for place in full * 3:
        for old, new in ((State.QUEUED, State.LAUNCHING), (State.LAUNCHING, State.QUEUED)):
            note = f"{place.provider.name}: full"
            transition = Transition(id=ID, title="x", old=old, new=new, at=0.0, note=note)
            narrator.moved(FakeTask(placement=place), transition)  # type: ignore[arg-type] # a fake
    assert file.getvalue().splitlines() == [
        "awsecs: launching on a in cluster c",
        "awsecs: queued again: a: full",
        "awsecs: launching on b in cluster c",
        "awsecs: queued again: b: full",
    ]


def test_a_terminal_keeps_why_a_task_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The status line shows as much of it as there is room for, and is gone with the next change."""
    monkeypatch.setenv("TERM", "xterm")
    file = io.StringIO()
    console = Console(file=file, width=40, force_terminal=True, color_system=None)
    narrator = Narrator(Screen(console))
    task = FakeTask()
    narrator.begin([task])  # type: ignore[list-item] # a fake
    note = "no capacity " * 10 + "whatsoever"
    for old, new in ((None, State.QUEUED), (State.QUEUED, State.LAUNCHING), (State.LAUNCHING, State.QUEUED)):
        moved = Transition(id=ID, title="x", old=old, new=new, at=0.0, note=note)
        narrator.moved(task, moved)  # type: ignore[arg-type] # a fake
    assert "whatsoever\n" in file.getvalue()
    assert "launching" not in file.getvalue()
    narrator.tick({})
    status = file.getvalue().rpartition("\r\x1b[2K")[2]
    assert re.fullmatch(r".*queued again.*… 0\.\ds", status), "the time stands whole at its end"
    assert len(status) <= 37, "^C has room beside it"


def attempt(number: int, outcome: Outcome) -> Attempt:
    """A minute on spot with half a vCPU."""
    return Attempt(
        number=number, launch_id=LaunchId("l"), arn=Arn(f"arn/{number}"), target="default",
        provider="mi-spot", zone="eu-west-1a", instance_type="c6i.large", instance_id="i-1", is_spot=True,
        cpu_units=512, memory_mib=2048, launched_at=0.0, started_at=10.0, stopped_at=70.0, outcome=outcome,
    )  # fmt: skip


def result() -> Result:
    """A success on the second attempt."""
    spot = Outcome(state=State.FAILED, cause=Cause.SPOT, reason="spot took it", started=True)
    good = Outcome(state=State.SUCCEEDED, cause=Cause.EXIT, exit_code=0, started=True)
    return Result(
        id=ID, title="x", outcome=good, attempts=(attempt(1, spot), attempt(2, good)),
        submitted_at=0.0, started_at=10.0, ended_at=70.0,
    )  # fmt: skip


def test_the_ending_counts_attempts() -> None:
    """Where there were several."""
    assert ending_of(result()).message == "succeeded after 1m, on attempt 2"
    several = ending_of_all([result(), result()]).message
    assert several == "all 2 tasks succeeded, 2 of them on a later attempt"


def test_the_record_holds_each_attempt_and_what_all_used() -> None:
    """For whoever pays, and for whoever asks why it took so long."""
    event = events.ended(result())
    first, second = event["attempts"]
    assert (first["arn"], first["cause"], first["reason"]) == ("arn/1", "spot", "spot took it")
    assert (second["instance_type"], second["zone"], second["is_spot"]) == ("c6i.large", "eu-west-1a", True)
    assert (second["cpus"], second["started_at"], second["stopped_at"]) == (0.5, 10.0, 70.0)
    assert event["usage"] == {"vcpu_seconds": 60.0, "gb_seconds": 240.0}
    json.dumps(event)


def test_events_have_the_remarks() -> None:
    """As the sentences do."""
    lines: list[bytes] = []
    recorder = Recorder(Screen(Console(file=io.StringIO())), lines.append)
    recorder.begin([FakeTask()])  # type: ignore[list-item] # a fake
    assert json.loads(lines[0])["remarks"] == [REMARK]
