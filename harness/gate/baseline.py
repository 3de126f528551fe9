"""The accepted state: a small JSON file in the user's repository, read and written as text here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from harness.gate.observed import GateError, Observed, hops
from harness.lib import documents
from harness.lib.ansi import printable

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Known:
    """A failure that is known: what is found in these runs is excused until a day, that day included.

    `run` is a name or a pattern (`reference/*`). It is narrowed to one `rule`, to one thing (`what`) that it finds, or
    to runs that have no other cause than `cause`.
    """

    run: str
    until: date
    why: str
    rule: str | None = None
    what: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """Each run's accepted state by its name, and the known failures."""

    runs: Mapping[str, Observed]
    known: tuple[Known, ...] = field(default=())


def accept(observed: Mapping[str, list[Observed]], former: Baseline | None = None) -> Baseline:
    """These runs as the accepted state, of repeats the last; runs that are not among them and known failures stay."""
    runs = {**(former.runs if former else {}), **{name: each[-1] for name, each in observed.items()}}
    return Baseline(dict(sorted(runs.items())), former.known if former else ())


def written(baseline: Baseline) -> str:
    """The baseline as the text of its file: one order, so that a change shows in review as what it is."""
    known = [{name: value for name, value in asdict(each).items() if value is not None} for each in baseline.known]
    runs = {name: asdict(each) for name, each in baseline.runs.items()}
    return json.dumps({"schema": SCHEMA, "runs": runs, "known": known}, indent=2, default=str) + "\n"


def parsed(text: str | bytes, where: str) -> Baseline:
    """The baseline in a file's text. Raises GateError with the place of what is wrong."""
    try:
        found = documents.parsed(text, where)
        if isinstance(found.at("runs").value, list):
            raise GateError(f"{where} is an output of `harness verify`, and no baseline. Accept it as one: --accept.")
        schema = found.at("schema").value
        if schema != SCHEMA or type(schema) is not int:
            raise GateError(f"{where} has schema {schema!r:.40}; this harness reads {SCHEMA}. Accept the runs anew.")
        runs = {name: _observed(run) for name, run in found.at("runs").items()}
        return Baseline(runs, tuple(_known(each.table(), where) for each in found.at("known").listed()))
    except documents.Misshapen as error:
        raise GateError(f"{error}: this is not a baseline. Write one with `harness gate RUN --accept`.") from None


def _observed(run: documents.Node) -> Observed:
    return Observed(
        verdict=run.at("verdict").text(),
        hops=dict(hops(run.at("hops"))),
        taps={hop: state.text() for hop, state in run.at("taps").items()},
        properties={prop: standing.text() for prop, standing in run.at("properties").items()},
        outcomes={kind: count.whole() for kind, count in run.at("outcomes").items()},
        causes=tuple(cause.text() for cause in run.at("causes").listed()),
    )


def _known(entry: Mapping[str, Any], where: str) -> Known:
    lacking = [name for name in ("run", "until", "why") if not isinstance(entry.get(name), str)]
    if lacking or not (entry.get("rule") or entry.get("cause")):
        told = ", ".join(lacking) or "rule or cause"
        raise GateError(f"{where}: a known failure lacks {told}; each says run, rule or cause, until (a date) and why.")
    unknown = sorted(set(entry) - {each.name for each in fields(Known)})
    if unknown:
        told = printable(", ".join(unknown)[:80])
        raise GateError(f"{where}: a known failure has {told}, which means nothing here.")
    for name, value in entry.items():
        if not isinstance(value, str):
            raise GateError(f"{where}: a known failure has {name} {value!r:.80}, and a text is wanted.")
    try:
        return Known(**{**entry, "until": date.fromisoformat(entry["until"])})
    except ValueError as error:
        raise GateError(f"{where}: until is {entry['until']!r:.80}, and a date is wanted: 2031-12-24.") from error
