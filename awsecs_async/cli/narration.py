"""What is said of one task at each change: a table of sentences, without a screen or a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsecs_async.model.lifecycle import State

if TYPE_CHECKING:
    from awsecs_async.engine.roll import Transition
    from awsecs_async.model.placement import Placement
    from awsecs_async.model.sighting import Arn


BRIEF_ID: Final = 12


def ecs_id(arn: Arn) -> str:
    """ECS's id of a task: the last part of its ARN."""
    return arn.rsplit("/", 1)[-1]


def where(placement: Placement) -> str:
    """The provider and the cluster."""
    provider = placement.provider.name or placement.provider.kind.value
    return f"on {provider} in cluster {placement.cluster.rsplit('/', 1)[-1]}"


def is_return(transition: Transition) -> bool:
    """Whether the task is queued once more, its attempt being over."""
    return transition.new is State.QUEUED and transition.old is not None


def sentence(transition: Transition, placement: Placement, *, attempt: int = 1, brief: bool = False) -> str:
    """What happened, in a few words; of an ending only its name, for ``endings`` tells the rest.

    ``attempt`` is told from the second on. ``brief`` shortens ECS's id as Docker shortens its own.
    """
    if is_return(transition):
        return f"queued again: {transition.note or 'its attempt could not be kept'}"
    said = _SENTENCES.get(transition.new, "{state}").format(
        where=where(placement), state=transition.new.value.lower().replace("_", " ")
    )
    if attempt > 1 and not transition.new.is_ending:
        said = f"attempt {attempt}{', on spot' if placement.provider.is_spot else ''}: {said}"
    if transition.arn is None:
        return said
    return f"{said} (task {ecs_id(transition.arn)[: BRIEF_ID if brief else None]})"


_SENTENCES: Final = {
    State.QUEUED: "queued to run {where}",
    State.LAUNCHING: "launching {where}",
    State.PROVISIONING: "accepted {where}",
    State.STARTING: "starting {where}",
    State.RUNNING: "running {where}",
}
