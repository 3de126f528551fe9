"""The accepted state: a small JSON file in the user's repository, read and written as text here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from harness.gate.observed import GateError, Observed

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


def parsed(text: str, where: str) -> Baseline:
    """The baseline in a file's text. Raises GateError with the place of what is wrong."""
    try:
        found = json.loads(text)
        if isinstance(found.get("runs"), list):
            raise GateError(f"{where} is an output of `harness verify`, and no baseline. Accept it as one: --accept.")
        if found["schema"] != SCHEMA:
            raise GateError(
                f"{where} has schema {found['schema']!r}; this harness reads {SCHEMA}. Accept the runs anew."
            )
        runs = {str(name): Observed(**{**run, "causes": tuple(run["causes"])}) for name, run in found["runs"].items()}
        return Baseline(runs, tuple(_known(each, where) for each in found["known"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        told = f"{where} is no baseline: {why}."
        raise GateError(f"{told} Write one with `harness gate RUN --accept`.") from error


def _known(entry: Mapping[str, Any], where: str) -> Known:
    lacking = [name for name in ("run", "until", "why") if not isinstance(entry.get(name), str)]
    if lacking or not (entry.get("rule") or entry.get("cause")):
        told = ", ".join(lacking) or "rule or cause"
        raise GateError(f"{where}: a known failure lacks {told}; each says run, rule or cause, until (a date) and why.")
    unknown = sorted(set(entry) - {each.name for each in fields(Known)})
    if unknown:
        raise GateError(f"{where}: a known failure has {', '.join(unknown)}, which means nothing here.")
    try:
        return Known(**{**entry, "until": date.fromisoformat(entry["until"])})
    except ValueError as error:
        raise GateError(f"{where}: until is {entry['until']!r}, and a date is wanted: 2031-12-24.") from error
