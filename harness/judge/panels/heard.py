"""What a page had heard when one of its panels is looked at: events, and what it was told beside them. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias

from harness.judge.panels.drawn import given_at
from harness.judge.values.added import added_at, with_added
from harness.judge.values.paths import at
from harness.model import Event, Fact, Hop
from harness.model.facts import Notice
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

Said: TypeAlias = tuple[str, Any]
"""The name of an event or a notice, and its data."""


@dataclass(frozen=True)
class Heard:
    """The `events` that a page load had, in its order, of those that a panel is about.

    What it was told of sessions counts `until` a place in its record, or to the end; that a CLI has ended, where it
    had at `gone_ns`.
    """

    evidence: Evidence
    load: str
    events: Sequence[Event]
    until: int | None = None
    gone_ns: int | None = None

    @cached_property
    def said(self) -> Sequence[Said]:
        """The events as they were delivered to the page, or else as they are known."""
        told = self.evidence.shown[Hop.DELIVERED].get(self.load)
        given = {} if told is None else told.by_key
        added = added_at(self.evidence, self.load)
        digests = ((event, given.get(event.key, event).digest or event.digest) for event in self.events)
        payloads = ((event, None if digest is None else self.evidence.payload(digest)) for event, digest in digests)
        return [(event.name, with_added(payload, added.get(event.key))) for event, payload in payloads]

    def with_notices(self, session: str | None) -> Sequence[Said]:
        """The events, and between them what the server told of their session, as it came."""
        if not self.evidence.contract.notices or session is None:
            return self.said
        return self._between(_notices_of(self.evidence, self.load, session)[: self.notices_of(session)])

    def notices_of(self, session: str | None) -> int:
        """How many of the things that the server told of a session count."""
        if not self.evidence.contract.notices or session is None:
            return 0
        about = _notices_of(self.evidence, self.load, session)
        return len(about) if self.until is None else bisect_right(about, self.until, key=attrgetter("n"))

    def with_own(self, names: Iterable[str]) -> Sequence[Said]:
        """The events, and between them the page's own messages of these names, as they came."""
        own = [fact for fact in self.evidence.facts(Notice) if fact.body.name in names]
        return self._between(fact for fact in own if fact.observer == self.load) if own else self.said

    def has(self, names: Iterable[str]) -> bool:
        """Whether an event or a notice of one of these names came."""
        told = (fact.body.name for fact in self.evidence.facts(Notice) if fact.observer == self.load)
        return not {*(name for name, _ in self.said), *told}.isdisjoint(names)

    def has_ended(self) -> bool:
        """Whether nothing can follow in the session of the last event: a page may then say so in words of its own."""
        ended = self.evidence.exit_of(self.events[-1].session or "") if self.events else None
        return ended is not None and (self.gone_ns is None or ended.at_ns <= self.gone_ns)

    def _between(self, notices: Iterable[Fact[Notice]]) -> list[Said]:
        first = given_at(self.evidence, self.load)
        events = [(first.get(event.key, 0), each) for event, each in zip(self.events, self.said, strict=True)]
        others = [(fact.n, (fact.body.name, fact.body.payload)) for fact in notices]
        return [each for _, each in sorted([*events, *others], key=itemgetter(0))]


@remembered
def _notices_of(evidence: Evidence, load: str, session: str) -> Sequence[Fact[Notice]]:
    """What the server told a page load of a session, as it came."""
    notices = evidence.contract.notices
    mine = (f for f in evidence.facts(Notice) if f.observer == load and f.body.name in notices)
    about = (f for f in mine if at(f.body.payload, notices[f.body.name].session) == session)
    return sorted(about, key=attrgetter("n"))
