"""Shape changed: the server emits an event, or the CLI sends it, in a shape in which messages hold no event."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis._processes import holders, process_of
from harness.diagnosis._unread import may_be
from harness.diagnosis._unread_sent import unread_sent
from harness.diagnosis.rule import Head, Rule, losses, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Outcome, Sighting, Strength
from harness.model.facts import HandlerError, Notice
from harness.record.evidence import Evidence, first_object, names
from harness.record.identity import ANY

LONGEST = 120
"""So many characters of a payload are shown."""

OTHER_RELEASE = (
    "Only pages of some processes get it so: compare the releases. python-socketio before 5.15.1 and from it on read\n"
    "each other's messages of a queue in another shape, and raise nothing."
)


class ShapeChanged(Rule):
    """Lost at routed, never resolved as an event, and each page got as many messages of its name that hold none.

    Or lost at sent, and the CLI sent a message about it that holds none.
    """

    head = Head(
        cause="shape-changed",
        title="the server emits events, or the CLI sends them, in another shape than the target describes",
        claims=(losses(Hop.SENT, Hop.RECEIVED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="pages got no message of the name, or not as many as events are lost",
        remedy=(
            "Emit what the page and the target file expect: the same arguments in the same places, objects and not\n"
            "their text, with the ids of each event. Where the new shape is meant, say so in `events.received`."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.hops == (Hop.SENT,):
            return outcome.event_key not in unread_sent(evidence)
        if outcome.hops[-1:] != (Hop.ROUTED,):
            return True
        routed = evidence.once[Hop.ROUTED].get(outcome.key or "", ())
        return any(not _is_elsewhere(evidence, outcome, each) for each in routed)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        unsent = [outcome for outcome in outcomes if outcome.hops == (Hop.SENT,)]
        if unsent:
            yield self._by_cli(evidence, unsent)
            outcomes = [outcome for outcome in outcomes if outcome not in unsent]
        by_name: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            by_name[evidence.events[outcome.event_key].name].append(outcome)
        found = {name: told for name, mine in by_name.items() if (told := _told(evidence, name, mine)) is not None}
        if outcomes and not found and (told := _told(evidence, ANY, outcomes)) is not None:
            found, by_name = {ANY: told}, defaultdict(list, {ANY: [*outcomes]})
        if found:
            mine = [outcome for name in found for outcome in by_name[name]]
            messages = list(dict.fromkeys(fact.body.name for fact in found.values()))
            yield self.blame(
                f"the server emits {names([*map(repr, messages)])} in another shape than the target file describes.",
                [line for name, fact in found.items() for line in _lines(evidence, by_name[name], fact)],
                mine,
                remedy=OTHER_RELEASE if any(outcome.key in evidence.once[Hop.ROUTED] for outcome in mine) else None,
            )

    def _by_cli(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Blame:
        sent = unread_sent(evidence)
        facts = {key: sent[key] for key in dict.fromkeys(outcome.event_key for outcome in outcomes)}
        messages = [*dict.fromkeys(fact.body.name for fact in facts.values())]
        called = names([*map(repr, messages)])
        (key, first), *_ = facts.items()
        said = first_object(first.body.args) or [*first.body.args]
        raised = [fact for fact in evidence.facts(HandlerError) if fact.body.name in messages]
        return self.blame(
            f"the CLI sends {called} in another shape than the target file describes.",
            [
                f"{first.observer}: {amount(len(facts), 'message')} {called} sent, and no event in any of them",
                *_reported(evidence, key),
                f"{first.observer}: {first.body.name!r} was sent with {_fields(said)}",
                *(f"{each.observer}: {each.body.name!r}: {each.body.error} ({each.body.where})" for each in raised[:1]),
            ],
            outcomes,
            remedy="Send what the server and the target file expect: the fields where they are looked for, under the\n"
            "same names. Where the new shape is meant, say so in `events.sent`.",
            places=[each.body.where for each in raised],
        )


def _is_elsewhere(evidence: Evidence, outcome: Outcome, routed: Sighting) -> bool:
    """Whether another process than the dashboard's resolved it: that one may hand it on in another shape."""
    mine, who = holders(evidence, outcome.dashboard or ""), process_of(routed)
    return bool(mine) and who is not None and who not in mine


def _told(evidence: Evidence, name: str, lost: Sequence[Outcome]) -> Fact[Notice] | None:
    """The first message of a name without an event, where each page that lacks events got one for each of them."""
    lacking: dict[str, set[str]] = defaultdict(set)
    for outcome in lost:
        if outcome.dashboard is not None:
            lacking[outcome.dashboard].add(outcome.event_key)
    told = {
        label: [fact for load in evidence.loads_of(label) for fact in may_be(evidence, load, name, keys)]
        for label, keys in lacking.items()
    }
    is_each = bool(lacking) and all(len(told[label]) == len(keys) for label, keys in lacking.items())
    return next(iter(told.values()))[0] if is_each else None


def _lines(evidence: Evidence, lost: Sequence[Outcome], fact: Fact[Notice]) -> Iterable[str]:
    keys = sorted({outcome.event_key for outcome in lost})
    yield f"pages: {amount(len(keys), 'message')} {fact.body.name!r} delivered, and no event in any of them"
    yield from _reported(evidence, keys[0])
    yield f"{fact.observer}: {fact.body.name!r} came with {_kind(fact.body.payload)} {_shown(fact.body.payload)}"


def _reported(evidence: Evidence, key: str) -> Iterable[str]:
    event = evidence.events[key]
    data = evidence.payload(event.digest) if event.digest is not None else None
    if isinstance(data, Mapping):
        yield f"{key}: the CLI reported {_shown(data)}"


def _fields(payload: object) -> str:
    """What a message holds, in short: the fields of an object, where the right ones are looked for."""
    if isinstance(payload, Mapping):
        return f"the fields {', '.join(map(repr, payload))}"
    return f"{_kind(payload)} {_shown(payload)}"


def _kind(payload: object) -> str:
    """What a first argument is, in JSON's words."""
    if payload is None:
        return "nothing:"
    named = {bool: "true or false:", str: "the text", list: "the list", dict: "the object"}
    return named.get(type(payload), "the number")


def _shown(payload: object) -> str:
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


RULE = ShapeChanged()
