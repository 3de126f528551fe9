"""Oversize payload: one event is more than the server takes, which costs the connection and what follows on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, per_session
from harness.model import Blame, Hop, Outcome, Sighting, Strength
from harness.model.facts import Disconnected
from harness.record.evidence import Evidence
from harness.record.evidence.keys import those_in
from harness.record.evidence.stored_events import keys_of

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
        return not _Cut(evidence, outcomes).is_too_large

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
        self._evidence, self._lost = evidence, {outcome.event_key for outcome in outcomes}
        session = evidence.events[outcomes[0].event_key].session
        self._keys = keys_of(evidence.events_of(session))
        self.first = next(self._sent(those_in(self._keys, self._lost)), None)
        self.dropped = _dropped(evidence, session)

    def _sent(self, keys: Iterable[str]) -> Iterator[Sighting]:
        """Some of the session's events as they were first sent."""
        return (seen[0] for key in keys if (seen := self._evidence.at(Hop.SENT, key)))

    @property
    def sent(self) -> Iterator[Sighting]:
        """All of them."""
        return self._sent(self._keys)

    @property
    def _sizes(self) -> Iterator[int]:
        """How large those were that arrived."""
        received = self._evidence.once[Hop.RECEIVED].keys()
        return map(_size, self._sent(those_in(self._keys, received)))

    @property
    def largest(self) -> int | None:
        """The largest that arrived."""
        return max(self._sizes, default=None)

    @property
    def is_too_large(self) -> bool:
        """Whether something arrived, and nothing as large as the first that is lost: looked at up to one that is."""
        size, sizes = 0 if self.first is None else _size(self.first), self._sizes
        any_size = next(sizes, None) if size >= FAR else None
        return any_size is not None and all(size >= FAR * each for each in (any_size, *sizes))


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
