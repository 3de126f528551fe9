"""Oversize payload: one event is more than the server takes, which costs the connection and what follows on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, per_session
from harness.model import Blame, Hop, Outcome, Sighting, Strength
from harness.model.facts import Disconnected
from harness.record.evidence import Evidence

FAR = 2
"""How many times larger than all that arrived an event must be, to be the one that was too large."""


class OversizePayload(Rule):
    """Lost at received, the first of them larger than anything that arrived, and the server dropped its sender."""

    head = Head(
        cause="oversize-payload",
        title="one event is more than the server takes, which costs the connection and what follows on it",
        claims=(losses(Hop.RECEIVED),),
        by=per_session,
        taps=(Hop.SENT,),
        strength=Strength.AROUND,
        against="something larger arrived, or the server kept the connection",
        remedy=(
            "Send less, or a reference to the data; or raise the server's max_http_buffer_size on purpose.\n"
            "And await acknowledgements: only they tell that an event went with the connection."
        ),
    )

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        if _dropped(evidence, evidence.events[outcomes[0].event_key].session) is None:
            return True  # most often, and without a look at all that was sent
        cut = _Cut(evidence, outcomes)
        is_large = cut.first is not None and _size(cut.first) >= FAR * max(cut.largest or 0, 1)
        return cut.largest is None or not is_large

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        cut = _Cut(evidence, outcomes)
        if (first := cut.first) is None:
            return
        with_it = {s.event.key for s in cut.sent if s.n >= first.n}
        yield self.blame(
            f"{first.event.key} is more than the server takes at once: it cut the connection.",
            [
                f"{first.observer}: sent {first.event.key} with {_size(first):,} bytes "
                f"({first.detail.get('where') or UNKNOWN_PLACE})",
                f"the largest that arrived had {cut.largest or 0:,} bytes",
                f"server: disconnected {cut.dropped}, and received nothing of it after that",
            ],
            [o for o in outcomes if o.key in with_it],
            places=[first.detail.get("where")],
        )


class _Cut:
    """What a session sent, the first of it that is lost, the largest that arrived, and its connection if it was cut."""

    def __init__(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> None:
        lost = {outcome.event_key for outcome in outcomes}
        session = evidence.events[outcomes[0].event_key].session
        self.sent = [s[0] for e in evidence.events_of(session) if (s := evidence.at(Hop.SENT, e.key))]
        self.first = next((each for each in self.sent if each.event.key in lost), None)
        arrived = (_size(s) for s in self.sent if s.event.key in evidence.once[Hop.RECEIVED])
        self.largest = max(arrived, default=None)
        self.dropped = _dropped(evidence, session)


def _size(sighting: Sighting) -> int:
    return int(sighting.detail.get("bytes") or 0)


def _dropped(evidence: Evidence, session: str | None) -> str | None:
    """The sender's connection, when the server ended it."""
    last = {f.body.sid: f for f in evidence.facts(Disconnected)}
    ended = {sid for sid, f in last.items() if "client" not in str(f.body.reason)}
    if not ended:
        return None
    sids = [e.sid for e in evidence.exchanges if e.session == session]
    sids += [str(s.detail.get("sid")) for s in evidence.flow[Hop.RECEIVED].kinds() if s.event.session == session]
    return next((sid for sid in sids if sid in ended), None)


RULE = OversizePayload()
