"""Whether what the server answers to a subscription is so: the session's state, and how much it sent again. Pure.

What is in such an answer says docs/protocol.md; a field that is not there is not compared.
"""

from __future__ import annotations

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import Disconnected
from harness.record.evidence import CLOSE, OPEN, Evidence, Exchange, label_of, position

SUBSCRIBE = "subscribe"
WAITING, ACTIVE, ENDED = "waiting", "active", "ended"
STATES = (WAITING, ACTIVE, ENDED)


def troubles(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """How many answers were compared with the server's own record, and those that say something else."""
    if not evidence.contract.asks or evidence.why_blind(Hop.ROUTED, None) is not None:
        return 0, []
    checks, found = 0, list[Outcome]()
    for asked in (e for e in evidence.exchanges if e.name == SUBSCRIBE and e.ok and e.sid in evidence.sids):
        label = label_of(evidence.sids[asked.sid])
        for field, expected in _expected(evidence, asked).items():
            checks += 1
            if asked.result[field] != expected:
                why = _finding(evidence, asked, field, expected)
                found.append(Outcome(Kind.CORRUPTED, "P13", None, label, Hop.ROUTED, (Hop.ROUTED,), why))
    return checks, found


def _expected(evidence: Evidence, asked: Exchange) -> dict[str, str | int]:
    """What the fields of an answer have to say, of those that can be compared."""
    found: dict[str, str | int] = {}
    if asked.result.get("state") in STATES and (state := _state(evidence, asked)) is not None:
        found["state"] = state
    if isinstance(asked.result.get("session"), str) and asked.session is not None:
        found["session"] = asked.session
    again = asked.result.get("replayed")
    if isinstance(again, int) and not isinstance(again, bool):
        least, most = _replayed(evidence, asked)
        found["replayed"] = min(max(again, least), most)
    return found


def _finding(evidence: Evidence, asked: Exchange, field: str, expected: str | int) -> Finding:
    return Finding(
        Aspect.ANSWER_DATA,
        party=f"dashboard:{label_of(evidence.sids[asked.sid])}",
        request=asked.name,
        session=asked.session,
        field=field,
        expected=expected,
        found=asked.result.get(field),
    )


def _state(evidence: Evidence, asked: Exchange) -> str | None:
    """What a session surely was from the request to the answer; None where that changed meanwhile, or is not known."""
    mine = [e for e in evidence.exchanges if e.session == asked.session]
    opened = [e for e in mine if e.name == OPEN and e.ok]
    closed = [e for e in mine if e.name == CLOSE and e.ok]
    answered = asked.answered or asked.asked
    if not any(e.asked < answered for e in opened):
        return WAITING if all(e.asked[0] == answered[0] for e in evidence.exchanges) else None
    before = [e for e in opened if (e.answered or answered) < asked.asked]
    if not before or any(asked.asked < e.asked < answered for e in (*opened, *closed)):
        return None
    last = max(before, key=lambda e: e.asked)
    ends = [e for e in closed if last.asked < e.asked < answered]
    if ends:
        return ENDED if all((e.answered or answered) < asked.asked for e in ends) else None
    gone = [f for f in evidence.facts(Disconnected) if f.body.sid == last.sid and position(f) < answered]
    return None if gone or last.asked[0] != answered[0] else ACTIVE


def _replayed(evidence: Evidence, asked: Exchange) -> tuple[int, int]:
    """Between which numbers what was sent again must lie.

    That is what this page was sent between request and answer: what others had before, and what it may have got first.
    What is sent after the answer was not sent again when the answer said so, and events of then may be before it.
    """
    answered, most, least = asked.answered or asked.asked, 0, 0
    for event in evidence.events_of(asked.session):
        sightings = evidence.once[Hop.ROUTED].get(event.key, ())
        within = (s for s in sightings if asked.asked < position(s) < answered)
        mine = [s for s in within if asked.sid in (s.recipients or ())]
        most += bool(mine)
        least += sum(s is not sightings[0] for s in mine)
    return min(least, most), most
