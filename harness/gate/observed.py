"""What runs say of themselves: the part of the JSON output that the gate compares, repeats of one run together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.lib.documents import Misshapen, Node


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


def observe(runs: Iterable[Node]) -> dict[str, list[Observed]]:
    """Runs of the JSON output by `<target>/<strategy>`. Raises GateError."""
    found: dict[str, list[Observed]] = defaultdict(list)
    for run in runs:
        try:
            found[f"{run.at('target').text()}/{run.at('strategy').text()}"].append(_run(run))
        except Misshapen as error:
            told = f"{error}: this is not the JSON output of `harness verify`."
            raise GateError(f"{told} Write one with `harness verify --json FILE`, or name a run folder.") from None
    return dict(found)


def _run(run: Node) -> Observed:
    return Observed(
        verdict=run.at("verdict").text(),
        hops=dict(hops(run.at("hops"))),
        taps={hop: state.text() for hop, state in run.at("taps", {}).items()},
        properties={prop: standing.text() for prop, standing in run.at("properties").items()},
        outcomes={kind: len(found.listed()) for kind, found in run.at("outcomes").items() if found.listed()},
        causes=tuple(blame.at("cause").text() for blame in run.at("blame").listed()),
    )


def hops(said: Node) -> Iterator[tuple[str, int | None]]:
    """How many events each hop saw; None where it has no tap."""
    for hop, count in said.items():
        yield hop, None if count.value is None else count.whole()
