"""How late a page load was as a whole, whichever of its parts is looked at. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from harness.judge.panels.drawn import shown_in, taken_in
from harness.judge.panels.expected import is_about
from harness.model import Fact, Hop, Panel
from harness.model.facts import PanelShown
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


@remembered
def rows_late_ns(evidence: Evidence, load: str) -> int:
    """How long after it had taken an event in a page load showed its row, at worst: it was late as a whole then."""
    taken = {event.key: at_ns for event, at_ns, _ in taken_in(evidence, load)}
    shown = evidence.page[Hop.RENDERED].get(load, ())
    return max((each.at_ns - taken[each.event.key] for each in shown if each.event.key in taken), default=0)


def panels_late_ns(evidence: Evidence, load: str, but: str, shown: Fact[PanelShown], until: Fact[PanelShown]) -> int:
    """How long after it had taken an event in a page load changed another panel that it concerns, at worst.

    Of the events whose turn was while a panel `but` was `shown` so: it may have had them before, and have been noted
    again for something else, as a clock in it. Of several other panels the first one counts.
    """
    turns = _turns(evidence, load, but)
    return max((drawn_ns - at_ns for n, at_ns, drawn_ns in turns if n < until.n and drawn_ns > shown.at_ns), default=0)


@remembered
def _turns(evidence: Evidence, load: str, but: str) -> Sequence[tuple[int, int, int]]:
    """Of the events that other panels than one are about: where they were taken in, when, and when one changed next."""
    panels = [each for each in evidence.contract_at(load).panels if each.name != but]
    changes = {each.name: _changed_ns(each, shown_in(evidence, load).get(each.name, ())) for each in panels}
    names = {event.name for event, _, _ in taken_in(evidence, load)}
    about = {name: [changes[panel.name] for panel in panels if is_about(panel, name)] for name in names}
    found = []
    for event, at_ns, n in taken_in(evidence, load):
        later = [each for times in about[event.name] if (each := _first_after(times, at_ns)) is not None]
        if later:
            found.append((n, at_ns, min(later)))
    return found


def _changed_ns(panel: Panel, shown: Sequence[Fact[PanelShown]]) -> list[int]:
    """When what events make of a panel changed: its numbers of events, or its text where it has none."""
    made = [tuple(fact.body.values.get(name) for name in panel.values) or fact.body.text for fact in shown]
    return [fact.at_ns for fact, before, now in zip(shown[1:], made, made[1:], strict=False) if now != before]


def _first_after(times: Sequence[int], at_ns: int) -> int | None:
    place = bisect_right(times, at_ns)
    return times[place] if place < len(times) else None
