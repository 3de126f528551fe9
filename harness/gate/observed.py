"""What runs say of themselves: the part of the JSON output that the gate compares, repeats of one run together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class GateError(Exception):
    """Runs or a baseline that can't be used. The message says what is wrong where, and what to do."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One run. `outcomes` counts broken promises by their kind; `hops` is None where a hop has no tap."""

    verdict: str
    hops: Mapping[str, int | None]
    taps: Mapping[str, str]
    properties: Mapping[str, str]
    outcomes: Mapping[str, int]
    causes: tuple[str, ...] = ()


def observe(documents: Iterable[Mapping[str, Any]], where: str) -> dict[str, list[Observed]]:
    """Runs of the JSON output by `<target>/<strategy>`. `where` is the file, for the message of a GateError."""
    found: dict[str, list[Observed]] = defaultdict(list)
    for document in documents:
        try:
            found[f"{document['target']}/{document['strategy']}"].append(_run(document))
        except (KeyError, TypeError, AttributeError) as error:
            why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            told = f"{where} is no JSON output of `harness verify`: {why}."
            raise GateError(f"{told} Write one with `harness verify --json FILE`, or name a run folder.") from error
    return dict(found)


def _run(document: Mapping[str, Any]) -> Observed:
    return Observed(
        verdict=str(document["verdict"]),
        hops={str(hop): None if count is None else int(count) for hop, count in document["hops"].items()},
        taps={str(hop): str(state) for hop, state in document.get("taps", {}).items()},
        properties={str(prop): str(standing) for prop, standing in document["properties"].items()},
        outcomes={str(kind): len(listed) for kind, listed in document["outcomes"].items() if listed},
        causes=tuple(str(blame["cause"]) for blame in document["blame"]),
    )
