"""Why one provider does not fit: a line of the refusal, should no other provider fit either."""

from __future__ import annotations


class Misfit(Exception):
    """This provider cannot have the task.

    Args:
        field: The field or setting that is in the way.

        problem: What it asks, what there is, and what to change; it names the provider where that matters.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
