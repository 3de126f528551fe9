"""Background raises: the thread or task that a handler hands its event to fails before it emits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis._identities import came_as_none, is_changed
from harness.diagnosis._parties import first_line, in_brackets
from harness.diagnosis._processes import holders, process_of, title
from harness.diagnosis._renamed import is_such
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Outcome, Record, Sighting, Strength
from harness.model.facts import BackgroundError
from harness.record.evidence import Evidence, incarnation, position
from harness.record.remembered import remembered

SOON_NS = 1_000_000_000
"""What is raised later than this after an event may be of something else."""


class BackgroundRaises(Rule):
    """Lost at routed, never resolved for a client, and a thread or task of the server's raised for each of them.

    Or one raised, which was the worker of all: from then on nothing was routed. Of several processes the one that holds
    the dashboard's connection is looked at by itself: what another has told its own clients it still has to pass on.
    """

    head = Head(
        cause="background-raises",
        title="the thread or task that a handler hands its event to fails before it emits",
        claims=(losses(Hop.ROUTED, exact=True),),
        by=per_run,
        taps=(Hop.RECEIVED, Hop.ROUTED),
        strength=Strength.AROUND,
        against=(
            "the exception came before the event, or long after it; fewer were raised than events were lost, and\n"
            "others were routed after the last; or the event was routed, if under another name, session or number,\n"
            "and not by another process alone than the one that raised and holds the dashboard's connection"
        ),
        remedy=(
            "Mend what raised, and catch errors where a thread or task begins: it is not awaited, so the handler\n"
            "goes on, the client gets its acknowledgement, and only the server's log tells."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if is_changed(evidence, outcome) or came_as_none(evidence, outcome) or is_such(evidence, outcome):
            return True
        return _raised(evidence, outcome) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [o for o in lost_at(outcomes, Hop.ROUTED) if o.hop is Hop.ROUTED and _raised(evidence, o)]
        if mine:
            errors = list({id(fact): fact for o in mine if (fact := _raised(evidence, o))}.values())
            first, is_passed_on = errors[0].body, any(o.key in evidence.once[Hop.ROUTED] for o in mine)
            who = f"process {title(evidence, first.process)}" if is_passed_on and first.process else "the server"
            taken = "told to another process" if is_passed_on else "taken by a handler that did not fail"
            yield self.blame(
                f"a {first.inside} of {who} raised before it emitted: {first_line(first.error)}.",
                [
                    f"{who.removeprefix('the ')}: {amount(len({o.key for o in mine}), 'event')} {taken}, 0 routed",
                    *(
                        f"{each.observer}: a {each.body.inside}: {each.body.error}{in_brackets(each.body.where)}"
                        for each in errors[:3]
                    ),
                ],
                mine,
                places=[each.body.where for each in errors],
            )


def _raised(evidence: Evidence, outcome: Outcome) -> Fact[BackgroundError] | None:
    """The exception that took an event: on its way to all clients, or in the process that holds this dashboard."""
    key = outcome.event_key or ""
    found = raised_behind(evidence).get(key)
    return found or raised_behind(evidence, frozenset(holders(evidence, outcome.label))).get(key)


@remembered
def raised_behind(evidence: Evidence, within: frozenset[str] | None = None) -> Mapping[str, Fact[BackgroundError]]:
    """Event that was received and never routed, to the exception in a thread or task that came after it.

    Each has one of its own, or all have that of the worker after whose end nothing was routed: they came at last.
    `within` some processes only what they raised and routed themselves counts.
    """
    told = evidence.facts(BackgroundError)
    errors = sorted((each for each in told if within is None or each.body.process in within), key=_when)
    if not errors or not (evidence.has_tap(Hop.RECEIVED) and evidence.has_tap(Hop.ROUTED)):
        return {}
    received = evidence.once[Hop.RECEIVED]
    routed = _routed(evidence, within)
    lost = sorted((s[0] for key, s in received.items() if key not in routed), key=position)
    found: dict[str, Fact[BackgroundError]] = {}
    left = list(errors)
    for arrived in lost:
        error = next((each for each in left if _follows(each, arrived)), None)
        if error is None:
            break
        found[arrived.event.key] = error
        left.remove(error)
    if len(found) == len(lost):
        return found
    is_tail = bool(lost) and not any(
        position(received[key][0]) > position(lost[0]) for key in routed if key in received
    )
    last = max((_when(s) for key in routed for s in routed[key]), default=None)
    ends = next((each for each in errors if last is None or _when(each) > last), None)
    if ends is None or not is_tail or not _follows(ends, lost[0]):
        return {}
    return dict.fromkeys((s.event.key for s in lost), ends)


def _routed(evidence: Evidence, within: frozenset[str] | None) -> Mapping[str, Sequence[Sighting]]:
    """What was routed, by the processes that are meant."""
    if within is None:
        return evidence.once[Hop.ROUTED]
    mine = {key: [s for s in by if process_of(s) in within] for key, by in evidence.once[Hop.ROUTED].items()}
    return {key: by for key, by in mine.items() if by}


def _follows(error: Fact[BackgroundError], arrived: Sighting) -> bool:
    """Whether an exception came soon after an event, in the same server."""
    is_after = error.observer == arrived.observer and _when(error) > _when(arrived)
    return is_after and error.at_ns - arrived.at_ns <= SOON_NS


def _when(record: Record) -> tuple[int, int, int]:
    """When a record of a server was made. That of a task that failed in silence is put down later, at its time."""
    return (incarnation(record.observer), record.at_ns, record.n)


RULE = BackgroundRaises()
