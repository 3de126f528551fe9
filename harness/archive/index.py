"""An index of stored runs. It is made of their folders and can be thrown away: what was read once is kept in SQLite.

A folder is a run when it has a ledger or a `verdict.json`; it is read again when that file has changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.lib import documents
from harness.record.ledger import find

FILE = ".index.sqlite"
"""The database, in the folder of runs."""

VERSION = 2
"""Of its table; an index of another version is made anew."""

_TABLE = """
create table if not exists runs (
  name text primary key, read_ns integer not null, made_s real not null, target text not null, strategy text not null,
  verdict text not null, cause text not null, hops text not null, bad text not null, seconds real not null,
  commit_id text not null
) without rowid
"""

UNJUDGED = "not judged"
"""In place of a verdict: it was broken off, or still goes on."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A stored run. `hops` are the counts from emitted to rendered, None where a hop is blind; `bad` the first bad hop.

    `made_s` is when its record was written last, in seconds since 1970; `seconds` how long the run took, all told.
    """

    name: str
    made_s: float
    target: str
    strategy: str
    verdict: str
    cause: str
    hops: tuple[int | None, ...]
    bad: str
    seconds: float
    commit: str = ""
    """That of the system, with `+` where its files were changed since."""


def indexed(runs: Path) -> list[Indexed]:
    """Every stored run, the newest first; the index is brought up to date, or made in memory if it can't be written."""
    try:
        with contextlib.closing(sqlite3.connect(runs / FILE, timeout=10)) as database, database:
            return _refreshed(database, runs)
    except sqlite3.Error:
        with contextlib.suppress(OSError):
            (runs / FILE).unlink()  # it is made of the folders: nothing is lost with it
        with contextlib.closing(sqlite3.connect(":memory:")) as database, database:
            return _refreshed(database, runs)


def _refreshed(database: sqlite3.Connection, runs: Path) -> list[Indexed]:
    if database.execute("pragma user_version").fetchone() != (VERSION,):
        database.execute("drop table if exists runs")
        database.execute(f"pragma user_version = {VERSION}")
    database.execute(_TABLE)
    known = dict(database.execute("select name, read_ns from runs"))
    there = dict(_folders(runs))
    database.executemany("delete from runs where name = ?", [(name,) for name in known.keys() - there.keys()])
    changed = ((name, read_ns) for name, read_ns in there.items() if known.get(name) != read_ns)
    rows = [row for name, read_ns in changed if (row := _row(runs / name, read_ns)) is not None]
    database.executemany("insert or replace into runs values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    columns = "name, made_s, target, strategy, verdict, cause, hops, bad, seconds, commit_id"
    found = database.execute(f"select {columns} from runs order by made_s desc, name desc")  # noqa: S608  # all are ours
    return [
        Indexed(name, made_s, target, strategy, verdict, cause, tuple(json.loads(hops)), *rest)
        for name, made_s, target, strategy, verdict, cause, hops, *rest in found
    ]


def _folders(runs: Path) -> Iterator[tuple[str, int]]:
    """The name of each folder that may be a run, and when what it is known by was changed, in nanoseconds."""
    try:
        entries = os.scandir(runs)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            for file in ("verdict.json", "run.ledger", "ledger.jsonl"):
                with contextlib.suppress(OSError):
                    yield entry.name, os.stat(f"{entry.path}/{file}").st_mtime_ns
                    break


def _row(folder: Path, read_ns: int) -> Sequence[Any] | None:
    """A row of the table; None for a folder that is not a run after all."""
    try:
        made_s = find(folder).stat().st_mtime
    except OSError:
        made_s = read_ns / 1e9
    try:
        told = documents.read(folder / "verdict.json").value
    except OSError:
        return (folder.name, read_ns, made_s, "", "", UNJUDGED, "", "[]", "", 0.0, "")
    except ValueError:
        return None
    return (folder.name, read_ns, made_s, *_told(told)) if isinstance(told, Mapping) else None


def _told(told: Mapping[str, Any]) -> tuple[str, str, str, str, str, str, float, str]:
    """What a verdict's JSON says, as far as it is what such a file says (docs/json.md)."""
    hops, blame = told.get("hops"), told.get("blame")
    counts = [each if isinstance(each, int) else None for each in hops.values()] if isinstance(hops, Mapping) else []
    causes = [each for each in blame if isinstance(each, Mapping)] if isinstance(blame, list) else []
    names = dict.fromkeys(str(each.get("cause")) for each in causes)
    bad = str(causes[0].get("hop") or "") if causes else ""
    seconds = told.get("seconds")
    texts = (str(told.get(name, "")) for name in ("target", "strategy", "verdict"))
    target, strategy, verdict = texts
    took_s = float(seconds) if isinstance(seconds, int | float) else 0.0
    commit = f"{told['commit']}{'+' if told.get('changed') is True else ''}" if told.get("commit") else ""
    return target, strategy, verdict, ", ".join(names), json.dumps(counts), bad, took_s, commit
