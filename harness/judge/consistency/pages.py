"""Whether what is told of a page fits together: what it showed as it changed, and what it shows in the end."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Set
from typing import TypeVar

from harness.model import PAGE_SIDE, Aspect, Fact, Finding, Hop
from harness.model import value as as_value
from harness.model.facts import (
    Answered,
    ClockCompared,
    CounterShown,
    Disconnected,
    Fence,
    NoHandler,
    Notice,
    PageLoaded,
    PanelPart,
    PanelShown,
    Requested,
    StatusShown,
    TapTried,
    View,
    WindowShown,
)
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.keys import those_in
from harness.record.evidence.observers import SERVER, family
from harness.record.evidence.taps import BEFORE

E = TypeVar("E", Requested, Answered)


def loads(evidence: Evidence) -> Iterator[Finding]:
    """Each load of a page began with a document, and had its clock compared."""
    documents = {fact.observer for fact in evidence.facts(PageLoaded)}
    pages = {*evidence.pages}
    clocks = {fact.observer for fact in evidence.facts(ClockCompared)}
    tried: dict[str, set[Hop]] = {}
    for canary in evidence.facts(TapTried):
        if canary.body.phase == BEFORE:
            tried.setdefault(canary.observer, set()).update(canary.body.hops)
    for load in {observer: None for hop in (Hop.DELIVERED, Hop.RENDERED) for observer in evidence.page[hop]}:
        if load not in documents and label_of(load) in pages:
            yield Finding(Aspect.RECORD_LACKS, party=load, field=PageLoaded.kind)
        if load not in clocks:
            yield Finding(Aspect.RECORD_LACKS, party=load, field=ClockCompared.kind)
        seen = {hop for hop in PAGE_SIDE if load in evidence.page[hop]}
        if load in tried and seen - tried[load]:
            yield Finding(Aspect.RECORD_LACKS, party=load, field=TapTried.kind)


def exchanges(evidence: Evidence) -> Iterator[Finding]:
    """What a page asked came to the server, and what it was answered came from there; and the other way round."""
    if not evidence.has_tap(Hop.RECEIVED) or evidence.why_blind(Hop.RECEIVED, None) is not None:
        return
    unheard = {*((f.body.sid, f.body.name) for f in evidence.facts(NoHandler)), *evidence.own_messages}
    both = _both(evidence, Requested)
    there, here = (Counter((f.body.sid, f.body.name, f.body.id) for f in found) for found in both)
    late = Counter((f.body.sid, f.body.name, f.body.id) for f in _in_the_end(evidence, both))
    odd = [each for each in sorted((here - there) + (there - here) - late, key=str) if each[:2] not in unheard]
    gone = {f.body.sid for f in evidence.facts(Disconnected)}
    odd = [each for each in odd if each in there or each[0] not in gone]
    if odd:
        sid, name, _ = odd[0]
        yield Finding(Aspect.ONE_SIDE_ONLY, party=evidence.sids[str(sid)], request=name, field=Requested.kind)
    answers = _both(evidence, Answered)
    answered, heard = (Counter((f.body.sid, f.body.id) for f in found) for found in answers)
    late_answers = Counter((f.body.sid, f.body.id) for f in _in_the_end(evidence, answers))
    odd_answers = [
        *(heard - answered - late_answers),
        *(each for each in answered - heard - late_answers if each[0] not in gone),
    ]
    if answered and heard and odd_answers:
        load = evidence.sids[str(min(odd_answers, key=str)[0])]
        yield Finding(Aspect.ONE_SIDE_ONLY, party=load, field=Answered.kind)


def _both(evidence: Evidence, kind: type[E]) -> tuple[list[Fact[E]], list[Fact[E]]]:
    """The facts of a kind that servers told of pages' connections, and those that pages told."""
    every = [fact for fact in evidence.facts(kind) if fact.body.sid in evidence.sids]
    at_server = [fact for fact in every if family(fact.observer) == SERVER]
    return at_server, [fact for fact in every if fact.observer.startswith("dashboard:")]


