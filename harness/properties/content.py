"""Whether events stay what they are: payload, fold into the state, and inert text (P5, P8, P10)."""

from __future__ import annotations

from harness.evidence import Evidence, label_of
from harness.model import PAGE_SIDE, Event, FactKind, Hop, Kind, Outcome, PropertyResult


def integrity(evidence: Evidence) -> PropertyResult:
    """P5: the same name and payload at every hop that shows them, from where they were first seen."""
    checks = 0
    spoiled: dict[tuple[str, str | None], Outcome] = {}
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        for key, sightings in evidence.once[hop].items():
            known = evidence.events[key]
            checks += len(sightings)
            for sighting in sightings:
                if sighting.event is not known and (why := _differs(sighting.event, known)) is not None:
                    blamed = evidence.blamed(hop, None, key)
                    spoiled.setdefault((key, None), Outcome(Kind.CORRUPTED, "P5", key, None, *blamed, why))
    for hop in PAGE_SIDE:
        for load, listed in evidence.page[hop].items():
            label = label_of(load)
            checks += len(listed)
            for event in (sighting.event for sighting in listed):
                known = evidence.events[event.key]
                why = None if event is known else _differs(event, known)
                if why is not None and (event.key, None) not in spoiled:
                    blamed = evidence.blamed(hop, label, event.key)
                    outcome = Outcome(Kind.CORRUPTED, "P5", event.key, label, *blamed, why)
                    spoiled.setdefault((event.key, label), outcome)
    return PropertyResult.of("P5", checks, spoiled.values())


def _differs(event: Event, known: Event) -> str | None:
    if event.name != known.name:
        return f"is called {event.name!r}, and was {known.name!r}"
    if event.digest != known.digest and event.digest is not None and known.digest is not None:
        return f"its payload has digest {event.digest}, and had {known.digest}"
    return None


def fold(evidence: Evidence) -> PropertyResult:
    """P8: the page's state holds nothing that was not delivered to it, and each session in the order of delivery."""
    if not evidence.has_tap(Hop.APPLIED) or not evidence.has_tap(Hop.DELIVERED):
        return PropertyResult.of("P8", 0, note="the page's state, or what was delivered, was not observed")
    checks, found = 0, []
    for load, applied in evidence.page[Hop.APPLIED].items():
        label, place = label_of(load), dict[str, int]()
        for index, sighting in enumerate(evidence.page[Hop.DELIVERED].get(load, ())):
            place.setdefault(sighting.event.key, index)
        last: dict[str | None, int] = {}
        for sighting in applied:
            checks += 1
            key, session, at = sighting.event.key, sighting.event.session, place.get(sighting.event.key)
            if at is None:
                found.append(_undelivered(evidence, key, load))
            elif at < last.get(session, -1):
                why = "in the state in another order than delivered"
                found.append(Outcome(Kind.REORDERED, "P8", key, label, Hop.APPLIED, (Hop.APPLIED,), why))
            else:
                last[session] = at
    return PropertyResult.of("P8", checks, found)


def _undelivered(evidence: Evidence, key: str, load: str) -> Outcome:
    """An event in the state that the delivered tap did not see: made up, unless that tap can't be believed."""
    label = label_of(load)
    mine = {sid for sid, holder in evidence.sids.items() if holder == load}
    unproven = evidence.why_unproven(Hop.DELIVERED, label)
    if unproven is None and mine & evidence.recipients.get(key, set()):
        unproven = "it was routed to the page and is in its state: the delivered tap missed it"
    if unproven is not None:
        return Outcome(Kind.UNDETERMINED, "P8", key, label, None, (), unproven)
    why = "in the state, never delivered and never routed there"
    return Outcome(Kind.PHANTOM, "P8", key, label, Hop.APPLIED, (Hop.APPLIED,), why)


def inert(evidence: Evidence) -> PropertyResult:
    """P10: no payload ran, asked or opened anything."""
    found = [
        Outcome(
            Kind.NOT_INERT, "P10", None, label_of(f.observer), Hop.RENDERED, (Hop.RENDERED,), str(f.data.get("what"))
        )
        for f in evidence.facts(FactKind.PAGE_INTRUSION)
    ]
    return PropertyResult.of("P10", sum(1 for label in evidence.contract.dashboards if evidence.view(label)), found)
