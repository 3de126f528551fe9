"""Whether a page's state is the fold of what was delivered to it (P8)."""

from __future__ import annotations

from harness.judge.panels import state
from harness.model import Aspect, Finding, Hop, Kind, Outcome, PropertyResult
from harness.record.evidence import Evidence, label_of
from harness.record.evidence.falling import out_of
from harness.record.evidence.stored_streams import are_in_order


def fold(evidence: Evidence) -> PropertyResult:
    """P8: the page's state holds nothing that was not delivered to it, each session in the order of delivery, and
    beside the events what the target says that they make of it.
    """
    if not evidence.has_tap(Hop.APPLIED) or not evidence.has_tap(Hop.DELIVERED):
        return PropertyResult.of("P8", 0, note="the page's state, or what was delivered, was not observed")
    checks, found = _of_state(evidence)
    for load, applied in evidence.page[Hop.APPLIED].items():
        checks += len(applied)
        told = evidence.shown[Hop.DELIVERED].get(load)
        held = evidence.shown[Hop.APPLIED][load]
        if told is not None and told.is_single and (told is held or are_in_order(held, told)):
            continue
        label, why = label_of(load), Finding(Aspect.APPLIED_ORDER)
        for key, is_told in out_of(applied, told):
            if is_told:
                found.append(Outcome(Kind.REORDERED, "P8", key, label, Hop.APPLIED, (Hop.APPLIED,), why))
            else:
                found.append(_undelivered(evidence, key, load))
    return PropertyResult.of("P8", checks, found)


def _of_state(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """What the state of each page holds beside its events, where the target says what that is."""
    checks, found = 0, list[Outcome]()
    for label in (each for each in evidence.contract.dashboards if evidence.contract_of(each).state):
        view, loads = evidence.view(label), evidence.loads.get(label)
        if view is None or not loads or evidence.why_unproven(Hop.APPLIED, label) is not None:
            continue  # P9 and P12 say why it is not known
        if view.body.state is None:
            unread = Finding(Aspect.PAGE_UNREAD, party=f"dashboard:{label}")
            found.append(Outcome(Kind.UNDETERMINED, "P8", None, label, None, (), unread))
        checks += state.compared(evidence, view.body, loads[-1])
        for why in state.troubles(evidence, view.body, loads[-1]):
            found.append(Outcome(Kind.MISRENDERED, "P8", None, label, *evidence.blamed(Hop.APPLIED, label), why))
    return checks, found


def _undelivered(evidence: Evidence, key: str, load: str) -> Outcome:
    """An event in the state that the delivered tap did not see: made up, unless that tap can't be believed."""
    label = label_of(load)
    mine = {sid for sid, holder in evidence.sids.items() if holder == load}
    unproven = evidence.why_unproven(Hop.DELIVERED, label)
    if unproven is None and mine & evidence.recipients_of(key):
        unproven = Finding(Aspect.TAP_MISSED_IT)
    if unproven is not None:
        return Outcome(Kind.UNDETERMINED, "P8", key, label, None, (), unproven)
    return Outcome(Kind.PHANTOM, "P8", key, label, Hop.APPLIED, (Hop.APPLIED,), Finding(Aspect.UNDELIVERED))
