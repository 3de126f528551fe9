"""What the server sent to a page only after that page had been looked at: it is late, and not lost on its way. Pure.

The page was not looked at again. A timer that is not observed, or a machine that is busy, lets it come so late.
"""

from __future__ import annotations

from collections.abc import Set

from harness.judge.starving import unless_starved
from harness.model import SERVER_SIDE, Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import ClockCompared
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


def sent_afterwards(evidence: Evidence, key: str, dashboard: str) -> Outcome | None:
    """An event that a page lacks and was sent then: late at routed, or unknown where it was within the bound; or None.

    So is one that was late already when it was sent, before that by less than the bound, where the page was proven by
    silence alone: it may have been on its way.

    Times of page and server are compared, with the error of that comparison.
    """
    looked = _looked(evidence, dashboard)
    if looked is None:
        return None
    looked_ns, sids = looked
    sent = [each.at_ns for each in evidence.at(Hop.ROUTED, key) if not sids.isdisjoint(each.recipients or ())]
    if not sent:
        return None
    start_ns = min(each.at_ns for hop in SERVER_SIDE for each in evidence.at(hop, key))
    took_ms, bound_ms = (min(sent) - start_ns) / 1e6, evidence.contract.bound_ms
    fence = evidence.fences.get(dashboard)
    is_silence = fence is not None and fence.body.means == "quiet"
    was_on_its_way = is_silence and took_ms > bound_ms > (looked_ns - min(sent)) / 1e6
    if min(sent) <= looked_ns and not was_on_its_way:
        return None
    if took_ms <= bound_ms:
        why = Finding(Aspect.AFTER_FENCE, party=f"dashboard:{dashboard}")
        return Outcome(Kind.UNDETERMINED, "P12", key, dashboard, None, (), why)
    why = Finding(Aspect.LATENCY, hop=Hop.ROUTED, measured_ms=took_ms, bound_ms=bound_ms)
    late = Outcome(Kind.LATE, "P11", key, dashboard, Hop.ROUTED, (Hop.ROUTED,), why)
    return unless_starved(evidence, late, start_ns, min(sent))


@remembered
def _looked(evidence: Evidence, dashboard: str) -> tuple[int, Set[str]] | None:
    """When a page was looked at, at the latest, on the harness's clock, and the ids of its connections; or None."""
    view = evidence.view(dashboard)
    clocks = {fact.observer: fact.body for fact in evidence.facts(ClockCompared)}
    if view is None or view.observer not in clocks:
        return None
    clock = clocks[view.observer]
    sids = {sid for sid, load in evidence.sids.items() if load == view.observer}
    return view.at_ns + clock.offset_ns + clock.error_ns, sids
