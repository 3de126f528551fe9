"""Allure's results, read back: what a pytest run with `--alluredir` left, counted, summed up and built into a report.

Results are Allure's own files (`*-result.json`); beside them the harness's pytest plugin puts a tally of the tests that
pytest saw (`*-tally.json`), so that a result that is missing is noticed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.lib import documents
from harness.lib.documents import Node

RANK = ("failed", "broken", "unknown", "skipped", "passed")
"""Allure's statuses, the worst first. `failed` is the product, `broken` the harness or the machine."""


class ResultsError(Exception):
    """Results that can't be used. The message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Result:
    """One attempt at one test. `test` is its history id; `labels` are all values of each label; times in seconds."""

    test: str
    name: str
    full_name: str
    status: str
    message: str
    labels: Mapping[str, tuple[str, ...]]
    started: float
    seconds: float

    def label(self, name: str) -> str:
        """The first value of a label, or an empty text."""
        return next(iter(self.labels.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a test stands in its repository; `line` counts from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Results:
    """A folder of results: the last attempt of each test, the tests that pytest saw, and where they stand."""

    last: tuple[Result, ...]
    attempts: Mapping[str, int]
    flaky: frozenset[str]
    """Tests whose attempts ended differently."""
    places: Mapping[str, Place]
    seen: Mapping[str, str]
    """History id to node id and system, of every test that pytest saw."""

    def name(self, result: Result) -> str:
        """What tells a result from all others, as pytest would say it; Allure's own name where pytest saw none."""
        return self.seen.get(result.test, result.full_name)

    def count(self) -> Counter[str]:
        """Status to number of tests."""
        return Counter(each.status for each in self.last)


def history_id(node_id: str, system: str = "") -> str:
    """The id under which Allure keeps a test's history: of its node id, for parametrised tests can share all else.

    `system` is what it was run against, where a target file says so: the same scenario is another test there.
    """
    named = f"{plain(node_id)} on {system}" if system else plain(node_id)
    return hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()


def plain(node_id: str) -> str:
    """A node id without the group that xdist's `--dist loadgroup` puts after it."""
    at = node_id.rfind("@")
    return node_id[:at] if at > max(node_id.rfind("]"), node_id.rfind("::")) else node_id


def title(node_id: str) -> str:
    """A test's name in words: `test_a_reload_loses_nothing[broadcast]` is "A reload loses nothing (broadcast)"."""
    name, _, parameters = plain(node_id).rpartition("::")[2].partition("[")
    words = name.removeprefix("test").replace("_", " ").strip() or name
    said = f"{words[0].upper()}{words[1:]}" if words else node_id
    return f"{said} ({parameters.removesuffix(']')})" if parameters else said


def read(folders: Sequence[Path]) -> Results:
    """Everything that was written into these folders. Raises ResultsError where there is nothing, or no JSON."""
    files = [path for folder in folders for path in sorted(folder.glob("*-result.json"))]
    if not files:
        names = ", ".join(map(str, folders))
        get = f"Run pytest with --alluredir={folders[0]}, or name the folder that has them."
        raise ResultsError(f"no Allure results in {names}.\n{get}")
    try:
        seen, places = _tallies(
            [documents.read(path) for folder in folders for path in sorted(folder.glob("*-tally.json"))]
        )
        return collect([_result(documents.read(path)) for path in files], seen, places)
    except documents.Misshapen as error:
        raise _unusable(error) from None
    except OSError as error:
        raise ResultsError(f"{error.filename} can't be read: {error.strerror}.") from None


def _unusable(error: documents.Misshapen) -> ResultsError:
    return ResultsError(f"{error}. Remove that file, and run the tests again.")


def _tallies(tallies: Iterable[Node]) -> tuple[dict[str, str], dict[str, Place]]:
    """The tests that pytest saw, and where they stand."""
    seen: dict[str, str] = {}
    places: dict[str, Place] = {}
    for tally in tallies:
        system = tally.at("system", "").text()
        for node, at in tally.at("tests").items():
            if len(at.listed()) != 2:
                raise at.wrong("file and line")
            test = history_id(node, system)
            seen[test] = f"{node} on {system}" if system else node
            places[test] = Place(at.at(0).text(), at.at(1).whole())
    return seen, places


def collect(results: Iterable[Result], seen: Mapping[str, str], places: Mapping[str, Place]) -> Results:
    """The last attempt of each test, in the order of the tests' names."""
    attempts: dict[str, list[Result]] = {}
    for each in sorted(results, key=lambda result: result.started):
        attempts.setdefault(each.test, []).append(each)
    last = tuple(sorted((tries[-1] for tries in attempts.values()), key=lambda each: (each.full_name, each.name)))
    flaky = frozenset(test for test, tries in attempts.items() if len({each.status for each in tries}) > 1)
    return Results(last, {test: len(tries) for test, tries in attempts.items()}, flaky, places, seen)


def missing(results: Results) -> list[str]:
    """One sentence for each difference between pytest's tests and Allure's; none where there is no tally."""
    if not results.seen:
        return []
    reported = {each.test: each for each in results.last}
    lost = [
        f"pytest ran {node}, and Allure has no result of it"
        for id_, node in results.seen.items()
        if id_ not in reported
    ]
    extra = [
        f"Allure has a result of {each.full_name}, which pytest did not count"
        for each in results.last
        if each.test not in results.seen
    ]
    return sorted(lost) + extra


def _result(data: Node) -> Result:
    labels: dict[str, tuple[str, ...]] = {}
    for each in data.at("labels", []).listed():
        name, value = each.at("name").text(), each.at("value", "").value
        labels[name] = (*labels.get(name, ()), str(value))
    started, stopped = data.at("start", 0).number(), data.at("stop", 0).number()
    return Result(
        test=data.at("historyId", "").text() or data.at("uuid").text(),
        name=data.at("name", "").text(),
        full_name=data.at("fullName", "").text(),
        status=data.at("status", "unknown").text(),
        message=data.at("statusDetails", {}).at("message", "").text(),
        labels=labels,
        started=started / 1000,
        seconds=max(0.0, stopped - started) / 1000,
    )
