"""Single-session: at most one session is active, every dashboard follows it, and it is released when it ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.evidence import END, OPEN, Evidence, Exchange, Position, position
from harness.model import Expectation, FactKind, Hop, Kind, Level, Outcome, PropertyResult, Settled
from harness.strategies.broadcast import late_dashboards
from harness.strategies.watch import everything, owe


class SingleSession:
    """X1 to X5."""

    name = "single-session"

    def expectations(self, evidence: Evidence) -> Iterable[Expectation]:
        return owe(evidence, everything(evidence), isolated=False)

    def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterable[PropertyResult]:
        owed = [s for s in settled if s.expectation.level is Level.MUST]
        late = late_dashboards(evidence, everything(evidence), settled, "X5")
        contested = any(e.name == OPEN and e.ok is False for e in evidence.exchanges)
        yield _never_two(evidence)
        yield _losers(evidence)
        yield PropertyResult.of("X3", len(owed) if contested else 0, (s.outcome for s in owed if contested))
        yield _released(evidence)
        yield PropertyResult.of(
            "X5", late.checks and len(owed), [*late.outcomes, *(s.outcome for s in owed)], late.note
        )


def opened(evidence: Evidence) -> list[Exchange]:
    """Accepted openings, in the server's order."""
    return [e for e in evidence.exchanges if e.name == OPEN and e.ok]


def freed_at(evidence: Evidence, opening: Exchange) -> Position:
    """From where on another session may be accepted: the holder closed, its producer went, or the server restarted."""
    ends = [e.asked for e in evidence.exchanges if e.name == "session:close" and e.session == opening.session]
    gone = [position(f) for f in evidence.facts(FactKind.DISCONNECTED) if f.data.get("sid") == opening.sid]
    restarts = [(number, 0) for number in range(opening.asked[0] + 1, _incarnations(evidence) + 1)]
    after = [at for at in [*ends, *gone, *restarts] if at > opening.asked]
    return min(after, default=END)


def _incarnations(evidence: Evidence) -> int:
    return max((e.asked[0] for e in evidence.exchanges), default=1)


def _never_two(evidence: Evidence) -> PropertyResult:
    """X1: nobody is accepted while another holds the session."""
    accepted = opened(evidence)
    found = []
    for holder, following in zip(accepted, accepted[1:], strict=False):
        if following.session != holder.session and following.asked < freed_at(evidence, holder):
            why = f"session {following.session} was accepted while {holder.session} was active"
            found.append(Outcome(Kind.EXCLUSIVITY, "X1", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
    return PropertyResult.of("X1", len(accepted), found)


def _losers(evidence: Evidence) -> PropertyResult:
    """X2: a loser is told so in a machine-readable way, exits non-zero, and is not shown."""
    checks, found = 0, []
    for session, code in evidence.rejected.items():
        checks += 1
        end = evidence.exits.get(evidence.producer.get(session, ""))
        wrong = []
        if not code or code == "refused":
            wrong.append("the answer carried no code")
        if end is None or end.data.get("status") in (0, None):
            wrong.append("its CLI did not exit with an error")
        shown = {
            o
            for hop in evidence.seen.values()
            for o, keys in hop.items()
            for k in keys
            if evidence.events[k].session == session
        }
        if shown:
            wrong.append(f"its events were shown by {', '.join(sorted(shown))}")
        if wrong:
            why = f"session {session} was rejected, but {'; '.join(wrong)}"
            found.append(Outcome(Kind.EXCLUSIVITY, "X2", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
    return PropertyResult.of("X2", checks, found)


def _released(evidence: Evidence) -> PropertyResult:
    """X4: after the holder ended, by itself or not, another session was accepted in the end."""
    checks, found = 0, []
    for holder in opened(evidence):
        free = freed_at(evidence, holder)
        tries = [e for e in evidence.exchanges if e.name == OPEN and e.session != holder.session and e.asked > free]
        if not tries:
            continue
        checks += 1
        if not any(e.ok for e in tries):
            why = f"{holder.session} had ended, and {len(tries)} later opening(s) were refused: {tries[-1].code}"
            found.append(Outcome(Kind.STUCK, "X4", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
    return PropertyResult.of("X4", checks, found)


STRATEGY = SingleSession()
