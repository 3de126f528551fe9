"""Whether messages that tell a page the id of its connection say its own. Pure.

Which messages do, the target says, or they themselves: where most pages are told their own id there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from harness.judge.messages.notices import hops_of_wrong
from harness.judge.values.paths import at
from harness.lib.secrets import MASKED
from harness.model import Aspect, Fact, Finding, Kind, Outcome
from harness.model.facts import Notice, PageConnected
from harness.record.evidence import Evidence, label_of

MOST_RIGHT = 0.6
"""The share of the messages with the receiver's own id at a place, from which on the others are wrong."""


def troubles(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """How many comparisons were made, and the messages that say another id."""
    checks, found, own = 0, list[Outcome](), _own(evidence)
    for (name, path), told in _by_place(evidence, own).items():
        right = [fact for fact, said in told if said in own[fact.observer]]
        is_told = evidence.contract.ids.get(name) == path or (len(right) > 1 and len(right) >= MOST_RIGHT * len(told))
        checks += len(told) if is_told else 0
        for fact, said in told if is_told else ():
            if said not in own[fact.observer]:
                expected = ", ".join(own[fact.observer]) or None
                party = f"dashboard:{label_of(fact.observer)}"
                why = Finding(Aspect.OWN_ID, party=party, other=name, field=path, expected=expected, found=said[:40])
                hops = hops_of_wrong(evidence, fact)
                first = hops[0] if len(hops) == 1 else None
                found.append(Outcome(Kind.CORRUPTED, "P15", None, label_of(fact.observer), first, hops, why))
    return checks, found


def _own(evidence: Evidence) -> Mapping[str, list[str]]:
    """Page load to the ids under which it was connected."""
    found: dict[str, list[str]] = defaultdict(list)
    for fact in evidence.facts(PageConnected):
        if fact.body.sid:
            found[fact.observer].append(fact.body.sid)
    return found


def _by_place(
    evidence: Evidence, own: Mapping[str, list[str]]
) -> Mapping[tuple[str, str], list[tuple[Fact[Notice], str]]]:
    """Message name and path to what pages were told there: where the target says so, or a client was told an id."""
    facts = [fact for fact in evidence.facts(Notice) if fact.observer in own]
    places = dict.fromkeys(evidence.contract.ids.items())
    known = {sid for sids in own.values() for sid in sids}
    places |= dict.fromkeys(
        (fact.body.name, path) for fact in facts for path, text in _texts(fact.body.payload) if text in known
    )
    found: dict[tuple[str, str], list[tuple[Fact[Notice], str]]] = {place: [] for place in places}
    for name, path in places:
        for fact in (fact for fact in facts if fact.body.name == name):
            said = at(fact.body.payload, path)
            if said is not None and not str(said).startswith(MASKED):
                found[name, path].append((fact, str(said)))
            elif said is None and (name, path) in evidence.contract.ids.items():
                found[name, path].append((fact, ""))
    return found


def _texts(payload: object, path: str = "") -> Iterator[tuple[str, str]]:
    """The texts in objects, each with its path; a list is of others, too."""
    if isinstance(payload, str):
        yield path, payload
    if isinstance(payload, Mapping):
        for name, inner in payload.items():
            yield from _texts(inner, f"{path}.{name}" if path else str(name))
