"""What was compared with what, and what was not: a reader of "proven" must be able to see what that rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.judge.messages.arguments import added_arguments
from harness.judge.panels.expected import held_sessions
from harness.judge.panels.items import READ
from harness.judge.panels.whole import is_cut, whole_text
from harness.judge.strategies import refuses_sessions
from harness.judge.values.texts import data_of, numbers
from harness.model import OWN_ORDER, Hop, Panel
from harness.model.facts import PanelShown, View
from harness.record.evidence import Evidence, label_of
from harness.reporting.escape import code

COMPARED = {
    "P1": "each event that a dashboard is owed, with what that dashboard shows",
    "P2": "the sightings of each event at a hop, with one",
    "P3": "the number of each event at a hop, with that of the one before it",
    "P4": "each event that was seen, with what the CLI reported",
    "P5": "the data, arguments and envelope of each event at a hop, with those at the first hop that shows them",
    "P6": "what each dashboard was given, with what it is entitled to",
    "P7": "what each dashboard missed while it was away, with what it was sent again or said",
    "P8": "each event and each value in a page's state, with what the page was delivered, and in its order",
    "P9": "counter, rows (text, labels, place, visibility) and panels of each page, with the events that it holds",
    "P10": "what each page did, with what payloads could have brought about",
    "P11": "the time from emitted to rendered of each event, with the bound",
    "P12": "what may be on its way to each dashboard, with none",
    "P13": "the end of each session, with its events and the CLI's exit status",
    "P14": "each error, with what its party said of it",
    "P15": "what each page says of its connection, with the server's members, and the id that it is told",
    "P16": "the names that a run must show, with those that it showed",
    "P17": "each event and message that a dashboard with a pass was sent, with the sessions that the pass is for",
    "R1": "the recipients of each event, with the dashboards that are owed it",
    "R2": "events without a recipient, with what is declared",
}
"""Property to what its checks compare with what."""

SEEN_BY = {
    Hop.SENT: "`seen_by` of `[cli]`",
    Hop.RECEIVED: "`seen_by` of the server",
    Hop.ROUTED: "`seen_by` of the server, an agent",
    Hop.APPLIED: "`[page.store]`",
    Hop.RENDERED: "`[page.list]` or `[page.count]`",
}
"""Hop to what of a target file makes it visible."""


MOST_NUMBERS = 6
"""So many numbers are named, of those that are compared with nothing but with themselves at other hops."""


def uncompared(evidence: Evidence) -> Iterator[str]:
    """What was not compared, each with what of a target file would have it compared."""
    for hop, key in SEEN_BY.items():
        if not evidence.has_tap(hop):
            what = "what a page shows" if hop is Hop.RENDERED else f"hop {hop.label}"
            yield f"{'the state of the page' if hop is Hop.APPLIED else what}, which is not observed ({key})"
    yield from _of_sessions(evidence)
    by_page: dict[str, list[str]] = {}
    for label in evidence.contract.dashboards:
        page = evidence.contract.pages.get(label)
        by_page.setdefault("" if page is None else page.name, []).append(label)
    for name, labels in by_page.items():
        told = _of_page(evidence, labels)
        yield from (f"on page {name}: {line}" for line in told) if len(by_page) > 1 else told
    if evidence.has_tap(Hop.APPLIED):
        what = "else " if any(evidence.contract_of(label).state for label in evidence.contract.dashboards) else ""
        yield f"what {what}a page's state holds beside its events, until it is shown (`values` of `[page.store]`)"
        views = [view.body for label in evidence.contract.dashboards if (view := evidence.view(label)) is not None]
        if any(view.state_connection is not None and view.state_connected is None for view in views):
            yield "what a page's state says of its connection (`connected` of `[page.store]`)"
    if evidence.contract.asks:
        yield (
            "what a server answers to a page beside `session`, `state` and `replayed`, until it is shown (`values` of "
            "`[[page.panels]]`)"
        )
    yield from _of_answers(evidence)


def _of_page(evidence: Evidence, labels: Sequence[str]) -> Iterator[str]:
    """The same of what the dashboards show that have one page open."""
    contract = evidence.contract_of(labels[0])
    views = [view.body for label in labels if (view := evidence.view(label)) is not None]
    if views and evidence.has_tap(Hop.RENDERED, labels[0]):
        parts = (
            ("the rows of a list", "`[page.list]`", [view.rows for view in views]),
            ("the number of events that a page says it has", "`[page.count]`", [view.counter for view in views]),
            ("what a page says of its connection", "`[page.connection]`", [view.status for view in views]),
        )
        yield from (
            f"{what}, whose place is not described ({key})"
            for what, key, seen in parts
            if not any(each is not None for each in seen)
        )
        yield from _of_panels(evidence, labels, views)
        if any(view.rows for view in views) and contract.row_reads is None:
            yield "number, session and time in a row, beside its event's data (`reads` of `[page.list]`)"
        if contract.list_order == OWN_ORDER:
            yield "the order of the list, which has one of its own"
        if any(view.rows for view in views) and not contract.row_says:
            yield "what no row of a name shows of its event's data, numbers above all (`says` of `[page.list]`)"
        if contract.zone is None:
            yield "the zone of the times of day on a page (`zone` of `[page]`)"
        yield from _of_values(contract.panels, views)
        yield (
            "what stands on a page outside of its list, count, connection and panels, and what it shows only when it "
            "is used, as the details of a row (`[[page.panels]]`)"
        )
        yield "titles and labels, classes and colours outside of rows (`attribute` of a value of `[[page.panels]]`)"


def _of_answers(evidence: Evidence) -> Iterator[str]:
    """Events that were sent, delivered and not answered, where others were; and what the server adds."""
    if added := added_arguments(evidence):
        what = f"further arguments that the server adds to messages, here of {added} events"
        yield f"{what} (`arguments` of `events.received`)"
    answered = evidence.acknowledged.keys()
    if not answered or Hop.SENT not in evidence.contract.taps:
        return
    left_out = evidence.said[Hop.SENT].keys - answered
    if left_out:
        what = "an event was" if len(left_out) == 1 else f"{len(left_out)} events were"
        yield f"whether a producer waited for the answers to what it sent: {what} never answered, and others were"


def _of_values(panels: Sequence[Panel], views: Sequence[View]) -> Iterator[str]:
    """Values in described panels, and in rows, of which the target file doesn't say what they show."""
    if any(view.rows for view in views):
        yield "what else stands in a row: names of values, words of the page's own, colours (`reads` of `[page.list]`)"
    for panel in panels:
        parts = (part for view in views for name, part in (view.panels or {}).items() if name == panel.name)
        for value in sorted({value for part in parts for value in part.values} - {*panel.values, *panel.shows}):
            what = f"value {code(value)} of panel {panel.name}"
            yield f"{what}, which is not described (`values` of the panel)"


