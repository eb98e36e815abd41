"""All sources put together: what is in force, who said it, and what is wrong or missing.

A sheet is made even where something is wrong, so that ``config show`` can show the rest; ``load`` takes it
only whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from awsecs_async.config.fields import OF_SETTINGS, OF_TARGET, PREFIX, TABLES, Options, split
from awsecs_async.config.files import Document, find_file, looked_for, read_file
from awsecs_async.config.sources import Layer, Said, assigned, environment, flags
from awsecs_async.errors import InvalidTask, SettingsError
from awsecs_async.model.fusion import Fusion
from awsecs_async.model.settings import Quotas, Settings, Target

FIRST: Final = "default"  # the name of the target that the top of the file describes

_STAND_IN: Final[dict[str, Any]] = {
    "cluster": "none"
}  # where a target lacks one, while its other settings are judged

# What pydantic tells in Python's words, by the beginning of its name for it.
_WORDS: Final = {
    "int_": "it is a whole number",
    "float_": "it is a number",
    "bool_": "it is true or false",
    "string_": "it is text, in quotes",
    "path_": "it is a path, in quotes",
    "tuple_": "it is a list, or one text with commas between",
}
_OF_A_PAIR: Final = ("tuple_type", "missing", "too_long")

T = TypeVar("T", Target, Settings, Quotas, Fusion)

_REQUIRED: Final = {
    "cluster": (
        f"no cluster is set{{of}}: give --cluster NAME, or {PREFIX}CLUSTER=NAME in the environment, or "
        'cluster = "NAME" under [{table}] in {file} (or try --local, which needs none)'
    ),
    "execution_role": (
        "no execution role is set{of}, with which ECS pulls images and writes logs: give "
        f"--execution-role ARN, or {PREFIX}EXECUTION_ROLE=ARN in the environment, or "
        'executionRole = "ARN" under [{table}] in {file} (or try --local, which needs none)'
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is in force.

    Args:
        file: That was read, or None.

        looked_for: The files that would have been, in this order.

        targets: What was said of each target, by its name; the first is the default.

        others: What was said beside, by flat name.

        problems: What is wrong or missing, and the mend; a line each.

        settings: All of it as values, or None where there are problems.
    """

    file: Path | None
    looked_for: Sequence[Path]
    targets: Mapping[str, Layer]
    others: Layer
    problems: Sequence[str] = ()
    settings: Settings | None = None


def read(
    config_file: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    *,
    assignments: Iterable[str] = (),
    target: str | None = None,
) -> Sheet:
    """Ask all sources; see ``config.load``. ``assignments`` are ``NAME=VALUE``, which flags go before.

    Raises:
        SettingsError: if a source cannot be read, or has a name that nobody knows.
    """
    path = config_file or find_file()
    document = read_file(path) if path else Document()
    said = assigned(assignments) | flags(overrides or {})
    problems: list[str] = []
    of_one = _only(said, OF_TARGET) if target in document.targets else {}
    top = {**document.top, **environment(), **{name: said[name] for name in said.keys() - of_one.keys()}}
    common = _accepted(top, problems)
    own = {name: {**layer, **(of_one if name == target else {})} for name, layer in document.targets.items()}
    sheet = Sheet(
        file=path,
        looked_for=(config_file,) if config_file else looked_for(),
        targets=_targets(own, _only(common, OF_TARGET), problems),
        others=_only(common, common.keys() - OF_TARGET),
    )
    _check_required(sheet, {name: {*top, *own.get(name, ())} for name in sheet.targets}, problems)
    return _composed(sheet, problems)


def _targets(own: Mapping[str, Layer], inherited: Layer, problems: list[str]) -> dict[str, Layer]:
    """All targets, with what they inherit."""
    found: dict[str, Layer] = {}
    if "cluster" in inherited or not own:
        found[FIRST] = inherited
    for name, layer in own.items():
        if name in found:
            problems.append(
                f"[aws.ecs.targets.{FIRST}] and {inherited['cluster'].source} both describe the target "
                f"{FIRST}; give the table another name"
            )
        found[name] = {**inherited, **_accepted(layer, problems)}
    return found


