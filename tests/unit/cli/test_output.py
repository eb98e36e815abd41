"""Lines on their way to standard output: in order, in few writes, bounded, and none for nobody."""

import asyncio
import threading

import pytest

from awsecs_async.cli import output as output_module
from awsecs_async.cli.output import Output

pytestmark = pytest.mark.real_time  # writes happen in a thread


class Reader:
    """Standard output whose reader takes nothing until it is let, or goes away."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.reads = threading.Event()
        self.began = threading.Event()
        self.gone = False

    def write(self, data: bytes) -> None:
        """Write as a pipe does."""
        self.began.set()
        self.reads.wait(10)
        if self.gone:
            raise BrokenPipeError(32, "Broken pipe")
        self.writes.append(data)


def fail(error: OSError) -> None:
    """Nobody expects the reader to go."""
    raise AssertionError(error)


async def test_everything_is_written_in_order_and_before_it_ends() -> None:
    """Nothing is lost, whatever the pace."""
    reader = Reader()
    reader.reads.set()
    async with Output(reader.write, lost=fail) as output:
        for number in range(1000):
            await output.put(b"%d\n" % number)
    assert b"".join(reader.writes) == b"".join(b"%d\n" % number for number in range(1000))


async def test_what_comes_during_a_write_is_written_together() -> None:
    """A slow reader makes writes larger, not more."""
    reader = Reader()
    async with Output(reader.write, lost=fail) as output:
        output.add(b"first\n")
        await asyncio.to_thread(reader.began.wait, 10)
        for _ in range(100):
            output.add(b"more\n")
        reader.reads.set()
    assert reader.writes == [b"first\n", b"more\n" * 100]


async def test_too_much_makes_the_readers_of_logs_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by waiting, not by losing."""
    monkeypatch.setattr(output_module, "LIMIT_BYTES", 10)
    reader = Reader()
    async with Output(reader.write, lost=fail) as output:
        await output.put(b"x" * 10)
        waiting = asyncio.create_task(output.put(b"y"))
        await asyncio.to_thread(reader.began.wait, 10)
        assert not waiting.done()
        reader.reads.set()
        await waiting
    assert b"".join(reader.writes) == b"x" * 10 + b"y"


async def test_a_reader_that_goes_away_is_told_once_and_nobody_waits_for_it() -> None:
    """The run hears of it and can stop; what comes later is dropped."""
    told: list[OSError] = []
    reader = Reader()
    reader.gone = True
    reader.reads.set()
    async with Output(reader.write, lost=told.append) as output:
        await output.put(b"x")
        await output.flush()
        assert output.is_lost
        await output.put(b"y" * (output_module.LIMIT_BYTES + 1))
    assert [type(error) for error in told] == [BrokenPipeError]
