"""Whether rows read as their events where the target says how: name, session, number, time, fields of the data. Pure.

Times of day are compared in the one zone in which the page shows them all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from harness.judge.rows.row import Looked, Row
from harness.judge.values.added import added_at, with_added
from harness.judge.values.page_times import envelopes, zone_of
from harness.judge.values.paths import at
from harness.judge.values.quantities import (
    DAY_MS,
    NUMBER,
    QUARTER_MS,
    apart_ms,
    clock,
    moments,
    ms_of_day,
    says,
    time_of_day,
)
from harness.judge.values.texts import SHORT, data_of, plain
from harness.judge.values.writings import MINUS
from harness.lib.secrets import MASKED
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

OF_THE_EVENT = ("name", "session", "session_head", "session_tail", "seq", "time")
"""Groups that are compared with the event itself; any other is a field of its data."""

ENDS = {"session": (True, True), "session_head": (True, False), "session_tail": (False, True)}
"""Groups with a session that is shortened, and whether its head and its tail may be what is left."""


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]], load: str) -> None:
    """What the groups of the target's pattern say, with the events of the rows."""
    pattern = evidence.contract_at(load).row_reads
    if pattern is None:
        return
    times: list[tuple[Event, str, tuple[int, int] | None, int]] = []
    told, put_in = envelopes(evidence, load), added_at(evidence, load)
    for event, row in pairs:
        found = re.search(pattern, row.text or "")
        said = {} if found is None else found.groupdict()
        if found is None:
            _wrong(looked, event, "the whole", pattern, row.text)
        sessions = ((group, event.session) for group in ENDS)
        for field, expected in (("name", event.name), ("seq", event.seq), *sessions):
            shown = said.get(field)
            if shown is not None and expected is not None:
                looked.checks += 1
                if not _is_it(field, shown, str(expected)):
                    _wrong(looked, event, field, str(expected), shown)
        data = with_added(data_of(evidence, event), put_in.get(event.key))
        _fields(looked, data, event, {name: text for name, text in said.items() if name not in OF_THE_EVENT})
        if (shown := said.get("time")) is not None and (known := [*moments(told.get(event.key, {})).values()]):
            times.append((event, shown, time_of_day(shown), ms_of_day(known[0])))
    _times(looked, times, zone_of(evidence, load))


def _fields(looked: Looked, data: Any, event: Event, said: Mapping[str, str | None]) -> None:
    """Groups that are called as fields of the data are (`bid__amount` is `bid.amount`): as they are, or in any unit."""
    for name, shown in said.items():
        path = name.replace("__", ".")
        expected = at(data, path)
        if shown is None or not isinstance(expected, str | int | float) or isinstance(expected, bool):
            continue  # this row does not say it, or this event
        if isinstance(expected, str) and expected.startswith(MASKED):
            continue
        looked.checks += 1
        if not (is_text(expected, shown) if isinstance(expected, str) else is_number(expected, shown, path)):
            _wrong(looked, event, path, str(expected), shown)


def is_text(expected: str, shown: str) -> bool:
    """Whether a text is shown whole, but for white space and case, or how it begins with an ellipsis after it."""
    text, row = plain(expected), plain(shown)
    return text == row or (row.endswith(("…", "...")) and text.startswith(row.rstrip("….")) and len(row) > SHORT)


def is_number(expected: float, shown: str, path: str) -> bool:
    """Whether a number is shown, in a unit of its own where its name tells its unit, or rounded to what is shown."""
    if (expected < 0) is not shown.lstrip().startswith(MINUS):
        return False
    size = abs(expected)
    if says(shown, size, path):
        return True
    found = NUMBER.search(shown.lstrip().lstrip("".join(MINUS)))
    if found is None or not isinstance(expected, float):
        return False
    decimals = found[2] or ""
    return abs(float(f"{found[1].replace(',', '')}.{decimals or 0}") - size) <= 0.5 * 10.0 ** -len(decimals) + 1e-9


def _times(
    looked: Looked, times: Sequence[tuple[Event, str, tuple[int, int] | None, int]], zone_ms: int | None
) -> None:
    """Event, text, the time of day in it, and that of the event: the same, in the zone of the page."""
    looked.checks += len(times)
    if zone_ms is None:
        zone_ms = _zone_ms([apart_ms(shown[0], at_ms) for _, _, shown, at_ms in times if shown is not None])
    for event, text, shown_at, at_ms in times:
        off_ms = DAY_MS if shown_at is None else (shown_at[0] - at_ms - zone_ms) % DAY_MS
        exact_ms = 1 if shown_at is None else shown_at[1]
        if min(off_ms, DAY_MS - off_ms) > exact_ms or shown_at is None:
            _wrong(looked, event, "time", clock((at_ms + zone_ms) % DAY_MS), text)


def _is_it(field: str, shown: str, expected: str) -> bool:
    """A session may be shortened at either end, or at the one that its group is called after."""
    head, tail = ENDS.get(field, (False, False))
    return shown == expected or (head and expected.startswith(shown)) or (tail and expected.endswith(shown))


def _zone_ms(apart: Sequence[int]) -> int:
    """The zone of most times, as how far they are after UTC, to a quarter of an hour."""
    quarters = Counter((each + QUARTER_MS // 2) // QUARTER_MS * QUARTER_MS % DAY_MS for each in apart)
    return quarters.most_common(1)[0][0] if quarters else 0


def _wrong(looked: Looked, event: Event, field: str, expected: str, found: str | None) -> None:
    why = Finding(Aspect.ROW_TEXT, field=field, expected=expected[:80], found=(found or "")[:80])
    looked.wrong.append((Kind.MISRENDERED, event.key, why))
