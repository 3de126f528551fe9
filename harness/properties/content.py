"""Whether events stay what they are: payload, fold into the state, and inert text (P5, P8, P10)."""

from __future__ import annotations

from harness.evidence import Evidence, label_of
from harness.model import PAGE_SIDE, FactKind, Hop, Kind, Outcome, PropertyResult, Sighting


def integrity(evidence: Evidence) -> PropertyResult:
    """P5: the same name and payload at every hop that shows them, from where they were first seen."""
    checks, found = 0, []
    spoiled: set[str] = set()
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        for key, sightings in evidence.once[hop].items():
            for sighting in sightings:
                checks += 1
                if (why := _differs(evidence, sighting)) and key not in spoiled:
                    spoiled.add(key)
                    found.append(Outcome(Kind.CORRUPTED, "P5", key, None, hop, (hop,), why))
    for hop in PAGE_SIDE:
        for load, listed in evidence.page[hop].items():
            for sighting in listed:
                checks += 1
                key = sighting.event.key
                if (why := _differs(evidence, sighting)) and key not in spoiled:
                    found.append(Outcome(Kind.CORRUPTED, "P5", key, label_of(load), hop, (hop,), why))
    kept: dict[tuple[str | None, str | None], Outcome] = {}
    for outcome in found:
        kept.setdefault((outcome.key, outcome.dashboard), outcome)
    return PropertyResult.of("P5", checks, kept.values())


def _differs(evidence: Evidence, sighting: Sighting) -> str | None:
    known = evidence.events[sighting.event.key]
    if sighting.event.name != known.name:
        return f"is called {sighting.event.name!r}, and was {known.name!r}"
    if None not in (sighting.event.digest, known.digest) and sighting.event.digest != known.digest:
        return f"its payload has digest {sighting.event.digest}, and had {known.digest}"
    return None


def fold(evidence: Evidence) -> PropertyResult:
    """P8: the page's state holds nothing that was not delivered to it, in the order in which it was delivered."""
    if not evidence.has_tap(Hop.APPLIED) or not evidence.has_tap(Hop.DELIVERED):
        return PropertyResult.of("P8", 0, note="the page's state, or what was delivered, was not observed")
    checks, found = 0, []
    for load, applied in evidence.page[Hop.APPLIED].items():
        place: dict[str, int] = {}
        for index, sighting in enumerate(evidence.page[Hop.DELIVERED].get(load, ())):
            place.setdefault(sighting.event.key, index)
        last = -1
        for sighting in applied:
            checks += 1
            key, at = sighting.event.key, place.get(sighting.event.key)
            kind = Kind.PHANTOM if at is None else Kind.REORDERED
            if at is None or at < last:
                why = (
                    "in the state and never delivered" if at is None else "in the state in another order than delivered"
                )
                found.append(Outcome(kind, "P8", key, label_of(load), Hop.APPLIED, (Hop.APPLIED,), why))
            last = max(last, at if at is not None else -1)
    return PropertyResult.of("P8", checks, found)


def inert(evidence: Evidence) -> PropertyResult:
    """P10: no payload ran, asked or opened anything."""
    found = [
        Outcome(
            Kind.NOT_INERT, "P10", None, label_of(f.observer), Hop.RENDERED, (Hop.RENDERED,), str(f.data.get("what"))
        )
        for f in evidence.facts(FactKind.PAGE_INTRUSION)
    ]
    return PropertyResult.of("P10", sum(1 for label in evidence.contract.dashboards if evidence.view(label)), found)