def _in_the_end(evidence: Evidence, both: tuple[list[Fact[E]], list[Fact[E]]]) -> Iterator[Fact[E]]:
    """What passed once a page's last fence was on its way: a page that asks for ever is not heard to the end."""
    sent = {fact.observer: fact.body.sent_ns for fact in evidence.facts(Fence)}
    since = {load: at_ns - evidence.clock_errors.get(load, 0) for load, at_ns in sent.items() if at_ns is not None}
    for fact in (fact for told in both for fact in told):
        if fact.at_ns >= since.get(evidence.sids[str(fact.body.sid)], math.inf):
            yield fact


def last_shown(evidence: Evidence) -> Iterator[Finding]:
    """What a page shows in the end is what it showed last."""
    for label in evidence.pages:
        view, mine = evidence.view(label), evidence.loads.get(label)
        if view is None or not mine or evidence.why_restless(label) is not None:
            continue
        load = mine[-1]
        for field, last, shown in _pairs(evidence, load, view.body):
            if last != shown:
                yield Finding(
                    Aspect.SHOWN_LAST, party=load, field=field, expected=as_value(last), found=as_value(shown)
                )


def _pairs(evidence: Evidence, load: str, view: View) -> Iterator[tuple[str, object, object]]:
    counters = [f.body for f in evidence.facts(CounterShown) if f.observer == load]
    if counters and view.counter is not None:
        yield "counter", counters[-1].value, view.counter
    states = [f.body for f in evidence.facts(StatusShown) if f.observer == load]
    if states and view.status is not None:
        yield "connection status", states[-1].text, view.status.text
        yield "connection status", states[-1].connected, view.status.connected
    windows = [f.body for f in evidence.facts(WindowShown) if f.observer == load]
    if windows and view.window is not None:
        yield "window", windows[-1].total, view.window.total
    last: dict[tuple[str, str | None], PanelShown] = {}
    for fact in evidence.facts(PanelShown):
        if fact.observer == load:
            last[fact.body.panel, fact.body.session] = fact.body
    for panel in evidence.contract_at(load).panels:
        part: PanelPart | None = (view.panels or {}).get(panel.name)
        if part is None or (panel.name, part.session) not in last:
            continue
        for name in panel.values:
            told = last[panel.name, part.session].values
            yield f"{panel.name}: {name}", told.get(name), part.values.get(name)


def listed(evidence: Evidence) -> Iterator[Finding]:
    """What a page lists in the end was seen to be put there."""
    for label in evidence.pages:
        view, mine = evidence.view(label), evidence.loads.get(label)
        if view is None or not mine:
            continue
        load, own = mine[-1], {*evidence.contract_of(label).own_events}
        if view.body.rows is not None and view.body.rows_numbered and evidence.has_tap(Hop.RENDERED, label):
            yield from _unseen(load, "row", view.body.rows, evidence.keys_on_page(Hop.RENDERED, load), evidence)
        if view.body.state_events is not None and evidence.has_tap(Hop.APPLIED, label):
            state = view.body.state_events
            yield from _unseen(load, "item of the state", state, evidence.keys_on_page(Hop.APPLIED, load), evidence)
            told = Counter(f.body.name for f in evidence.facts(Notice) if f.observer == load and f.body.name in own)
            if told and (odd := sorted(Counter(name for name in state if name in own) - told)):
                yield Finding(Aspect.RECORD_LACKS, party=load, field=Notice.kind, text=odd[0])


def _unseen(load: str, field: str, keys: tuple[str, ...], seen: Set[str], evidence: Evidence) -> Iterator[Finding]:
    there = those_in(keys, seen)
    known = those_in(keys, evidence.events.keys() - seen) if len(there) < len(keys) else []
    if known:
        yield Finding(Aspect.RECORD_LACKS, party=load, field=field, text=known[0])
