"""Number rounded: a number passes a type that can't hold it, and comes out as the nearest one that it can."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from harness.diagnosis._spoiled import data_of, places_of
from harness.diagnosis.rule import Head, Pattern, Rule, per_run
from harness.judge.values.differences import Difference, differences
from harness.model import Aspect, Blame, Cited, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence

EXACT = 2**53
"""Up to this a double holds every integer."""


class By(StrEnum):
    """What a number was put into."""

    DOUBLE = "a double, as every number of JavaScript is"
    SINGLE = "a float of 32 bits"


REMEDIES = {
    By.DOUBLE: (
        "Send integers beyond 9,007,199,254,740,992 (2^53) as text from end to end: a double has 53 bits, and\n"
        "JSON.parse, Number() and Python's float() round without a word. In JavaScript a BigInt holds them."
    ),
    By.SINGLE: (
        "Keep the number in 64 bits, or as text: 32 bits hold 7 digits. Look for a Float32Array, `np.float32`,\n"
        "a column or a field of a message that is a single."
    ),
}


class NumberRounded(Rule):
    """Corrupted, and every field that differs is the nearest number that a double, or a single, has for it."""

    head = Head(
        cause="number-rounded",
        title="a number passes a type that can't hold it, and comes out rounded",
        claims=(Pattern((Kind.CORRUPTED,), aspects=(Aspect.PAYLOAD,), keyed=True),),
        by=per_run,
        strength=Strength.NAMED,
        against=(
            "another field differs, too; a double holds the number as it was; or what came out is not the nearest one\n"
            "that a double or a single has, as after a change of units, or where somebody rounds to cents"
        ),
        remedy=REMEDIES[By.DOUBLE],
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return _rounding(evidence, outcome) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        groups: dict[tuple[tuple[Hop, ...], By], list[Outcome]] = {}
        for outcome in outcomes:
            if (by := _rounding(evidence, outcome)) is not None:
                groups.setdefault((outcome.hops, by), []).append(outcome)
        for (hops, by), mine in groups.items():
            fields = [*dict.fromkeys(str(o.finding.field) for o in mine)]
            places = places_of(evidence, mine, hops)
            yield self.blame(
                f"{' and '.join(fields[:3])} is rounded: it passes {by}.",
                [
                    *(Cited(o.finding, f"{o.key} ") for o in mine[:3]),
                    *(f"handed on at {place}" for place in places[:3]),
                ],
                mine,
                remedy=REMEDIES[by],
                places=places,
            )


def _rounding(evidence: Evidence, outcome: Outcome) -> By | None:
    """What all numbers of an event that changed were put into; None where anything else changed, or another way."""
    told = outcome.finding
    first = Difference(told.field or "", str(told.expected), str(told.found))
    found = [first] if (told.count or 1) == 1 else [*_differences(evidence, outcome)]
    ways = {rounded(each.expected, each.found) for each in found}
    return ways.pop() if len(ways) == 1 else None


def _differences(evidence: Evidence, outcome: Outcome) -> Iterator[Difference]:
    """All fields that differ between what was reported and what was first seen changed."""
    found = (differences(said, says) for said, says in data_of(evidence, outcome))
    yield from next(filter(None, found), ())


def rounded(before: str, after: str) -> By | None:
    """What a number passed, from its JSON before and after; digits in a text are a number, too."""
    was, became = _number(before), _number(after)
    if was is None or became is None or was == became:
        return None
    try:
        if isinstance(was, int) and abs(was) > EXACT and float(was) == float(became):
            return By.DOUBLE
        if struct.unpack("f", struct.pack("f", was))[0] == float(became):
            return By.SINGLE
    except (OverflowError, struct.error):
        return None
    return None


def _number(text: str) -> int | float | None:
    try:
        found: Any = json.loads(text)
        if isinstance(found, str) and found.lstrip("-").isdecimal():
            found = int(found)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


RULE = NumberRounded()
