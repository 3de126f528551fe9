"""Values swapped: two values of one message are in each other's place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.diagnosis._spoiled import along, data_of, places_of
from harness.diagnosis.rule import Head, Pattern, Rule, per_run
from harness.judge.values.differences import differences
from harness.model import Aspect, Blame, Cited, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence

Pair = tuple[str, str]


class ValuesSwapped(Rule):
    """Corrupted: two values that stand beside each other came out the other way round, and nothing else differs."""

    head = Head(
        cause="values-swapped",
        title="two values of one message are in each other's place",
        claims=(Pattern((Kind.CORRUPTED,), aspects=(Aspect.PAYLOAD,), keyed=True),),
        by=per_run,
        strength=Strength.NAMED,
        against="another value differs, too; or one of the two is not what the other one was",
        remedy=(
            "Compare the order of arguments where the message is made with the order in which they are read, at\n"
            "each call on its way; fields of an object can't be taken for each other."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return _pair(evidence, outcome) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        groups: dict[tuple[tuple[Hop, ...], Pair], list[Outcome]] = {}
        for outcome in outcomes:
            if (pair := _pair(evidence, outcome)) is not None:
                groups.setdefault((outcome.hops, pair), []).append(outcome)
        for (hops, (one, other)), mine in groups.items():
            places = places_of(evidence, mine, hops)
            yield self.blame(
                f"{one} and {other} are in each other's place {along(hops)}.",
                [
                    *(Cited(o.finding, f"{o.key} ") for o in mine[:3]),
                    *(f"handed on at {place}" for place in places[:3]),
                ],
                mine,
                places=places,
            )


def _pair(evidence: Evidence, outcome: Outcome) -> Pair | None:
    """The two values of an event that have changed places, if that is all that happened to it, on all its pages."""
    found = {swapped(said, says) for said, says in data_of(evidence, outcome)}
    return found.pop() if len(found) == 1 else None


def swapped(said: Any, says: Any, path: str = "") -> Pair | None:
    """The paths of two values that stand beside each other and have each other's value, all else being the same."""
    if isinstance(said, Mapping) and isinstance(says, Mapping) and {*said} == {*says}:
        was, became = said, says
    elif isinstance(said, list) and isinstance(says, list) and len(said) == len(says):
        was, became = dict(enumerate(said)), dict(enumerate(says))
    else:
        return None
    other = [name for name in was if differences(was[name], became[name])]
    below = [f"{path}.{name}" if path else str(name) for name in other]
    if len(other) == 1:
        return swapped(was[other[0]], became[other[0]], below[0])
    if len(other) != 2 or differences(was[other[0]], became[other[1]]) or differences(was[other[1]], became[other[0]]):
        return None
    return below[0], below[1]


RULE = ValuesSwapped()
