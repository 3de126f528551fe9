"""Poll failed: the answer to a page's poll is an error, and what waited for that connection is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._connection_ended import STAYED_AWAY, stayed_away
from harness.diagnosis._parties import dashboards
from harness.diagnosis.rule import Head, Rule, losses, lost_by_dashboard, per_run
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import PageClosed
from harness.record.evidence import Evidence, names, position


class PollFailed(Rule):
    """Lost at delivered, routed to a connection that ended with an HTTP error on a poll, and all after it as well."""

    head = Head(
        cause="poll-failed",
        title="the answer to a page's poll is an error, and what waited for that connection is gone",
        claims=(losses(Hop.DELIVERED),),
        carries=(STAYED_AWAY,),
        by=per_run,
        taps=(Hop.ROUTED, Hop.DELIVERED),
        strength=Strength.NAMED,
        against="the connection did not end by a poll's error, or brought something that was routed to it later",
        remedy=(
            "Read the server's log of that request: its queue is emptied before that. python-socketio fails\n"
            "so where one emit brings bytes to WebSocket and polling clients alike: send text, or by one transport."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        to = evidence.recipients_of(outcome.key)
        return not any(end.body.sid in to for end in _failures(evidence, outcome.label))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine: dict[str, list[Outcome]] = {}
        lines = list[str]()
        for label, lost in lost_by_dashboard(outcomes, Hop.DELIVERED).items():
            for end in _failures(evidence, label):
                gone = _waited(evidence, end, lost)
                if gone:
                    mine.setdefault(label, []).extend(gone)
                    lines += [
                        f"dashboard {label}: its poll was answered {_first_line(end.body.reason)}",
                        f"routed to {end.body.sid} and never delivered: {names(sorted({o.key or '' for o in gone}))}",
                    ]
        if mine:
            yield self.blame(
                f"a poll of {dashboards(mine)} was answered with an error, and what waited for it is gone.",
                lines,
                [
                    *(o for gone in mine.values() for o in gone),
                    *stayed_away(outcomes, mine),
                ],
                at=[o for gone in mine.values() for o in gone],
            )


def _failures(evidence: Evidence, label: str) -> list[Fact[PageClosed]]:
    """The connections of a page that ended with an HTTP error on a poll."""
    closed = [f for f in evidence.facts(PageClosed) if f.body.transport == "polling" and (f.body.code or 0) >= 400]
    return [f for f in closed if f.observer in evidence.loads_of(label)]


def _waited(evidence: Evidence, end: Fact[PageClosed], lost: Sequence[Outcome]) -> list[Outcome]:
    """What was routed to the connection and lost, where nothing that was routed to it later came."""
    came = evidence.keys_on_page(Hop.DELIVERED, end.observer)
    routed = {
        key: position(sightings[0])
        for key, sightings in evidence.once[Hop.ROUTED].items()
        if any(end.body.sid in (each.recipients or ()) for each in sightings)
    }
    gone = [o for o in lost if o.event_key in routed]
    first = min((routed[o.event_key] for o in gone), default=None)
    is_tail = first is not None and not any(at > first and key in came for key, at in routed.items())
    return gone if is_tail else []


def _first_line(reason: str | None) -> str:
    return (reason or "an error").partition("\n")[0][:100]


RULE = PollFailed()
