"""The journal in memory: what it forgets, and what it costs."""

from awsecs_async.engine.journal.memory import MemoryJournal
from awsecs_async.engine.journal.port import Admitted, Ended
from awsecs_async.model.lifecycle import State
from awsecs_async.model.outcome import Cause, Outcome
from awsecs_async.model.result import Result
from awsecs_async.model.task import TaskId, TaskSpec

EXITED = Outcome(state=State.SUCCEEDED, cause=Cause.EXIT, exit_code=0)
SPEC = TaskSpec(command=["true"])


def life(number: int) -> tuple[Admitted, Ended]:
    """The first and the last entry of a task."""
    task_id, key = TaskId(f"task-{number}"), f"key-{number}"
    result = Result(id=task_id, title="x", outcome=EXITED, key=key, submitted_at=1.0, ended_at=2.0)
    return Admitted(id=task_id, spec=SPEC, key=key, submitted_at=1.0), Ended(result=result)


async def test_what_ended_first_is_forgotten_first() -> None:
    """A program that runs for ever does not grow: endings beyond the limit leave, with their keys."""
    journal = MemoryJournal(finished_kept=3)
    for number in range(10):
        journal.write(life(number))
    journal.write(life(10)[:1])
    found = [number for number in range(11) if await journal.find(f"key-{number}")]
    assert found == [7, 8, 9, 10]
    assert repr(journal) == "<MemoryJournal 1 live, 3 finished>"


async def test_then_is_called_before_write_returns() -> None:
    """There is nothing to wait for, so the ledger's listeners hear at once."""
    heard: list[str] = []
    MemoryJournal().write(life(1), lambda: heard.append("written"))
    assert heard == ["written"]
