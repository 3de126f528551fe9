"""Which CLIs were never let in by the server, so that they had to give up."""

from __future__ import annotations

from collections.abc import Iterable

from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import ClientConnected, ClientRefused, HandlerError
from harness.record.evidence import Evidence


def was_never_let_in(evidence: Evidence, cli: str) -> bool:
    """Whether a refusal of a CLI is on record, or that what lets clients in failed, and it sent nothing ever."""
    if any(f.observer == cli for f in evidence.facts(ClientConnected)):
        return False
    if any(s.observer == cli for s in evidence.flow[Hop.SENT].kinds()):
        return False
    is_refused = any(f.observer == cli for f in evidence.facts(ClientRefused))
    return is_refused or any(f.body.name == "connect" for f in evidence.facts(HandlerError))


def gave_up_outside(evidence: Evidence, end: Outcome) -> str | None:
    """The CLI whose session did not end as it should, where it ended with an error and was never let in."""
    found = evidence.exit_or_only(end.finding.session or "")
    if end.kind is not Kind.INCOMPLETE or found is None or found.body.status <= 0 or found.body.killed:
        return None
    return found.observer if was_never_let_in(evidence, found.observer) else None


def keeper(cli: str, blames: Iterable[Blame]) -> Blame | None:
    """The blame for who kept a CLI outside: the one that is about it, or else what kept others out by name."""
    refusing = [each for each in blames if any(o.kind is Kind.REFUSED for o in each.explains)]
    own = (each for each in refusing if any(o.finding.party == cli for o in each.explains))
    return next(own, next((each for each in refusing if each.strength >= Strength.NAMED), None))