def _check_required(sheet: Sheet, said: Mapping[str, Iterable[str]], problems: list[str]) -> None:
    """Tell what each target lacks; ``said`` has what was said of it, acceptable or not."""
    for name in sheet.targets:
        named = name != FIRST
        words = {
            "of": f" for the target {name}" if named else "",
            "table": f"aws.ecs.targets.{name}" if named else "aws.ecs",
            "file": sheet.file or sheet.looked_for[0],
        }
        problems += [text.format(**words) for setting, text in _REQUIRED.items() if setting not in said[name]]


def _composed(sheet: Sheet, problems: list[str]) -> Sheet:
    """The sheet with its values, or with what keeps them from being made."""
    targets = [
        _made(Target, {"name": Said(value=name, source=f"[aws.ecs.targets.{name}]"), **layer}, problems)
        for name, layer in sheet.targets.items()
    ]
    of_table: dict[str, Any] = {
        table: _made(
            kind, {split(n)[1]: s for n, s in sheet.others.items() if split(n)[0] == table}, problems
        )
        for table, kind in TABLES.items()
    }
    fixed = {name: Said(value=value, source="") for name, value in of_table.items() if value is not None}
    made = {target.name: target for target in targets if target is not None}  # one whose name is bad has none
    fixed["targets"] = Said(value=tuple(made.values()) or (Target(**_STAND_IN),), source="")
    settings = _made(Settings, {**_only(sheet.others, OF_SETTINGS), **fixed}, problems)
    told = tuple(dict.fromkeys(problems))  # what several targets inherit is told once
    return replace(sheet, problems=told, settings=None if told else settings)


def _made(kind: type[T], layer: Layer, problems: list[str]) -> T | None:
    """The value of what was said; what is out of its bounds is told, and left out to find the next."""
    left = dict(layer)
    while True:
        values: dict[str, Any] = dict(_STAND_IN) if kind is Target else {}
        values |= {name: said.value for name, said in left.items()}
        try:
            return kind(**values)
        except SettingsError as error:
            wrong = left.pop(error.setting, None)
            problems.append(_not_acceptable(wrong, error.problem) if wrong else str(error))
            if wrong is None:
                return None


def _accepted(layer: Layer, problems: list[str]) -> dict[str, Said]:
    """The layer with values of the fields' types; what is none is told, and left out."""
    left = dict(layer)
    while True:
        try:
            found = Options(**{name: said.value for name, said in left.items()})
        except ValidationError as error:
            wrong = {str(each["loc"][0]): _problem(each) for each in error.errors()}
            problems += [_not_acceptable(left.pop(name), why) for name, why in wrong.items()]
        else:
            return {name: replace(said, value=getattr(found, name)) for name, said in left.items()}


def _not_acceptable(said: Said, problem: str) -> str:
    """``aws.ecs.logSettle in awsecs.toml: 'x' is not ...``; problems of ours begin with the value."""
    shown = repr(said.value)
    names_it = shown in problem or problem.startswith(("'", '"'))  # it, or the one of several
    return f"{said.source}: {problem if names_it else f'{shown} is not acceptable: {problem}'}"


def _problem(error: Any) -> str:  # noqa: ANN401 (pydantic's own dict)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidTask):
        return cause.problem
    if cause is None and str(error["loc"][0]).startswith("quotas_") and error["type"] in _OF_A_PAIR:
        return "it is a pair, calls a second and burst, such as [40, 100]"
    words = next((text for kind, text in _WORDS.items() if error["type"].startswith(kind)), None)
    return str(cause or words or error["msg"][:1].lower() + error["msg"][1:])


def _only(layer: Layer, names: Iterable[str]) -> dict[str, Said]:
    wanted = set(names)
    return {name: said for name, said in layer.items() if name in wanted}
