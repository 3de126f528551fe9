"""Sent to nobody: the server takes an event, and not one connected dashboard gets it. Its rooms are not observed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from harness.diagnosis._transports import was_away
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Event, Hop, Outcome, Strength
from harness.model.facts import FrameUnread
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


class SentToNobody(Rule):
    """Lost at routed or delivered, which can't be told apart here; acknowledged; and no dashboard was delivered it.

    Only where every dashboard that was owed it lost it in the same way: a frame lost on its way goes missing for one.
    """

    head = Head(
        cause="sent-to-nobody",
        title="the server takes an event, and not one connected dashboard gets it",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(
            Hop.RECEIVED,
            Hop.DELIVERED,
        ),
        strength=Strength.AROUND,
        against=(
            "a dashboard was delivered it, or another event of its name and session, or a message that it can't read;\n"
            "or one was not connected; or as many others reached no dashboard, of names that did arrive"
        ),
        remedy=(
            "Look at the server's emit: the room or namespace that it names, and which dashboards have joined it.\n"
            "Join dashboards before the first event, or emit to a room that they are in."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        is_away = was_away(evidence, outcome.label, outcome.event_key)
        return is_away or _is_sent(evidence, evidence.events[outcome.event_key]) or _is_unread(evidence, outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        delivered = {key for seen in evidence.seen[Hop.DELIVERED].values() for key in seen}
        mine = [
            o
            for o in lost_at(outcomes, Hop.ROUTED)
            if o.hops == (Hop.ROUTED, Hop.DELIVERED)
            and evidence.acknowledged.get(o.event_key)
            and o.key not in delivered
        ]
        labels = sorted({o.label for o in mine})
        owed = {(o.key, o.dashboard) for o in mine}
        all_lost = all((key, label) in owed for key, _ in owed for label in _connected(evidence))
        if len(labels) < 2 or not all_lost:
            return
        keys = {o.key for o in mine}
        others = [
            key for key in evidence.acknowledged.keys() - delivered if _is_sent(evidence, evidence.events.get(key))
        ]
        if len(others) < len(keys):
            yield self.blame(
                "the server acknowledges them and sends them to no dashboard: to an empty room, or nowhere.",
                [
                    f"server: {amount(len(keys), 'event')} received and acknowledged",
                    *(
                        f"dashboard {label}: connected, delivered 0 of them, and its fence came back"
                        for label in labels
                    ),
                    "server: its recipients are not seen from outside (hop routed is blind)",
                ],
                mine,
            )


def _is_sent(evidence: Evidence, lost: Event | None) -> bool:
    """Whether an event of the same name and session was delivered to a dashboard: then they are sent to a dashboard."""
    return lost is not None and (lost.name, lost.session) in _delivered(evidence)


@remembered
def _delivered(evidence: Evidence) -> Set[tuple[str, str | None]]:
    """Names and sessions of what was delivered to any dashboard."""
    streams = dict.fromkeys(evidence.shown[Hop.DELIVERED].values())
    return {each for stream in streams for each in evidence.events.kinds_of(stream.keys)}


def _is_unread(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether a page got a message of that name that its client could not read."""
    lost = evidence.events[outcome.event_key]
    return any(frame.body.name in (None, lost.name) for frame in evidence.facts(FrameUnread))


def _connected(evidence: Evidence) -> Iterable[str]:
    """The dashboards that were connected, with nothing left on the way to them."""
    return [label for label in evidence.loads if evidence.why_unfenced(label) is None]


RULE = SentToNobody()
