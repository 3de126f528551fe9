"""Where two JSON values differ: the path of each field, what was expected there, and what was found. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from harness.judge.values.texts import is_bytes
from harness.model import Aspect, Finding

SHOWN = 80
"""How much of a value is shown, in characters of JSON."""

MOST = 20
"""How many differences are looked for: the first are what is told, the rest are counted."""

MISSING = "(missing)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not the same: its path by dots, `""` for the whole; both values as shortened JSON."""

    path: str
    expected: str
    found: str


def differences(expected: Any, found: Any) -> list[Difference]:
    """The first differences of two values, in the order of the expected one's fields."""
    return list(islice(_walk(expected, found, ""), MOST))


def common_differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[Difference]:
    """The same of the fields that both have: a server may add to an envelope, and take from it."""
    both = [name for name in expected if name in found]
    return differences({name: expected[name] for name in both}, {name: found[name] for name in both})


def _walk(expected: Any, found: Any, path: str) -> Iterator[Difference]:
    if is_bytes(expected) and is_bytes(found) and ("sha1" in expected) != ("sha1" in found):
        expected, found = expected["_bytes"], found["_bytes"]  # who sees too many of them tells their number alone
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name in (*expected, *(name for name in found if name not in expected)):
            below = f"{path}.{name}" if path else str(name)
            if name not in found:
                yield Difference(below, shown(expected[name]), MISSING)
            elif name not in expected:
                yield Difference(below, MISSING, shown(found[name]))
            else:
                yield from _walk(expected[name], found[name], below)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, pair in enumerate(zip(expected, found, strict=True)):
            yield from _walk(*pair, f"{path}.{index}" if path else str(index))
    elif isinstance(expected, bool) != isinstance(found, bool) or expected != found:
        yield Difference(path, shown(expected), shown(found))


def shown(value: Any) -> str:
    """A value as JSON, shortened in the middle."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else f"{text[: SHOWN // 2]}…{text[-SHOWN // 2 + 1 :]}"


def first_of(found: Sequence[Difference], prefix: str = "") -> Finding | None:
    """A finding about the first field that differs, with the number of all."""
    if not found:
        return None
    first = found[0]
    field = f"{prefix}{first.path}" or "the whole"
    return Finding(Aspect.PAYLOAD, field=field, expected=first.expected, found=first.found, count=len(found))
