"""Whether the numbers of a panel are how many events there were of the names that they count. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from harness.judge.values.writings import whole_writings
from harness.model import Aspect, Event, Finding, Hop, Panel
from harness.model import value as as_value
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.stored_events import called

NUMBER = re.compile(r"-?\d[\d,]{0,30}")
"""As many digits as any count has; Python refuses to read a number of thousands of them."""

WITHIN = re.compile(r"(?<![\w.,])\d[\d,]{0,30}")
"""The same within a text, where it is not part of a word."""


def often(evidence: Evidence, load: str) -> Mapping[str, int]:
    """Event key to how often a page load was given it, where its state can't be seen: it may count it as often."""
    told = None if evidence.has_tap(Hop.APPLIED, label_of(load)) else evidence.shown[Hop.DELIVERED].get(load)
    return {} if told is None or told.is_single else told.counted


def wrong_numbers(
    panel: Panel, values: Mapping[str, str], events: Iterable[Event], often: Mapping[str, int]
) -> Iterator[Finding]:
    """The values that count events, and say another number than there are."""
    counts, repeated = called(events), Counter[str]()
    for event in events if often else ():
        repeated[event.name] += often.get(event.key, 1) - 1
    for value, counted in panel.values.items():
        names = {*counts} if "*" in counted else {*counted}
        expected = sum(counts[name] for name in names)
        most = expected + sum(repeated[name] for name in names)
        if not any(expected <= says <= most for says in _numbers(values.get(value))):
            shown = as_value(values.get(value))
            yield Finding(Aspect.PANEL_VALUE, panel=panel.name, field=value, expected=expected, found=shown)


def _numbers(text: object) -> Iterator[int]:
    """The numbers that a text may say, as its thousands are read."""
    for each in whole_writings(str(text)):
        if (found := number(each)) is not None:
            yield found


def number(text: object) -> int | None:
    """The number that a text begins with, or else the only one in it; None where there is none, or it is not clear.

    Thousands may be separated by commas.
    """
    said = str(text).strip()
    begins, inside = NUMBER.match(said), WITHIN.findall(said)
    found = begins.group() if begins else inside[0] if len(inside) == 1 else None
    return int(found.replace(",", "")) if found else None
