"""Which fields of messages with several arguments outlive the server, where it makes other messages of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.check.vocabulary import FEWEST, Mend, reported, seen_at
from harness.model import Hop
from harness.record.evidence import Evidence
from harness.target.spec import Target


def kept_arguments(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """Paths of what is the same before the server and after it, where one of both has several arguments."""
    said, envelopes = reported(evidence), (target.ingress, target.egress)
    if evidence.first_hop is not Hop.SENT or any(each.parts or each.data or each.by_arguments for each in envelopes):
        return
    keys = {each.event.key: each.event for each in seen_at(evidence, Hop.ROUTED)}
    pairs = [
        (evidence.payload(said[key].digest or ""), evidence.payload(event.digest or ""))
        for key, event in keys.items()
        if key in said and said[key].digest != event.digest
    ]
    if len(pairs) < FEWEST or not any(isinstance(data, list) for pair in pairs for data in pair):
        return
    found: dict[str, tuple[str, str]] = {}
    for before in _paths([data for data, _ in pairs]):
        values = [_at(data, before) for data, _ in pairs]
        same = [at for at in _paths([data for _, data in pairs]) if [_at(data, at) for _, data in pairs] == values]
        if same and (len(same) == 1 or len({*map(repr, values)}) > 1):
            found.setdefault(_name(same[0], before), (before, same[0]))
    if found:
        why = "these are the same before the server and after it"
        yield Mend(("events", "sent", "data"), {name: before for name, (before, _) in found.items()}, why)
        yield Mend(("events", "received", "data"), {name: after for name, (_, after) in found.items()}, why)


def _name(*paths: str) -> str:
    """What a field is called: as the first of its paths that ends in a name; else by the place of the argument."""
    ends = [path.rpartition(".")[2] for path in paths]
    return next((end for end in ends if not end.isdigit()), f"argument-{ends[-1]}")


def _paths(payloads: Sequence[Any]) -> list[str]:
    """The paths of texts and numbers that all of some messages have, into an argument and a field of it."""
    return [path for path in _leaves(payloads[0]) if all(path in _leaves(each) for each in payloads)]


def _at(payload: Any, path: str) -> Any:
    return _leaves(payload)[path]


def _leaves(payload: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    several = enumerate(payload) if isinstance(payload, list) else [("", payload)]
    for place, value in several:
        head = f"args.{place}" if isinstance(payload, list) else ""
        inner = value.items() if isinstance(value, Mapping) else [("", value)]
        for name, leaf in inner:
            path = ".".join(part for part in (head, str(name)) if part)
            if path and isinstance(leaf, str | int | float) and not isinstance(leaf, bool):
                found[path] = leaf
    return found
