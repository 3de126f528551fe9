"""What each key about a page found in a recorded task, of each page that the file describes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from harness.check.finding import SHOWN, Finding, counted
from harness.judge.panels.items import is_of_state, opened
from harness.judge.properties.rendering import counter_off
from harness.judge.values.added import added_at, with_added
from harness.judge.values.texts import data_of
from harness.model import Fact, Hop
from harness.model.facts import PanelPart, PanelShown, TapTried, View
from harness.record.evidence import Evidence
from harness.taps.page.spec import PageSpec
from harness.target.spec import Target

LABEL = "A"

Key: TypeAlias = tuple[str | int, ...]
"""Where the target file has something."""


def unseen_hops(evidence: Evidence) -> frozenset[Hop]:
    """The hops whose taps were dead: what is not seen there says nothing of the file."""
    return frozenset(hop for fact in evidence.facts(TapTried) if not fact.body.alive for hop in fact.body.hops)


def pages_of(target: Target) -> list[tuple[str, Key]]:
    """A dashboard of each page of a target, and where the file has what is said of the page."""
    found: dict[str, str] = {}
    for label, page in target.pages.items():
        found.setdefault(page.page_name, label)
    return [(LABEL, ("page",)), *((label, ("pages", name)) for name, label in found.items())]


def of_page(target: Target, evidence: Evidence, label: str, at: Key, matches: Mapping[Key, int]) -> Iterator[Finding]:
    yield from _several(target, at, matches)
    view = evidence.view(label)
    if view is None:
        yield Finding(at, False, "the page could not be looked at")
        return
    shown, spec = view.body, target.page
    if spec.status is not None:
        said = shown.status
        text = "no element of the page matches" if said is None else _says(said.text)
        told = said is not None and said.connected
        yield Finding((*at, "connection"), told, text if told or said is None else f"{text}, which is not connected")
    yield from _count(evidence, spec, shown, view.observer, at)
    if spec.row is not None:
        rows = shown.rows or ()
        known = [evidence.events[key].name for key in rows if key in evidence.events]
        text = f"{len(rows)} items, {len(known)} of them events: {counted(known)}" if rows else "no item matches"
        own = {*target.egress.own}
        strange = [
            (key, text)
            for key, text in _texts(shown)
            if key not in evidence.events and key.partition("#")[0] not in own
        ]
        may_be_others = spec.row.constant is not None and spec.row.pattern is not None
        if known and may_be_others:
            strange = []  # what the pattern doesn't fit is not an event
        if strange:
            listed = ", ".join(repr(key if text is None else text) for key, text in strange[:SHOWN])
            text += f"; {len(strange)} not understood: {listed}"
        delivered = len(evidence.counted(Hop.DELIVERED, view.observer))
        is_unseen = Hop.DELIVERED in unseen_hops(evidence)
        listed_events = len(known if may_be_others else rows)
        is_more = spec.row.constant is not None and listed_events > delivered and not is_unseen
        if is_more:
            text += f"; {delivered} were delivered: page.list.selector is to match items of events alone"
        yield Finding((*at, "list"), bool(known) and not strange and not is_more, text)
    if spec.store is not None:
        state = shown.state_events
        text = f"window.{spec.store.global_name} is not there, or has no {spec.store.get}()"
        yield Finding((*at, "store"), bool(state), text if state is None else f"{len(state)} items in its state")
    facts = [fact for fact in evidence.facts(PanelShown) if fact.observer == view.observer]
    yield from _panels(target, shown.panels or {}, facts, at)
    yield from _items(target, evidence, view.observer, at)


def _items(target: Target, evidence: Evidence, load: str, at: Key) -> Iterator[Finding]:
    """Whether events have what the items of a panel are known by and are called; the judge compares what is shown."""
    events = [each.event for each in evidence.page[Hop.DELIVERED].get(load, ())]
    for place, panel in enumerate(target.panels):
        if panel.items is None or Hop.DELIVERED in unseen_hops(evidence):
            continue
        put_in = added_at(evidence, load)
        said = [
            (event.name, with_added(data_of(evidence, event), put_in.get(event.key)))
            for event in events
            if event.name == panel.items.opens or is_of_state(panel.items, event.name)
        ]
        made = opened(panel.items, said)
        named = [item for item in made if item.texts[0] and item.key != "None"]
        text = f"panel {panel.name}, items: {len(made)} began, with {panel.items.opens!r}"
        if len(named) < len(made):
            text += f"; {len(made) - len(named)} of them have no {panel.items.key!r} or no {panel.items.text!r}"
        yield Finding((*at, "panels", place, "items"), len(named) == len(made) if made else None, text)


def _count(evidence: Evidence, spec: PageSpec, shown: View, load: str, at: Key) -> Iterator[Finding]:
    if spec.counter is None:
        return
    is_unseen = Hop.DELIVERED in unseen_hops(evidence)
    text = f"says {shown.counter}"
    if not is_unseen:
        text += f", and {len(evidence.counted(Hop.DELIVERED, load))} events were delivered"
    if shown.counter is None:
        text = "no number was found: no element of the page matches"
        if shown.counter_text is not None:
            text = f"no number was found: the element {_says(shown.counter_text)}"
    is_off = not is_unseen and any(counter_off(evidence, shown, load))
    if is_off:
        text += ": it has to count them all; a number of some of them is a panel's value that `counts` those"
    yield Finding((*at, "count"), shown.counter is not None and not is_off, text)


def _says(text: str) -> str:
    return f"says {text!r}" if text.strip() else "is there, and empty"


def _texts(view: View) -> list[tuple[str, str | None]]:
    """The key of each item with its text."""
    rows = view.rows or ()
    texts = view.texts if view.texts is not None and len(view.texts) == len(rows) else (None,) * len(rows)
    return [*zip(rows, texts, strict=True)]


def singles(target: Target, at: Key) -> list[tuple[Key, str]]:
    """The keys whose selector must match one element of the page, with it; panels of a session are several."""
    spec = target.page
    found: list[tuple[Key, str]] = []
    found += [] if spec.status is None else [((*at, "connection"), spec.status.selector)]
    found += [] if spec.counter is None else [((*at, "count"), spec.counter.selector)]
    for place, panel in enumerate(() if spec.panel is None else spec.panel.named):
        if panel.session is None:
            key = (*at, "panels", place)
            found.append((key, panel.selector))
            found += [((*key, "values", name), f":is({panel.selector}) {selector}") for name, selector in panel.values]
    return found


def _several(target: Target, at: Key, matches: Mapping[Key, int]) -> Iterator[Finding]:
    """Selectors of one element that match several: only the first would be read."""
    for key, selector in singles(target, at):
        if (count := matches.get(key, 0)) > 1:
            yield Finding(key, False, f"{selector!r} matches {count} elements of the page: name one of them alone")


def _panels(
    target: Target, shown: Mapping[str, PanelPart], facts: Sequence[Fact[PanelShown]], at: Key
) -> Iterator[Finding]:
    for place, panel in enumerate(target.panels):
        seen, key = shown.get(panel.name), (*at, "panels", place)
        if seen is None:
            yield Finding(key, False, f"panel {panel.name}: no element of the page matches")
            continue
        texts = {fact.body.text for fact in facts if fact.body.panel == panel.name}
        changed = f"changed {max(len(texts) - 1, 0)} times, {_says(seen.text[:60])}"
        yield Finding(key, True, f"panel {panel.name}: {changed}")
        for name in panel.values:
            value = seen.values.get(name)
            text = "no element of the panel matches" if value is None else _says(value)
            yield Finding((*key, "values", name), value is not None, f"panel {panel.name}, {name}: {text}")
