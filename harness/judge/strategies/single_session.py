"""Single-session: at most one session is active, every dashboard follows it, and it is released when it ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.judge.starving import unless_never_tried, unless_starved
from harness.judge.strategies.broadcast import late_dashboards
from harness.judge.strategies.owed import owe
from harness.judge.strategies.watch import everything
from harness.model import Aspect, Expectation, Finding, Hop, Kind, Level, Outcome, PropertyResult, Settled
from harness.model.facts import Disconnected
from harness.record.evidence import CLOSE, END, OPEN, Evidence, Exchange, Position, position


class SingleSession:
    """X1 to X5."""

    name = "single-session"
    refuses_sessions = True
    announces_sessions = False
    trade_off = "one session at a time, which every dashboard follows: the simplest, and a second one is refused"

    def expectations(self, evidence: Evidence) -> Iterable[Expectation]:
        return owe(evidence, everything(evidence), isolated=False)

    def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterable[PropertyResult]:
        owed = [s for s in settled if s.expectation.level is Level.MUST]
        late = late_dashboards(evidence, everything(evidence), settled, "X5")
        if not evidence.contract.asks:
            return
        everyone = [*late.outcomes, *(outcome for s in owed for outcome in s.outcomes)]
        yield _never_two(evidence)
        yield _losers(evidence)
        yield _undisturbed(evidence, owed)
        yield _released(evidence)
        yield PropertyResult.of("X5", sum(s.checks for s in owed) if late.checks else 0, everyone, late.note)


def opened(evidence: Evidence) -> list[Exchange]:
    """Accepted openings, in the order in which the server answered."""
    accepted = [e for e in evidence.exchanges if e.name == OPEN and e.ok]
    return sorted(accepted, key=lambda each: each.answered or each.asked)


def freed_at(evidence: Evidence, opening: Exchange) -> Position:
    """From where on another session may be accepted: the holder closed, its producer went, or the server restarted."""
    ends = [e.asked for e in evidence.exchanges if e.name == CLOSE and e.session == opening.session]
    gone = [position(f) for f in evidence.facts(Disconnected) if f.body.sid == opening.sid]
    restart = (opening.asked[0] + 1, 0) if opening.asked[0] < evidence.last_server else END
    return min([restart, *(at for at in (*ends, *gone) if at > opening.asked)])


def _never_two(evidence: Evidence) -> PropertyResult:
    """X1: no client is accepted while another holds the session."""
    accepted = opened(evidence)
    found = []
    for index, holder in enumerate(accepted):
        free = freed_at(evidence, holder)
        for following in accepted[index + 1 :]:
            if (following.answered or following.asked) >= free or following.session == holder.session:
                break
            why = Finding(Aspect.SECOND_ACTIVE, session=following.session, other=holder.session)
            found.append(Outcome(Kind.EXCLUSIVITY, "X1", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
    return PropertyResult.of("X1", len(accepted), found)


def _losers(evidence: Evidence) -> PropertyResult:
    """X2: a loser is told so at once, in a machine-readable way, exits with an error, and is not shown."""
    found = []
    for session, code in evidence.rejected.items():
        wrong = list[Finding]()
        if not code:
            wrong.append(Finding(Aspect.NO_CODE))
        tries = [e for e in evidence.exchanges if e.name == OPEN and e.session == session and e.ok is False]
        if (slow := _slow(evidence, tries)) is not None and slow.kind is Kind.UNDETERMINED:
            found.append(slow)
        elif slow is not None:
            wrong.append(slow.finding)
        end = evidence.exit_of(session)
        if end is None:
            why = Finding(Aspect.LOSER_EXIT_UNSEEN, session=session)
            found.append(Outcome(Kind.UNDETERMINED, "X2", None, None, None, (), why))
        elif end.body.status == 0:
            wrong.append(Finding(Aspect.EXIT_ZERO))
        if shown := _shown(evidence, session):
            wrong.append(Finding(Aspect.SHOWN, items=tuple(sorted(shown))))
        if wrong:
            why = Finding(Aspect.REJECTION, session=session, because=tuple(wrong))
            found.append(Outcome(Kind.EXCLUSIVITY, "X2", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
    for session in evidence.unanswered:
        why = Finding(Aspect.SESSION_UNANSWERED, session=session)
        never = Outcome(Kind.EXCLUSIVITY, "X2", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why)
        found.append(unless_never_tried(evidence, never, *evidence.waited_for(session)))
    return PropertyResult.of("X2", len(evidence.rejected) + len(evidence.unanswered), found)


def _slow(evidence: Evidence, tries: Sequence[Exchange]) -> Outcome | None:
    """The slowest answer to a session that was rejected, if it was late; not known where the machine was starved."""
    slowest = max(tries, key=lambda each: each.took_ms or 0.0)
    took_ms, bound_ms = slowest.took_ms or 0.0, evidence.contract.bound_ms
    if took_ms <= bound_ms:
        return None
    why = Finding(Aspect.ANSWER_SLOW, measured_ms=took_ms, bound_ms=bound_ms)
    slow = Outcome(Kind.EXCLUSIVITY, "X2", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why)
    return unless_starved(evidence, slow, slowest.asked_ns, slowest.asked_ns + round(took_ms * 1e6))


def _shown(evidence: Evidence, session: str) -> set[str]:
    """The page loads that show anything of a session."""
    keys = {event.key for event in evidence.events_of(session)}
    return {
        load for by_load in evidence.seen.values() for load, counted in by_load.items() if not keys.isdisjoint(counted)
    }


def _undisturbed(evidence: Evidence, owed: Sequence[Settled]) -> PropertyResult:
    """X3: nothing of a holder is lost while others are turned away."""
    turned_away = [e.asked for e in evidence.exchanges if e.name == OPEN and e.ok is False]
    contested = {
        holder.session
        for holder in opened(evidence)
        if any(holder.asked < at < freed_at(evidence, holder) for at in turned_away)
    }
    return PropertyResult.of_settled("X3", (s for s in owed if evidence.session_of(s.expectation) in contested))


def _released(evidence: Evidence) -> PropertyResult:
    """X4: after the holder ended, by itself or not, another session was accepted in the end.

    A holder whose connection broke keeps the session for its lease. How long that is the judge was not told: a refusal
    within the run's bound of time proves nothing.
    """
    checks, found = 0, []
    for holder in opened(evidence):
        free = freed_at(evidence, holder)
        later = [e for e in evidence.exchanges if e.name == OPEN and e.session != holder.session and e.asked > free]
        tries = [each for each in later if each.ok is not None]  # what was never answered was not refused (X2)
        if not tries:
            continue
        checks += 1
        if any(each.ok for each in tries):
            continue
        if _may_be_leased(evidence, holder, free, tries[-1]):
            why = Finding(Aspect.LEASE_UNKNOWN, session=holder.session)
            found.append(Outcome(Kind.UNDETERMINED, "X4", None, None, None, (), why))
        else:
            why = Finding(Aspect.NOT_RELEASED, session=holder.session, count=len(tries), text=tries[-1].code)
            found.append(Outcome(Kind.STUCK, "X4", None, None, Hop.RECEIVED, (Hop.RECEIVED,), why))
    return PropertyResult.of("X4", checks, found)


def _may_be_leased(evidence: Evidence, holder: Exchange, free: Position, last: Exchange) -> bool:
    """Whether the last attempt came so soon after the loss of the holder's connection that the lease may have held."""
    gone = [f for f in evidence.facts(Disconnected) if position(f) == free and f.body.sid == holder.sid]
    since_ms = [
        (last.asked_ns - fact.at_ns) / 1e6 - evidence.starved_ms(fact.at_ns, last.asked_ns) for fact in gone
    ]  # a lease ends when the server looks at its clock, which takes a processor
    return any(each <= evidence.contract.bound_ms for each in since_ms)


STRATEGY = SingleSession()
