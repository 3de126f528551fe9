"""What would mend a file whose server sends the data of its events inside of something else: where they are. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from harness.check.vocabulary import FEWEST, Mend, seen_at
from harness.lib.patterns import literal
from harness.model import Hop
from harness.record.evidence import Evidence
from harness.target.spec import Target

Pairs: TypeAlias = list[tuple[Any, Mapping[str, Any]]]
"""The data of events, as their producer has them, and what pages are told."""


def held(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """The one field of what pages are told that holds the data of the producer, perhaps by other names, or in words.

    Where its lines say no data they are those that it sends.
    """
    said, envelope = _with_data(evidence), target.egress
    if evidence.first_hop > Hop.SENT or envelope.data or envelope.parts or envelope.by_arguments:
        return
    pairs = [
        (evidence.payload(said[each.event.key]), evidence.payload(each.event.digest or ""))
        for each in seen_at(evidence, Hop.DELIVERED)
        if each.event.key in said
    ]
    if len(pairs) >= FEWEST and all(isinstance(told, Mapping) for _, told in pairs) and any(data for data, _ in pairs):
        yield from [*_in_a_field(target, pairs)] or _in_words(pairs)


def _in_a_field(target: Target, pairs: Pairs) -> Iterator[Mend]:
    fields = set.intersection(*({*told} for _, told in pairs))
    holding = [field for field in fields if all(_is_alike(data, told[field]) for data, told in pairs)]
    if len(holding) != 1:
        return
    [field] = holding
    yield Mend(("events", "received", "data"), field, "it holds the data of all events of the producer")
    if renamed := _renamed([(data, told[field]) for data, told in pairs]):
        names = {**target.egress.renamed, **renamed}
        yield Mend(("events", "renamed"), names, "they have the values of these fields in every event")


def _in_words(pairs: Pairs) -> Iterator[Mend]:
    """A text that has the one text of the data in it, with the same words around it each time."""
    fields = {(field, name) for data, told in pairs if isinstance(data, Mapping) for field in told for name in data}
    found = {each: around for each in fields if (around := _around(*each, pairs)) is not None}
    if len(found) == 1:
        [((field, name), (before, after))] = found.items()
        why = "it holds the data of all events of the producer, with the same words around them"
        yield Mend(("events", "received", "data"), field, why)
        yield Mend(("events", "received", "text"), f"^{literal(before)}(?P<{name}>.*){literal(after)}$", why)


def _around(field: str, name: str, pairs: Pairs) -> tuple[str, str] | None:
    """The words around a text, where they are always the same ones and the data are nothing else."""
    found, texts = set[tuple[str, str]](), set[str]()
    for data, told in pairs:
        text = data.get(name) if isinstance(data, Mapping) and len(data) == 1 else None
        said = told.get(field)
        if not isinstance(text, str) or not isinstance(said, str) or said.count(text) != 1 or not text:
            return None
        before, _, after = said.partition(text)
        found.add((before, after))
        texts.add(text)
    around = found.pop() if len(found) == 1 else ("", "")
    return around if any(around) and len(texts) > 1 and name.isidentifier() else None


def _with_data(evidence: Evidence) -> dict[str, str]:
    """The digest of the data of each event, by its key, at the first hop before routed that says any."""
    found: dict[str, str] = {}
    for hop in (Hop.EMITTED, Hop.SENT, Hop.RECEIVED):
        for each in seen_at(evidence, hop):
            if each.event.digest is not None:
                found.setdefault(each.event.key, each.event.digest)
    return found


def _renamed(pairs: Sequence[tuple[Any, Any]]) -> dict[str, str]:
    """Fields of the second of each pair to those of the first with the same values, where only one can be meant."""
    found: dict[str, str] = {}
    both = [(data, held) for data, held in pairs if isinstance(data, Mapping) and isinstance(held, Mapping)]
    for new in {name for data, held in both for name in {*held} - {*data}}:
        olds = {name for data, held in both if new in held for name in {*data} - {*held}}
        alike = [old for old in olds if all(held[new] == data.get(old) for data, held in both if new in held)]
        if len(alike) == 1:
            found[new] = alike[0]
    return found


def _is_alike(data: Any, held: Any) -> bool:
    """Whether data are the same, or the same values under other names."""
    if not (isinstance(data, Mapping) and isinstance(held, Mapping)):
        return bool(data == held)
    return sorted(map(repr, data.values())) == sorted(map(repr, held.values()))
