"""Middleware stops: a message or a client comes to the server, and a middleware in front never passes it on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis._in_data import of_values
from harness.diagnosis._parties import dashboards, in_brackets, listed
from harness.diagnosis._unhandled import BY_GATE, BY_MIDDLEWARE, unhandled
from harness.diagnosis.rule import Head, Rule, about, losses, of, per_run
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Sighting, Strength
from harness.model.facts import HandlerError, NoHandler
from harness.record.evidence import Evidence

OUTSIDE = Aspect.DASHBOARD_OUTSIDE


class MiddlewareStops(Rule):
    """Lost at received, and the server's middlewares had the message: they refused it, or kept it to the end.

    Or a dashboard that was neither let in nor refused, and is still with a middleware of its namespace.
    """

    head = Head(
        cause="middleware-stops",
        title="a message or a client comes to the server, and a middleware in front never passes it on",
        claims=(losses(Hop.RECEIVED), about(Kind.REFUSED, OUTSIDE)),
        carries=(of(Kind.LOST), of(Kind.MISRENDERED)),
        by=per_run,
        taps=(Hop.RECEIVED,),
        strength=Strength.NAMED,
        against="it was passed on before its connection ended; or another client is kept, or was refused with words",
        remedy=(
            "Have the server's middleware (`socket.use`, `namespace.use`) call `next()` on each of its ways, with an\n"
            "error where it refuses or fails: no handler has such a message, and its sender is told nothing."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.finding.aspect is OUTSIDE:
            return not _kept_out(evidence, [outcome])
        return outcome.key not in unhandled(evidence, BY_MIDDLEWARE)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        kept = unhandled(evidence, BY_MIDDLEWARE)
        mine = [o for o in outcomes if o.key is not None and o.event_key in kept]
        facts = {key: kept[key] for key in dict.fromkeys(o.event_key for o in mine)}
        names = Counter((fact.observer, fact.body.name, fact.body.where) for fact in facts.values())
        raised = _raised(evidence, facts.values())
        if mine:
            yield self.blame(
                _sentence(evidence, facts),
                [
                    *(
                        f"{who}: {count} {name!r} came and reached no handler{_at(at)}"
                        for (who, name, at), count in names.items()
                    ),
                    *(f"{each.observer}: it raised {each.body.error}{_at(each.body.where)}" for each in raised),
                    *of_values(evidence, [evidence.events[key] for key in facts], _passed(evidence, facts)),
                ],
                mine,
                places=[*(each.body.where for each in raised), *(at for _, _, at in names)],
            )
        out = _kept_out(evidence, outcomes)
        labels = sorted({o.label for o in out})
        if out:
            follow = [o for o in outcomes if o.dashboard in labels and o.kind in (Kind.LOST, Kind.MISRENDERED)]
            places = [fact.body.where for fact in out.values()]
            yield self.blame(
                f"a middleware of namespace {next(iter(out.values())).body.namespace!r} neither lets "
                f"{dashboards(labels)} in nor refuses it.",
                [
                    f"{f.observer}: {f.body.sid} is still with a middleware{in_brackets(f.body.where)}"
                    for f in out.values()
                ],
                [*out, *(o for o in follow if o not in mine)],
                at=[*out],
                places=places,
            )


def _sentence(evidence: Evidence, kept: Mapping[str, Fact[NoHandler]]) -> str:
    """What a middleware does with messages of the names of those that it kept: all of them, or some."""
    names = dict.fromkeys(fact.body.name for fact in kept.values())
    called = listed([repr(name) for name in names])
    came = {_name(each) for key in _passed(evidence, kept) for each in evidence.at(Hop.RECEIVED, key)}
    if not (others := [repr(name) for name in names if name in came]):
        return f"a middleware of the server never passes on {called}."
    return (
        f"a middleware of the server keeps {amount(len(kept), 'message')} ({called}), and passes on others that are "
        f"called {listed(others)}."
    )


def _passed(evidence: Evidence, kept: Mapping[str, Fact[NoHandler]]) -> list[str]:
    return [key for key in evidence.once[Hop.RECEIVED] if key not in kept and key in evidence.events]


def _name(sighting: Sighting) -> str:
    return str(sighting.detail.get("carrier", sighting.event.name))


def _at(place: str | None) -> str:
    return "" if place is None else f" ({place})"


def _raised(evidence: Evidence, kept: Iterable[Fact[NoHandler]]) -> list[Fact[HandlerError]]:
    """What was raised over messages that no handler got: by what stood in front of one."""
    about = {(fact.body.sid, fact.body.name) for fact in kept}
    return [fact for fact in evidence.facts(HandlerError) if (fact.body.sid, fact.body.name) in about]


def _kept_out(evidence: Evidence, outcomes: Sequence[Outcome]) -> dict[Outcome, Fact[NoHandler]]:
    """Dashboards refused without a word, where as many clients of unknown parties are kept."""
    out = [o for o in outcomes if o.finding.aspect is OUTSIDE and o.finding.text is None]
    kept = [f for f in evidence.facts(NoHandler) if f.body.why == BY_GATE and f.body.sid not in evidence.sids]
    return dict(zip(out, kept, strict=False)) if len(kept) >= len(out) else {}


RULE = MiddlewareStops()
