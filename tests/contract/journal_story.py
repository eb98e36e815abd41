"""Stories of a journal: sequences of entries as a ledger writes them, and what must be remembered of them.

`Model` is the plainest thing that could work: it applies one entry after the other to values in
dictionaries. `stories()` asks the model what may happen next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from awsecs_async.engine.journal.port import (
    Admitted,
    Ended,
    Entry,
    LaunchMade,
    LaunchSettled,
    LiveTask,
    Noted,
    Remembered,
    StopWished,
    WentRound,
    WishDropped,
    Withdrawn,
)
from awsecs_async.model.container import ContainerSpec, Dependency, HealthCheck
from awsecs_async.model.launch import Launch, LaunchId
from awsecs_async.model.lifecycle import ENDINGS
from awsecs_async.model.outcome import Cause, Outcome, Wish
from awsecs_async.model.result import Attempt, Result
from awsecs_async.model.sighting import Arn
from awsecs_async.model.task import TaskId, TaskSpec

SPECS = (
    TaskSpec(command=["true"]),
    TaskSpec(command=["true"], cpus=1),
    TaskSpec(container="busybox", command=["echo", "\N{SNOWMAN}", "not Unicode: \udc80"], timeout="1h"),
    TaskSpec(
        containers=[
            ContainerSpec(
                container="a", environment={"A": "1"}, health_check=HealthCheck(command=["CMD", "true"])
            ),
            ContainerSpec(name="side", essential=False, depends_on=[Dependency(container="main")]),
        ],
        tags={"project": "x"},
    ),
)


@dataclass
class Model:
    """What a journal must remember."""

    live: dict[TaskId, LiveTask] = field(default_factory=dict)
    finished: dict[TaskId, tuple[Admitted, Result]] = field(default_factory=dict)
    unsettled: dict[LaunchId, Launch] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def apply(self, entry: Entry) -> None:  # noqa: C901 -- one case for each entry, and no more
        """Let it have happened."""
        match entry:
            case Admitted():
                self.live[entry.id] = LiveTask(admitted=entry)
            case Withdrawn():
                del self.live[entry.id]
            case LaunchMade(launch=launch):
                self.unsettled[launch.id] = launch
                for member in launch.members:
                    self.live[member] = replace(self.live[member], launch=launch)
            case LaunchSettled():
                arns = dict(entry.arns)
                launch = self.unsettled.pop(entry.launch_id)
                for member in launch.members:
                    arn = arns.get(member)
                    self.live[member] = replace(self.live[member], arn=arn, launch=launch if arn else None)
            case StopWished():
                self.live[entry.id] = replace(self.live[entry.id], wish=entry.wish, wish_reason=entry.reason)
            case WishDropped():
                self.live[entry.id] = replace(self.live[entry.id], wish=None, wish_reason="")
            case WentRound():
                task = self.live[entry.id]
                over = (*task.attempts, entry.attempt)
                self.live[entry.id] = replace(
                    task, attempts=over, launch=None, arn=None, wish=None, wish_reason=""
                )
            case Ended(result=result):
                self.finished[result.id] = (self.live.pop(result.id).admitted, result)
            case Noted():
                self.notes[entry.name] = entry.value

    def remembered(self) -> Remembered:
        """What opening the journal gives."""
        return Remembered(
            tasks=list(self.live.values()), launches=list(self.unsettled.values()), notes=self.notes
        )

    def known(self) -> dict[TaskId, tuple[Admitted, Result | None]]:
        """Every task, with its result if it has ended."""
        return {**{i: (task.admitted, None) for i, task in self.live.items()}, **self.finished}


TIMES = st.floats(0, 4e9)
TEXTS = st.text(max_size=8)
OUTCOMES = st.builds(
    Outcome,
    state=st.sampled_from(sorted(ENDINGS, key=str)),
    cause=st.sampled_from(Cause),
    exit_code=st.none() | st.integers(0, 255),
    reason=st.text(st.characters(), max_size=8),
    hint=TEXTS,
    started=st.booleans(),
)


class Teller:
    """Draws one entry after the other, each possible after those before."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.model = Model()
        self.count = 0

    def next(self) -> Entry:
        """One more, of a kind that is possible now."""
        self.count += 1
        entry = self.draw(st.sampled_from(self._possible()))()
        self.model.apply(entry)
        return entry

    def _possible(self) -> list[Callable[[], Entry]]:
        live = list(self.model.live.values())
        queued = [task for task in live if task.launch is None]
        running = [task for task in live if task.arn is not None]
        kinds: list[Callable[[], Entry]] = [self._admit, self._admit, self._note]
        if queued:
            kinds += [lambda: Withdrawn(id=self._one(queued)), lambda: self._launch(queued)] * 2
        if running:
            kinds.append(lambda: WentRound(id=(of := self._one(running)), attempt=self._attempt(of)))
        if self.model.unsettled:
            kinds += [self._settle] * 3
        if live:
            kinds.append(lambda: self._wish(self._one(live)))
            kinds.append(lambda: WishDropped(id=self._one(live)))
        if queued or running:
            kinds.append(lambda: self._end(self._one([*queued, *running])))
        return kinds

    def _one(self, tasks: list[LiveTask]) -> TaskId:
        return self.draw(st.sampled_from(tasks)).admitted.id

    def _admit(self) -> Entry:
        return Admitted(
            id=TaskId(f"task-{self.count}"),
            spec=self.draw(st.sampled_from(SPECS)),
            key=self.draw(st.none() | TEXTS.map(lambda text: f"{text}-{self.count}")),
            index=self.draw(st.none() | st.integers(0, 99)),
            size=self.draw(st.none() | st.just(100)),
            submitted_at=self.draw(TIMES),
        )

    def _launch(self, queued: list[LiveTask]) -> Entry:
        ids = [task.admitted.id for task in queued]
        members = tuple(self.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True)))
        launch = Launch(
            id=LaunchId(f"launch-{self.count}"),
            target="default",
            lane=("default", self.draw(TEXTS)),
            members=members,
            attempts=tuple(len(self.model.live[member].attempts) + 1 for member in members),
            request=self.draw(TEXTS),
            made_at=self.draw(TIMES),
        )
        return LaunchMade(launch=launch)

    def _settle(self) -> Entry:
        launch = self.draw(st.sampled_from(list(self.model.unsettled.values())))
        named = self.draw(st.integers(0, len(launch.members)))
        arns = tuple((member, Arn(f"arn:{launch.id}:{member}")) for member in launch.members[:named])
        return LaunchSettled(launch_id=launch.id, arns=arns)

    def _wish(self, task_id: TaskId) -> Entry:
        return StopWished(id=task_id, wish=self.draw(st.sampled_from(Wish)), reason=self.draw(TEXTS))

    def _attempt(self, task_id: TaskId) -> Attempt:
        task = self.model.live[task_id]
        return Attempt(
            number=len(task.attempts) + 1,
            launch_id=task.launch.id if task.launch else LaunchId(""),
            arn=task.arn,
            target="default",
            zone=self.draw(st.none() | TEXTS),
            instance_type=self.draw(st.none() | TEXTS),
            is_spot=self.draw(st.booleans()),
            cpu_units=self.draw(st.integers(0, 4096)),
            launched_at=self.draw(st.none() | TIMES),
            started_at=self.draw(st.none() | TIMES),
            outcome=self.draw(OUTCOMES),
        )

    def _end(self, task_id: TaskId) -> Entry:
        task = self.model.live[task_id]
        result = Result(
            id=task_id,
            title=self.draw(TEXTS),
            outcome=self.draw(OUTCOMES),
            attempts=(*task.attempts, self._attempt(task_id)) if task.launch else task.attempts,
            key=task.admitted.key,
            index=task.admitted.index,
            submitted_at=task.admitted.submitted_at,
            started_at=self.draw(st.none() | TIMES),
            ended_at=self.draw(TIMES),
        )
        return Ended(result=result)

    def _note(self) -> Entry:
        return Noted(name=self.draw(st.sampled_from(["a", "b"])), value=self.draw(TEXTS))


@st.composite
def stories(draw: st.DrawFn) -> list[list[Entry]]:
    """Up to 40 entries, in the order in which they happened, cut into groups."""
    teller = Teller(draw)
    groups: list[list[Entry]] = [[]]
    for _ in range(draw(st.integers(1, 40))):
        if draw(st.booleans()):
            groups.append([])
        groups[-1].append(teller.next())
    return groups


def tell(groups: Iterable[Iterable[Entry]]) -> Model:
    """What a journal that was written these must remember."""
    model = Model()
    for group in groups:
        for entry in group:
            model.apply(entry)
    return model