def _of_sessions(evidence: Evidence) -> Iterator[str]:
    contract = evidence.contract
    if not contract.terminal:
        yield "how sessions end: their last event is not described (`events.terminal`)"
    elif not contract.totals:
        yield "numbers that sum a session up, as in its last event, where there are any (`events.totals`)"
    elif untold := _numbers_untold(evidence):
        said = ", ".join(map(code, untold[:MOST_NUMBERS])) + (" …" if len(untold) > MOST_NUMBERS else "")
        yield f"numbers in events, with what the other events of their session say: {said} (`events.totals`)"
    if contract.terminal and not contract.initial:
        yield "how sessions begin: their first event is not described (`events.initial`)"
    if refuses_sessions(contract.strategy) and not contract.asks:
        yield "that one session alone is active, that others are turned away and let in after it (`protocol`)"
    if contract.time is None:
        yield "whether messages say when their events were reported (`events.time`)"
    if not contract.notices:
        yield "what the server tells pages of sessions, where it does (`events.notices`)"


def _of_panels(evidence: Evidence, labels: Sequence[str], views: Sequence[View]) -> Iterator[str]:
    panels = evidence.contract_of(labels[0]).panels
    if not panels:
        yield "panels: none is described (`[[page.panels]]`)"
        return
    yield from _never_shown(evidence, labels)
    yield from _too_long(panels, views)
    fast_ms = evidence.contract.draws_within_ms
    yield f"how late panels are while sessions go on, up to {fast_ms:.0f} ms (`drawn_ms` of `[bounds]`)"
    for panel in panels:
        if not (panel.values or panel.shows or panel.items):
            yield f"panel {panel.name}, beyond that it changed (its `values` and `items`)"
        elif panel.items is not None and not panel.items.reads:
            yield f"what panel {panel.name} says of its items beside their text and state (`reads` of its `items`)"
        if panel.items is not None and panel.items.order == OWN_ORDER:
            yield f"the order of panel {panel.name}, which has one of its own"
        if panel.items is not None and not panel.items.marks:
            yield f"classes and colours of the items of panel {panel.name} (`marks` of its `items`)"


def _never_shown(evidence: Evidence, labels: Sequence[str]) -> Iterator[str]:
    """Sessions that pages held events of, and that a panel which is about one session at a time never showed."""
    held: set[str | None] = set()
    for label in labels:
        for load in evidence.loads_of(label)[-1:]:
            held |= held_sessions(evidence, load)
    shown = [fact for fact in evidence.facts(PanelShown) if label_of(fact.observer) in labels]
    for panel in evidence.contract_of(labels[0]).panels:
        facts = [fact.body.session for fact in shown if fact.body.panel == panel.name]
        never = sorted(each for each in held - {*facts} if each is not None)
        if any(facts) and never and not panel.each_session:
            yield f"what panel {panel.name} shows of {', '.join(map(code, never[:3]))}, which it never showed"


def _too_long(panels: Sequence[Panel], views: Sequence[View]) -> Iterator[str]:
    """Panels whose items are not on record to the last."""
    for panel in panels:
        parts = (part for view in views for name, part in (view.panels or {}).items() if name == panel.name)
        if panel.items is not None and any(is_cut(part) and whole_text(part) is None for part in parts):
            yield f"items of panel {panel.name}, whose text is longer than what is on record of it ({READ} characters)"


def _numbers_untold(evidence: Evidence) -> list[str]:
    """Numbers in events' data whose origin is not described; of each name those in its first event."""
    found: dict[str, None] = {}
    known = evidence.contract.totals
    looked: set[str] = set()
    for events in evidence.sessions.values():
        for event in events:
            if event.name in looked:
                continue
            looked.add(event.name)
            paths = numbers(data_of(evidence, event)).keys() - known.get(event.name, {}).keys()
            found |= dict.fromkeys(f"{event.name} {path}" for path in sorted(paths))
    return sorted(found)
