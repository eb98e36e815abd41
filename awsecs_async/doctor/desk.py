"""Where the checks of one target are written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsecs_async.doctor.check import Check, Verdict

if TYPE_CHECKING:
    from awsecs_async.model.settings import Target


class Desk:
    """The checks so far, of one target or (None) of the settings as a whole. Its state is their list."""

    def __init__(self, target: Target | None) -> None:
        self._target = target
        self.checks: list[Check] = []

    def __repr__(self) -> str:
        return f"<Desk of {self._name or 'all'}: {len(self.checks)} checks>"

    @property
    def _name(self) -> str:
        return self._target.name if self._target else ""

    @property
    def target(self) -> Target:
        """The target that is looked at."""
        assert self._target is not None  # noqa: S101 (its checks ask; those of the whole do not)
        return self._target

    @property
    def has_failed(self) -> bool:
        """Whether anything failed so far."""
        return any(check.verdict is Verdict.FAILS for check in self.checks)

    def holds(self, name: str, found: str) -> None:
        """It is as it should be."""
        self._put(name, Verdict.HOLDS, found, "")

    def warns(self, name: str, found: str, mend: str) -> None:
        """It may be wrong, or could not be asked."""
        self._put(name, Verdict.WARNS, found, mend)

    def fails(self, name: str, found: str, mend: str) -> None:
        """It is wrong: tasks will not run until it is mended."""
        self._put(name, Verdict.FAILS, found, mend)

    def _put(self, name: str, verdict: Verdict, found: str, mend: str) -> None:
        self.checks.append(Check(target=self._name, name=name, verdict=verdict, found=found, mend=mend))
