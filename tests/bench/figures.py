"""A Figure: one measured value beside what it is held against.

Seconds and megabytes alone say little about a dispatcher: a machine twice as fast halves them. So a figure
has a ratio wherever there is something to be compared with: the limit that AWS sets, an aim of ours, or a
baseline measured in the same run. A figure without any is told, not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

COLUMNS = ("measure", "value", "held against", "ratio", "wanted", "verdict")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table.

    Args:
        against: What the value is divided by, in the same unit; None where there is no such thing.

        what: What `against` is: "limit", "aim", "bare loop".

        wanted: The ratio that is good enough.

        at_most: Whether the ratio should stay at or below `wanted`; else at or above.
    """

    measure: str
    value: float
    unit: str
    against: float | None = None
    what: str = "aim"
    wanted: float = 1.0
    at_most: bool = True

    @property
    def ratio(self) -> float | None:
        """The value in parts of what it is held against."""
        return self.value / self.against if self.against else None

    @property
    def verdict(self) -> str:
        """met, missed, or nothing."""
        if self.ratio is None:
            return ""
        met = self.ratio <= self.wanted if self.at_most else self.ratio >= self.wanted
        return "met" if met else "MISSED"

    def row(self) -> tuple[str, ...]:
        """Its texts, by column."""
        value = f"{self.value:,.4g} {self.unit}"
        if self.against is None or self.ratio is None:
            return (self.measure, value, "", "", "", "")
        against = f"{self.what} {self.against:,.4g} {self.unit}"
        sign = "<=" if self.at_most else ">="
        return (self.measure, value, against, f"{self.ratio:.3f}", f"{sign} {self.wanted:g}", self.verdict)


def share(measure: str, part: float, whole: float, against: float, what: str = "limit") -> Figure:
    """A figure in per cent."""
    return Figure(
        measure=measure, value=100 * part / whole if whole else 0.0, unit="%", against=against, what=what
    )


def percentile(values: Sequence[float], part: float) -> float:
    """The value that this part of them (0 to 1) does not exceed; 0 of none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(part * len(ranked)))] if ranked else 0.0


def table(sections: Sequence[tuple[str, Sequence[Figure]]]) -> str:
    """All figures under their benches' titles, in columns."""
    rows = [figure.row() for _, figures in sections for figure in figures]
    widths = [max(map(len, column)) for column in zip(COLUMNS, *rows, strict=True)]
    lines = [_line(COLUMNS, widths)]
    for title, figures in sections:
        lines += ["", title, *(_line(figure.row(), widths) for figure in figures)]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
