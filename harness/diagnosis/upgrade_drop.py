"""Upgrade, dropped: events that were on their way while a connection changed its transport are gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._parties import dashboards
from harness.diagnosis._transports import could_not_read, has_upgraded
from harness.diagnosis.rule import Head, Rule, losses, lost_by_dashboard, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence, names


class UpgradeDrop(Rule):
    """Lost at delivered, routed to a connection that went from polling to websocket, at that very time."""

    head = Head(
        cause="upgrade-drop",
        title="events that were on their way while a connection changed its transport are gone",
        claims=(losses(Hop.DELIVERED),),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.AROUND,
        against=(
            "the gap is not where the transport changed: something came by websocket before it; or the page got a\n"
            "message that it can't read"
        ),
        remedy=(
            "Keep what is queued when the transport changes, and send it over the new one; or let dashboards\n"
            "begin with websocket, without an upgrade."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return could_not_read(evidence, outcome.label)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine: dict[str, list[Outcome]] = {}
        lines = list[str]()
        for label, lost in lost_by_dashboard(outcomes, Hop.DELIVERED).items():
            keys = {o.event_key for o in lost}
            first = _behind(evidence, label, keys) if has_upgraded(evidence, label) else None
            if first is not None:
                mine[label] = lost
                lines += [
                    f"dashboard {label}: connected by polling, and {first} came by websocket",
                    f"routed to it and never delivered: {names(sorted(keys))}",
                ]
        if mine:
            yield self.blame(
                f"{dashboards(mine)} changed from polling to websocket, and what came meanwhile is gone.",
                lines,
                [o for lost in mine.values() for o in lost],
            )


def _behind(evidence: Evidence, label: str, lost: set[str]) -> str | None:
    """The event right after the lost ones, where they are one gap in one session: the first by websocket."""
    sessions = [*{evidence.events[key].session for key in lost}]
    listed = [event.key for event in evidence.events_of(sessions[0])]
    places = [place for place, key in enumerate(listed) if key in lost]
    if len(places) < len(lost) or places[-1] - places[0] + 1 != len(places) or places[-1] + 1 == len(listed):
        return None
    following = listed[places[-1] + 1]
    seen = [s for load in evidence.loads_of(label) for s in evidence.on_page(Hop.DELIVERED, load)]
    by_websocket = {s.event.key for s in seen if s.detail.get("transport") == "websocket"}
    had_changed = not by_websocket.isdisjoint(listed[: places[0]])
    return following if following in by_websocket and not had_changed else None


RULE = UpgradeDrop()
