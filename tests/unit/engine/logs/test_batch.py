"""Which streams are asked for together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.engine.logs.batch import FLOOR_SPAN_MS, batches
from tests.unit.engine.logs.scene import Scene

if TYPE_CHECKING:
    from awsecs_async.engine.logs.batch import Followed

NOON = 1_767_268_800_000


def followed(scene: Scene, floor_ms: int, *, found: bool = True) -> Followed:
    """A strand with its floor there."""
    reading = scene.open(scene.started())
    (strand,) = reading.strands
    strand.cursor.floor_ms = floor_ms
    strand.found = found
    return reading, strand


async def test_nothing_followed_is_no_call() -> None:
    """Nobody there, nothing asked."""
    assert batches([], group_is_ours=False) == []


async def test_who_is_far_behind_is_asked_for_apart() -> None:
    """One stream that goes back an hour must not bring an hour of ninety-nine others."""
    scene = Scene()
    near = [followed(scene, NOON + n) for n in range(99)]
    far = followed(scene, NOON - 3_600_000)
    first, second = batches([*near, far], group_is_ours=False)
    assert (first.since_ms, len(first.followed)) == (NOON - 3_600_000, 1)
    assert (second.since_ms, len(second.followed)) == (NOON, 99)


async def test_every_strand_is_in_one_batch_that_begins_no_later_than_its_floor() -> None:
    """No floor is passed over, no batch reaches back too far, and none asks for more than 100 streams."""
    scene = Scene()
    strands = [followed(scene, NOON + n * 1_000, found=n % 7 > 0) for n in range(300)]
    made = batches(strands, group_is_ours=False)
    assert sorted(id(s) for batch in made for _, s in batch.followed) == sorted(id(s) for _, s in strands)
    for batch in made:
        floors = [strand.cursor.floor_ms for _, strand in batch.followed]
        assert batch.since_ms == min(floors) >= max(floors) - FLOOR_SPAN_MS
        assert len(batch.streams or ()) <= 100
        assert len({strand.found for _, strand in batch.followed}) == 1


async def test_followers_of_one_stream_share_its_place() -> None:
    """A hundred and fifty followers of one task are one stream in one call."""
    scene = Scene()
    record = scene.started()
    readings = [scene.open(record) for _ in range(150)]
    (batch,) = batches([(reading, reading.strands[0]) for reading in readings], group_is_ours=True)
    assert batch.streams == (scene.stream(record),)
    assert len(batch.by_stream()[scene.stream(record)]) == 150
