"""Quantities as people write them, parsed once and said back in ECS's units.

ECS counts CPU in units of 1/1024 vCPU, memory in MiB and time in seconds. People write ``2``,
``"0.5 vCPU"``, ``"4 GB"``, ``"1h 30m"``. As in Nextflow, ``KB``, ``MB``, ``GB`` and ``TB`` are binary
(``4 GB`` is 4096 MiB), and ``KiB`` and the like mean the same; ``4.GB`` and ``2.h`` are its Groovy form.
"""

from __future__ import annotations

import math
import re

from awsecs_async.errors import InvalidTask

CPU_UNITS_PER_VCPU = 1024  # AWS: task definition parameters, "cpu"
MEBIBYTE = 1024**2
_GIBIBYTE = 1024  # in MiB
_TEBIBYTE = 1024**2
_TENTHS_BELOW = 10  # seconds
_BEYOND_ALL = 1e15  # of vCPUs, MiB or seconds: nobody means that many

_BYTES = {"": MEBIBYTE, "b": 1, "k": 1024, "m": MEBIBYTE, "g": 1024**3, "t": 1024**4, "p": 1024**5}
_BYTE_WORDS = {"", "kilo", "mega", "giga", "tera", "peta", "kibi", "mebi", "gibi", "tebi", "pebi"}
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SECOND_WORDS = {
    "ms": "ms", "milli": "ms", "millis": "ms",
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "h": "h", "hour": "h", "hours": "h",
    "d": "d", "day": "d", "days": "d",
}  # fmt: skip
_QUANTITY = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)(?:\.(?=[a-z])|\s*)([a-z]*)\s*", re.IGNORECASE)


def parse_cpus(value: float | str, *, field: str = "cpus") -> float:
    """vCPUs of ``2``, ``0.25``, ``"2"``, ``"0.5 vCPU"`` or ``"512 units"``.

    Raises:
        InvalidTask: if it is not a positive number of vCPUs, or less than one ECS unit (1/1024 vCPU).
    """
    if isinstance(value, str):
        number, unit = _split(value, field, "a number of vCPUs such as 2, 0.5 or '512 units'")
        if unit not in {"", "cpu", "cpus", "vcpu", "vcpus", "unit", "units"}:
            raise InvalidTask(field, f"{value!r} has the unit {unit!r}; write vCPUs, such as 2 or 0.5")
        value = number / CPU_UNITS_PER_VCPU if unit.startswith("unit") else number
    if not _is_amount(value) or value * CPU_UNITS_PER_VCPU < 1:
        raise InvalidTask(field, f"{value!r:.40} is not a positive number of vCPUs such as 2 or 0.5")
    return float(value)


def cpu_units(vcpus: float) -> int:
    """vCPUs in ECS's CPU units, rounded up to a whole unit."""
    return math.ceil(round(vcpus * CPU_UNITS_PER_VCPU, 6))


def parse_memory(value: float | str, *, field: str = "memory") -> int:
    """MiB of ``"4 GB"``, ``"512m"``, ``"1.5 GiB"`` or a bare number of MiB, rounded up.

    Raises:
        InvalidTask: if it is not a positive amount of memory.
    """
    if isinstance(value, str):
        number, unit = _split(value, field, "an amount such as '4 GB' or '512 MB'")
        value = number * _unit_bytes(unit, value, field) / MEBIBYTE
    if not _is_amount(value):
        raise InvalidTask(field, f"{value!r:.40} is not a positive amount such as '4 GB' or '512 MB'")
    return math.ceil(round(value, 6))


def parse_duration(value: float | str, *, field: str = "timeout") -> float:
    """Seconds of ``"1h 30m"``, ``"90s"``, ``"2 days"`` or a bare number of seconds.

    Raises:
        InvalidTask: if it is not a positive duration.
    """
    if isinstance(value, str):
        value = _sum_of_parts(value, field)
    if not _is_amount(value):
        raise InvalidTask(field, f"{value!r:.40} is not a positive duration such as '90s' or '1h 30m'")
    return float(value)


def format_memory(mebibytes: float) -> str:
    """MiB as a person writes it: ``512 MB``, ``1.5 GB``."""
    if mebibytes >= _TEBIBYTE:
        return f"{mebibytes / _TEBIBYTE:.4g} TB"
    return f"{mebibytes / _GIBIBYTE:.4g} GB" if mebibytes >= _GIBIBYTE else f"{mebibytes:.4g} MB"


def format_duration(seconds: float) -> str:
    """Seconds as a person writes them, two parts at most: ``0.8s``, ``42s``, ``1h 30m``."""
    if seconds < _TENTHS_BELOW:
        return f"{max(seconds, 0.0):.1f}s"
    whole = round(seconds)
    parts = []
    for name, length in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, whole = divmod(whole, length)
        if count:
            parts.append(f"{count}{name}")
    return " ".join(parts[:2])


def _is_amount(value: object) -> bool:
    """Whether it is a positive number; what comes from JSON may be anything, and a number of any length."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _BEYOND_ALL


def _split(text: str, field: str, wanted: str) -> tuple[float, str]:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise InvalidTask(field, f"{text!r} is not {wanted}")
    return float(match[1]), match[2].lower()


def _unit_bytes(unit: str, text: str, field: str) -> int:
    word = unit.removesuffix("s").removesuffix("byte") if "byte" in unit else None
    letter = (word[:1] or "b") if word in _BYTE_WORDS else unit.removesuffix("b").removesuffix("i") or unit
    if letter not in _BYTES:
        raise InvalidTask(field, f"{text!r} has the unit {unit!r}; write KB, MB, GB or TB")
    return _BYTES[letter]


def _sum_of_parts(text: str, field: str) -> float:
    total, position = 0.0, 0
    while position < len(text):
        match = _QUANTITY.match(text, position)
        unit = _SECOND_WORDS.get(match[2].lower() or "s") if match else None
        # A bare number stands alone: "1h 30" may be read in two ways.
        if match is None or unit is None or (not match[2] and (position or match.end() < len(text))):
            raise InvalidTask(field, f"{text!r} is not a duration such as '90s' or '1h 30m'")
        total += float(match[1]) * _SECONDS[unit]
        position = match.end()
    return total
