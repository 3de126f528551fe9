"""Whether what is told of a page fits together: what it showed as it changed, and what it shows in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set

from harness.model import PAGE_SIDE, Aspect, B, Fact, Finding, Hop
from harness.model import value as as_value
from harness.model.facts import (
    Answered,
    ClockCompared,
    CounterShown,
    Disconnected,
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
    there, here = (
        Counter((f.body.sid, f.body.name, f.body.id) for f in found if f.body.sid in evidence.sids)
        for found in _both(evidence, Requested)
    )
    odd = [each for each in sorted((here - there) + (there - here), key=str) if each[:2] not in unheard]
    gone = {f.body.sid for f in evidence.facts(Disconnected)}
    odd = [each for each in odd if each in there or each[0] not in gone]
    if odd:
        sid, name, _ = odd[0]
        yield Finding(Aspect.ONE_SIDE_ONLY, party=evidence.sids[str(sid)], request=name, field=Requested.kind)
    answered, heard = (
        Counter((f.body.sid, f.body.id) for f in found if f.body.sid in evidence.sids)
        for found in _both(evidence, Answered)
    )
    odd_answers = [*(heard - answered), *(each for each in answered - heard if each[0] not in gone)]
    if answered and heard and odd_answers:
        load = evidence.sids[str(min(odd_answers, key=str)[0])]
        yield Finding(Aspect.ONE_SIDE_ONLY, party=load, field=Answered.kind)


def _both(evidence: Evidence, kind: type[B]) -> tuple[list[Fact[B]], list[Fact[B]]]:
    """The facts of a kind that servers told, and those that pages told."""
    every = evidence.facts(kind)
    at_server = [fact for fact in every if family(fact.observer) == SERVER]
    return at_server, [fact for fact in every if fact.observer.startswith("dashboard:")]


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
