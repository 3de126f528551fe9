"""One argument: the server hands on a list where it was given several arguments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis.rule import Head, Rule, losses, of, per_run
from harness.judge.messages.arguments import arguments_of
from harness.model import SERVER_SIDE, Aspect, Blame, Hop, Kind, Outcome, Sighting, Strength
from harness.record.evidence import Evidence

_IN_PAGE = (Hop.APPLIED, Hop.RENDERED)


class OneArgument(Rule):
    """Lost in the page, or another payload: the message's several arguments came as one list that holds them."""

    head = Head(
        cause="one-argument",
        title="the server hands on one list where it was given several arguments",
        claims=(
            losses(Hop.APPLIED, Hop.RENDERED),
            of(Kind.UNHANDLED, Hop.APPLIED),
            of(Kind.CORRUPTED, Hop.ROUTED, Hop.DELIVERED),
        ),
        by=per_run,
        strength=Strength.NAMED,
        against="the page shows another event of the name that came as a list too, or the list holds something else",
        remedy=(
            "Hand on the arguments one by one: `emit(name, (a, b))` in Python, `emit(name, ...list)` in JavaScript.\n"
            "A list is one argument: the page's listener gets it as its first, and nothing for the others."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return _given(evidence, outcome) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        delivered = {label: _delivered(evidence, label) for label in {o.dashboard for o in outcomes}}
        shown = {label: _names_shown(evidence, label, messages) for label, messages in delivered.items()}
        mine = []
        for outcome in outcomes:
            given, messages = _given(evidence, outcome), delivered[outcome.dashboard].get(outcome.event_key, ())
            handed = given and _handed(evidence, given, [*evidence.at(Hop.ROUTED, outcome.key), *messages])
            is_shown = (
                outcome.kind is not Kind.CORRUPTED
                and evidence.events[outcome.event_key].name in shown[outcome.dashboard]
            )
            is_told = outcome.finding.aspect is Aspect.NOT_AS_DESCRIBED
            if given is not None and handed is not None and not is_shown and not is_told:
                mine.append((outcome, (given, handed)))
        if not mine:
            return
        lines = []
        for outcome, (given, handed) in mine[:3]:
            lines.append(
                f"{outcome.key}: {arguments_of(evidence, given)} arguments at {given.hop.label}, "
                f"1 at {handed.hop.label}: a list of them"
            )
        places = dict.fromkeys(str(p) for _, (_, handed) in mine if (p := handed.detail.get("where")))
        names = sorted({evidence.events[o.event_key].name for o, _ in mine})
        yield self.blame(
            f"the page gets one argument, a list, for the several that {', '.join(map(repr, names[:3]))} had.",
            [*lines, *(f"handed on at {place}" for place in list(places)[:3])],
            [o for o, _ in mine],
            places=places,
        )


def _given(evidence: Evidence, outcome: Outcome) -> Sighting | None:
    """Where on the server's side an event first had several arguments."""
    messages = (s for hop in SERVER_SIDE for s in evidence.at(hop, outcome.key))
    return next((s for s in messages if arguments_of(evidence, s) > 1), None)


def _handed(evidence: Evidence, given: Sighting, messages: Iterable[Sighting]) -> Sighting | None:
    """Where after it all of them are in one argument."""
    after = (s for s in messages if s.hop > given.hop and arguments_of(evidence, s) == 1)
    return next((s for s in after if _said(evidence, s) == _said(evidence, given)), None)


def _said(evidence: Evidence, sighting: Sighting) -> object:
    """All arguments of a message as one list, or the data that are one."""
    data = evidence.payload(sighting.event.digest or "")
    rest = evidence.payload(str(sighting.detail.get("rest") or ""))
    further = rest.get("args") if isinstance(rest, Mapping) else None
    return [data, *further] if isinstance(further, list) else data


def _delivered(evidence: Evidence, label: str | None) -> dict[str, list[Sighting]]:
    """Event key to its messages at a page; at every page where no label is given."""
    found: dict[str, list[Sighting]] = defaultdict(list)
    for load in evidence.loads_of(label) if label else evidence.page[Hop.DELIVERED]:
        for each in evidence.on_page(Hop.DELIVERED, load):
            found[each.event.key].append(each)
    return found


def _names_shown(evidence: Evidence, label: str | None, messages: Mapping[str, Sequence[Sighting]]) -> set[str]:
    """Names of which the page took in an event that came as one argument."""
    taken = [evidence.keys_on_page(hop, load) for hop in _IN_PAGE for load in evidence.loads_of(label)]
    single = {key: group[0].event.name for key, group in messages.items() if arguments_of(evidence, group[0]) == 1}
    return {name for key, name in single.items() if any(key in keys for keys in taken)}


RULE = OneArgument()
