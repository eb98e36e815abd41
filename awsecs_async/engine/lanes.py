"""Lines and lanes: who waits, and where it may go.

A *line* is the tasks that may go to the same places in the same order of preference; a *lane* is one of those
places: a provider (and kind of machine) of a target, with a gate that closes while it has no capacity. A task
stands in one line, and its line leads to every lane of its route. It goes to the first of them whose gate is
open, and to a closed one only as a probe, so nothing has to be carried from lane to lane when one closes:
ten thousand tasks move on at once because the next lane may now take them.

Within a line the highest priority goes first; within a priority the groups take turns, one task each; within
a group it is first come, first served. Lines to the same lane take turns, the higher priority first.

A closed lane may lack room for a large task and have it for a small one. So a task that found none lets one
of another size go before it, until every size was tried: the large one does not keep the others waiting.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from awsecs_async.kit.backoff import Backoff
from awsecs_async.kit.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from awsecs_async.engine.record import Record
    from awsecs_async.model.task import TaskId

_Groups = OrderedDict[str, "OrderedDict[TaskId, Record]"]
LaneKey = tuple[str, str]  # target, provider and kind of machine: see ``Placement.lane``
LineKey = tuple[LaneKey, ...]
_Size = tuple[int, int, str, int]  # CPU units, MiB, GPUs, GiB of a volume: at the first place of its route

CAPACITY_FIRST_SECONDS = 2.0
CAPACITY_CEILING_SECONDS = 60.0


class Line:
    """Tasks that wait for the same lanes. Its mutable state is who stands where."""

    def __init__(self, lanes: tuple[Lane, ...]) -> None:
        self.lanes = lanes
        self._priorities: dict[int, _Groups] = {}
        self._length = 0
        self._sizes: set[_Size] = set()  # that ever stood here
        self._refused: set[_Size] = set()  # that found no room of late

    def __repr__(self) -> str:
        return f"<Line to {', then '.join(lane.name for lane in self.lanes)}: {self._length} queued>"

    def __len__(self) -> int:
        return self._length

    @property
    def key(self) -> LineKey:
        """The lanes that it leads to, by key."""
        return tuple(lane.key for lane in self.lanes)

    @property
    def priority(self) -> int:
        """The highest of those who stand here."""
        return max(self._priorities)

    def leads_to(self, lane: Lane) -> bool:
        """Whether that lane may take from it: those that are preferred to it are closed."""
        for each in self.lanes:
            if each is lane:
                return True
            if each.gate.is_open:
                return False
        return False

    def put(self, record: Record, *, front: bool) -> None:
        """Let it wait here."""
        groups = self._priorities.setdefault(record.spec.priority, OrderedDict())
        queue = groups.setdefault(record.spec.group, OrderedDict())
        queue[record.id] = record
        self._sizes.add(_size(record))
        if front:
            queue.move_to_end(record.id, last=False)
        self._length += 1

    def give_way(self, record: Record) -> None:
        """It stands here and found no room: the first of a size not tried yet goes before it."""
        self._refused.add(_size(record))

    def remove(self, record: Record) -> bool:
        """Take it out, wherever it stands; False if it is not here."""
        groups = self._priorities.get(record.spec.priority)
        queue = groups.get(record.spec.group) if groups else None
        if queue is None or queue.pop(record.id, None) is None:
            return False
        self._length -= 1
        self._tidy(record.spec.priority, record.spec.group)
        return True

    def holds(self, record: Record) -> bool:
        """Whether it stands here."""
        groups = self._priorities.get(record.spec.priority)
        queue = groups.get(record.spec.group) if groups else None
        return queue is not None and record.id in queue

    def take(self, most: int) -> list[Record]:
        """The next task, and up to ``most`` in all where they are copies of it."""
        priority = self.priority
        groups = self._priorities[priority]
        group, queue = next(iter(groups.items()))
        taken = [queue.pop(self._first(queue).id)]
        while len(taken) < most and queue and _equal(taken[0], next(iter(queue.values()))):
            taken.append(queue.popitem(last=False)[1])
        groups.move_to_end(group)  # the other groups' turn
        self._length -= len(taken)
        self._tidy(priority, group)
        return taken

    def _first(self, queue: Mapping[TaskId, Record]) -> Record:
        """Whose turn it is in a group. Only a probe looks through it, so a long queue costs nobody else."""
        first = next(iter(queue.values()))
        if _size(first) not in self._refused or len(self._sizes) == 1:
            return first
        if not any(lane.gate.is_open for lane in self.lanes):
            for each in queue.values():
                if _size(each) not in self._refused:
                    return each
        self._refused.clear()  # all were tried, or there is room again
        return first

    def _tidy(self, priority: int, group: str) -> None:
        groups = self._priorities[priority]
        if not groups[group]:
            del groups[group]
        if not groups:
            del self._priorities[priority]


class Lane:
    """One provider's capacity, and the lines that lead to it.

    Its mutable state is its gate, those lines, how many workers launch there, and how many others must not
    find it forgotten.
    """

    def __init__(self, key: LaneKey, turned: Callable[[Lane], None]) -> None:
        self.key = key
        self.gate = Gate(Backoff(CAPACITY_FIRST_SECONDS, CAPACITY_CEILING_SECONDS))
        self.workers = 0
        self.guests = 0
        self._turned = turned
        self._lines: OrderedDict[LineKey, Line] = OrderedDict()

    def __repr__(self) -> str:
        return f"<Lane {'/'.join(self.key)}: {len(self)} queued, {self.workers} workers, {self.gate!r}>"

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    @property
    def name(self) -> str:
        """Its provider (and kind of machine), for people."""
        return self.key[1]

    @property
    def lines(self) -> Iterable[Line]:
        """Those that lead here."""
        return self._lines.values()

    @property
    def is_idle(self) -> bool:
        """Whether nobody would miss it."""
        return not (self._lines or self.workers or self.guests) and self.gate.is_open

    def join(self, line: Line) -> None:
        """That line leads here."""
        self._lines[line.key] = line

    def leave(self, line: Line) -> None:
        """That line is over."""
        self._lines.pop(line.key, None)

    def close(self, reason: str) -> None:
        """There is no capacity: its tasks may go on, and one probe at a time tries again."""
        was_open = self.gate.is_open
        self.gate.close(reason)
        if was_open:
            self._turned(self)

    def open(self) -> None:
        """There is capacity."""
        was_open = self.gate.is_open
        self.gate.open()
        if not was_open:
            self._turned(self)

    def next_line(self) -> Line | None:
        """Whose turn it is here."""
        found = max(self._leading(), key=lambda line: line.priority, default=None)  # of equals the first
        if found is not None:
            self._lines.move_to_end(found.key)
        return found

    def _leading(self) -> Iterator[Line]:
        return (line for line in self._lines.values() if line.leads_to(self))


def _size(record: Record) -> _Size:
    place = record.route[0]
    return place.cpu_units, place.memory_mib, place.gpus, place.ebs.size_gib if place.ebs else 0


def _equal(one: Record, other: Record) -> bool:
    """Whether one RunTask call can ask for both: the same spec (one object, as copies have it), no index, and
    the same attempt, since what a Fusion task runs differs by that.
    """
    return (
        one.spec is other.spec
        and one.index is None
        and other.index is None
        and one.next_attempt == other.next_attempt
    )
