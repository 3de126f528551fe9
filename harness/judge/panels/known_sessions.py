"""Which sessions a page knows of, and which of them is active, by what it was told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.judge.messages.notices import told
from harness.model import Event
from harness.model.facts import Answered, Requested
from harness.record.evidence import Evidence, first_object

DIGITS = re.compile(r"\d{1,9}")


def known_sessions(evidence: Evidence, events: Iterable[Event], shown: str | None, load: str) -> int:
    """How many sessions a page knows of: those of its events, and those that it was told of.

    It may know those that it asked for, too: of the numbers that are right, that which is `shown`, or the next to it.
    """
    known = {event.session for event in events if event.session}
    known |= {each.session for each in told(evidence).get(load, ())}
    found = DIGITS.search((shown or "").replace(",", ""))
    most = len(known | _asked_for(evidence, load))
    return len(known) if found is None else min(max(int(found.group()), len(known)), most)


def _asked_for(evidence: Evidence, load: str) -> set[str]:
    """The sessions that a page asked for, and was not refused."""
    mine = [fact for fact in evidence.facts(Requested) if fact.observer == load]
    refused = {
        (fact.body.sid, fact.body.id)
        for fact in evidence.facts(Answered)
        if fact.observer == load and first_object(fact.body.args).get("ok") is False
    }
    asked = (first_object(f.body.args).get("session") for f in mine if (f.body.sid, f.body.id) not in refused)
    return {session for session in asked if isinstance(session, str)}


def active_session(evidence: Evidence, load: str) -> str | None:
    """The session that a page was told of last, of those whose end it was not told of."""
    active: dict[str, None] = {}
    for each in told(evidence).get(load, ()):
        active.pop(each.session, None)
        if not each.is_end:
            active[each.session] = None
    return next(reversed(active), None)
