"""The cluster query language: memberOf's expressions, parsed once and then asked often.

An expression compares subjects with values (`attribute:ecs.instance-type =~ g5.*`) and joins the
comparisons with and, or, not and parentheses. A regular expression is Java's and must match the
whole value; Python's differ from those only in corners. What an instance does not have is equal
to nothing. Source: AmazonECS/latest/developerguide/cluster-query-language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final

Attributes = Mapping[str, str]  # by subject: "attribute:ecs.instance-type", "ec2InstanceId"
Test = Callable[[Attributes], bool]

_TOKEN: Final = re.compile(
    r"""\s*(?: (?P<sign> \&\& | \|\| | == | != | =~ | !~ | >= | <= | [<>()\[\],!] )
             | "(?P<double>[^"]*)" | '(?P<single>[^']*)'
             | (?P<word> [^\s()\[\],!=<>&|"'~]+ ) )""",
    re.VERBOSE,
)
_WORDS: Final = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "equals": "==",
    "not_equals": "!=",
    "matches": "=~",
    "not_matches": "!~",
    "not_in": "!in",
    "not_exists": "!exists",
    "greater_than": ">",
    "greater_than_equal": ">=",
    "less_than": "<",
    "less_than_equal": "<=",
}
_EXPRESSIONS_REMEMBERED: Final = 4096


class BadExpression(ValueError):
    """The text is not an expression; the message says where it goes wrong."""


@lru_cache(_EXPRESSIONS_REMEMBERED)
def expression(text: str) -> Test:
    """The test that `text` describes. Raises BadExpression."""
    return _Parser(text).parse()


@lru_cache(_EXPRESSIONS_REMEMBERED)
def subjects(text: str) -> frozenset[str]:
    """What an expression speaks of. Raises BadExpression."""
    parser = _Parser(text)
    parser.parse()
    return frozenset(parser.subjects)


class _Parser:
    """Reads one expression from left to right; its state is the position."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.subjects: list[str] = []

    def parse(self) -> Test:
        test = self._either()
        if self._text[self._at :].strip():
            raise self._bad("and, or, or the end")
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._taken("||"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda of: any(test(of) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._taken("&&"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda of: all(test(of) for test in tests)

    def _one(self) -> Test:
        if self._taken("!"):
            refused = self._one()
            return lambda of: not refused(of)
        if self._taken("("):
            inner = self._either()
            if not self._taken(")"):
                raise self._bad("a closing parenthesis")
            return inner
        subject = self._value("a subject such as attribute:ecs.instance-type")
        self.subjects.append(subject)
        return self._comparison(subject)

    def _comparison(self, subject: str) -> Test:
        refuses = self._taken("!")  # !in, !exists
        operator = self._next("an operator")
        if operator.startswith("!") and operator not in {"!=", "!~"}:
            refuses, operator = True, operator[1:]
        test = self._test(subject, operator)
        return (lambda of: not test(of)) if refuses else test

    def _test(self, subject: str, operator: str) -> Test:
        match operator.lower():
            case "exists":
                return lambda of: subject in of
            case "in":
                values = frozenset(self._list())
                return lambda of: of.get(subject) in values
            case "==" | "!=":
                value = self._value("a value")
                return _equal(subject, value) if operator == "==" else lambda of: of.get(subject) != value
            case "=~" | "!~":
                pattern = self._pattern()
                return _matching(subject, pattern, wanted=operator == "=~")
            case "<" | "<=" | ">" | ">=":
                return _ordered(subject, operator, self._value("a number"))
            case _:
                raise self._bad(f"an operator, and not {operator!r}")

    def _list(self) -> Iterator[str]:
        if not self._taken("["):
            raise self._bad("a list in brackets")
        yield self._value("a value")
        while self._taken(","):
            yield self._value("a value")
        if not self._taken("]"):
            raise self._bad("a closing bracket")

    def _pattern(self) -> re.Pattern[str]:
        """A regular expression: quoted, or up to white space or a parenthesis that it did not open."""
        rest = self._text[self._at :].lstrip()
        self._at = len(self._text) - len(rest)
        quoted = re.match(r""""([^"]*)"|'([^']*)'""", rest)
        length = quoted.end() if quoted else _length_of_pattern(rest)
        source = (quoted[1] or quoted[2] or "") if quoted else rest[:length]
        self._at += length
        try:
            return re.compile(source)
        except re.error as problem:
            raise self._bad(f"a regular expression ({problem})") from None

    def _value(self, wanted: str) -> str:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found["sign"] is not None:
            raise self._bad(wanted)
        self._at = found.end()
        return next(part for part in found.group("word", "double", "single") if part is not None)

    def _next(self, wanted: str) -> str:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise self._bad(wanted)
        self._at = found.end()
        word = found["word"]
        return _WORDS.get(word.lower(), word) if word is not None else str(found["sign"] or "")

    def _taken(self, sign: str) -> bool:
        """Step over `sign`, or the word for it, if it comes next."""
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            return False
        word = found["word"]
        if (found["sign"] or (word is not None and _WORDS.get(word.lower()))) != sign:
            return False
        self._at = found.end()
        return True

    def _bad(self, wanted: str) -> BadExpression:
        return BadExpression(f"{self._text!r}: {wanted} is expected at character {self._at + 1}")


def _length_of_pattern(text: str) -> int:
    depth = 0
    for index, character in enumerate(text):
        if character.isspace() or (character == ")" and depth == 0):
            return index
        depth += (character == "(") - (character == ")")
    return len(text)


def _equal(subject: str, value: str) -> Test:
    return lambda of: of.get(subject) == value


def _matching(subject: str, pattern: re.Pattern[str], *, wanted: bool) -> Test:
    return lambda of: (subject in of and pattern.fullmatch(of[subject]) is not None) == wanted


def _ordered(subject: str, operator: str, value: str) -> Test:
    def test(of: Attributes) -> bool:
        try:
            mine, other = float(of[subject]), float(value)
        except (KeyError, ValueError):
            return False
        return {"<": mine < other, "<=": mine <= other, ">": mine > other, ">=": mine >= other}[operator]

    return test
