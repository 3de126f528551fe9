"""Never routed: the server takes an event, acknowledges it or was not asked to, and never emits it to a client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.diagnosis._identities import came_as_none, is_changed
from harness.diagnosis._instead import emitted_instead
from harness.diagnosis._parties import listed
from harness.diagnosis._renamed import is_such
from harness.diagnosis._unread import may_be
from harness.diagnosis._working import may_stand_in, may_work_on
from harness.diagnosis.background_raises import raised_behind
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import HandlerError, InFlight
from harness.record.evidence import Evidence, position
from harness.record.identity import ANY


class NeverRouted(Rule):
    """Lost at routed, never resolved for a client, acknowledged all the same, and no handler raised.

    Of an event whose sender wants no answer the server's handlers have ended, and none of that name has raised.
    """

    head = Head(
        cause="never-routed",
        title="the server takes an event (and acknowledges it), and has emitted it to no client by the end of the run",
        claims=(losses(Hop.ROUTED, exact=True),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.AROUND,
        against=(
            "it was routed, if under another session or number, or came as a message that is not an event; an answer\n"
            "was asked for and never given, or a handler of its name raised or still runs; or the server, or a thread\n"
            "or task of it, failed afterwards; or it works in the background and routed nothing since; or it routed\n"
            "nothing after an emit that did not come to every page that it was for: it may stand in it"
        ),
        remedy=(
            "Follow the event through the server's handler: a condition, a return or a task that is started and\n"
            "forgotten stands before its emit. Acknowledge after the emit."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        # A server that failed may have been about to emit it: an acknowledgement can come long before.
        if (
            evidence.ended_servers
            or outcome.event_key in raised_behind(evidence)
            or is_changed(evidence, outcome)
            or came_as_none(evidence, outcome)
        ):
            return True
        if outcome.event_key in emitted_instead(evidence):
            return True
        return is_such(evidence, outcome) or _is_unread(evidence, outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [
            o
            for o in lost_at(outcomes, Hop.ROUTED)
            if o.hop is Hop.ROUTED and o.key not in evidence.once[Hop.ROUTED] and _is_done(evidence, o.event_key)
        ]
        if mine and not _is_held(evidence, mine) and not _is_stuck(evidence, mine):
            works_on = may_work_on(evidence)
            keys = dict.fromkeys(o.event_key for o in mine)
            by_name = Counter(evidence.events[key].name for key in keys)
            is_acknowledged = any(map(evidence.acknowledged.get, keys))
            takes = "acknowledges" if is_acknowledged else "takes"
            how = "acknowledged" if is_acknowledged else "handled to the end, and no answer was asked for"
            if said := _words(evidence, keys):
                yield self._answered(mine, by_name, said)
                return
            yield self.blame(
                f"the server's handler {takes} them and never emits them."
                if not works_on
                else f"the server's handler {takes} them, and had not emitted them when the run ended.",
                [
                    *(f"server: {count} {name!r} received and {how}, 0 routed" for name, count in by_name.items()),
                    f"server: {amount(len(evidence.facts(HandlerError)), 'handler')} raised",
                    *(["server: it was done with what can be seen; a timer that waits longer can't be"] * works_on),
                ],
                mine,
                remedy=f"Follow {next(iter(by_name))!r} through the server's handler: a condition, a return\n"
                "or a task that is started and forgotten stands before its emit. Acknowledge after the emit.",
            )

    def _answered(self, mine: Sequence[Outcome], by_name: Counter[str], said: Sequence[str]) -> Blame:
        called = listed([repr(each) for each in said])
        return self.blame(
            f"the server answers them with {called}, as no other, and never emits them.",
            [
                *(f"server: {count} {name!r} received and answered so, 0 routed" for name, count in by_name.items()),
                "no event that was routed was answered with a text alone",
            ],
            mine,
            remedy=f"Find where the server answers with {said[0]!r}. If that is a no, answer\n"
            "`{ok: false, error: …}`, and let the CLI read the answer, say so, and exit with a status of its own.",
        )


def _words(evidence: Evidence, lost: Iterable[str]) -> list[str]:
    """What all of the lost were answered with, a text each, where nothing that was routed was answered with one."""
    said = {fact.body.key: str(fact.body.says) for fact in evidence.answers(lambda told: told.says is not None)}
    routed, keys = evidence.once[Hop.ROUTED], [*lost]
    if not said or not all(key in said for key in keys) or not routed or any(key in routed for key in said):
        return []
    return [*dict.fromkeys(said[key] for key in keys)][:3]


def _is_done(evidence: Evidence, key: str) -> bool:
    """Whether the server is done with an event: it acknowledged it, or was asked for no answer and runs no handler."""
    if evidence.acknowledged.get(key):
        return True
    received, looks = evidence.once[Hop.RECEIVED].get(key, ()), evidence.facts(InFlight)
    if not received or not all(each.detail.get("unasked") for each in received) or not looks or looks[-1].body.count:
        return False
    names = {evidence.events[key].name, *(str(each.detail.get("carrier")) for each in received)}
    return not any(fact.body.name in names for fact in evidence.facts(HandlerError))


def _is_held(evidence: Evidence, lost: Iterable[Outcome]) -> bool:
    """Whether a server that passes on in the background, and still works there, routed nothing from the first on."""
    looks = evidence.facts(InFlight)
    taken = [s.at_ns for o in lost for s in evidence.once[Hop.RECEIVED].get(o.event_key, ())]
    if not looks or not looks[-1].body.background or not taken:
        return False
    routed = evidence.flow[Hop.ROUTED]
    in_background = any("emitted_by" in each.detail for each in routed)
    return in_background and max((each.at_ns for each in routed), default=0) < min(taken)


def _is_stuck(evidence: Evidence, lost: Iterable[Outcome]) -> bool:
    """Whether the server took all of these after an event whose emit it may stand in."""
    received, last = evidence.once[Hop.RECEIVED], may_stand_in(evidence)
    if last is None:
        return False
    after = position(received[last][0])
    return all(position(s) > after for o in lost for s in received.get(o.event_key, ())[:1])


def _is_unread(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether a page was told something under the event's name after all, in which no event is."""
    key, name = outcome.event_key, evidence.events[outcome.event_key].name
    loads = [load for each in evidence.loads.values() for load in each]
    return any(may_be(evidence, load, called, {key}) for load in loads for called in (name, ANY))


RULE = NeverRouted()
