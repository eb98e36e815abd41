"""kill -9 at any moment: what was acknowledged is in the journal, and the journal opens."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

from awsecs_async.engine.journal.port import Admitted, Ended, LaunchMade, LaunchSettled, Remembered
from awsecs_async.engine.journal.sqlite import SqliteJournal
from awsecs_async.model.task import TaskId
from tests.bench.journal import life

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 10
MOST_LINES = 400  # acknowledged at most before a round's kill


def written_and_killed(path: Path, first: int, lines: int) -> list[tuple[str, int]]:
    """Let the child work until it has acknowledged so many steps, kill it, and return all that it said."""
    command = [sys.executable, "-W", "error", "-m", "tests.fault.journal_writer", str(path), str(first)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += child.stdout.readlines()  # what it had said and we had not read
    assert child.returncode == -9, "it ended by itself, before the kill"
    complete = [line.split() for line in said if line.endswith("\n")]
    return [(letter, int(number)) for letter, number in complete]


async def assert_kept(journal: SqliteJournal, remembered: Remembered, said: list[tuple[str, int]]) -> None:
    """Each acknowledged step is there, with everything that was written in it."""
    live = {task.admitted.id: task for task in remembered.tasks}
    for letter, number in said:
        admitted, made, settled, ended = life(number, distinct=number % 2 == 0)
        assert isinstance(admitted, Admitted)
        assert isinstance(made, LaunchMade)
        assert isinstance(settled, LaunchSettled)
        assert isinstance(ended, Ended)
        known = await journal.get(TaskId(f"{number:032x}"))
        assert known is not None, f"task {number} was acknowledged ({letter}) and is lost"
        assert known[0] == admitted
        if known[1] is not None:
            assert known[1] == ended.result
            continue
        assert letter != "E", f"the ending of task {number} was acknowledged and is lost"
        if letter in "LN":
            assert live[admitted.id].launch == made.launch
        if letter == "N":
            assert live[admitted.id].arn == settled.arns[0][1]


def test_what_was_acknowledged_survives_the_kill(tmp_path: Path) -> None:
    """Ten times killed at a random step, the same file keeps all that was acknowledged in every round."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    path, said = tmp_path / "journal", list[tuple[str, int]]()

    async def look() -> int:
        journal = SqliteJournal(path)
        remembered = await journal.open()
        await assert_kept(journal, remembered, said)
        await journal.close()
        assert all(launch.id for launch in remembered.launches)
        return len(remembered.tasks)

    for kill in range(ROUNDS):
        said += written_and_killed(path, kill * 100_000, chance.randrange(1, MOST_LINES))
        assert asyncio.run(look()) > 0


def test_a_kill_while_the_file_is_made_leaves_one_that_opens(tmp_path: Path) -> None:
    """Killed before any of the statements that make the file, whether alone or one death after the other."""

    async def look(path: Path) -> None:
        journal = SqliteJournal(path)
        await journal.open()
        journal.write(tuple(life(1)))
        await journal.close()

    died = 0
    for statement in range(1, 30, 3):
        path = tmp_path / f"journal-{statement}"
        command = [sys.executable, "-m", "tests.fault.journal_writer", str(path), "--die-at", str(statement)]
        died += subprocess.run(command, cwd=ROOT, check=False).returncode == -9
        asyncio.run(look(path))
    assert died >= 5, "the statements were not reached"
