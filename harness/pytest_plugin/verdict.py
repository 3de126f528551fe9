"""What pytest says of a scenario: its hops after `-v`, its properties in JUnit XML."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.judging import Judged

HOPS = "harness.hops"
"""The property that holds the hop line; JUnit XML has it as well, and xdist brings it to the controller."""


def properties_of(judged: Judged) -> list[tuple[str, object]]:
    """What a run is in JUnit XML: strategy, verdict, hops, causes and where each property stands."""
    from harness.reporting.escape import visible
    from harness.reporting.terminal import hop_line

    verdict = judged.verdict
    named = [
        ("harness.strategy", judged.evidence.contract.strategy),
        ("harness.verdict", verdict.answer.value),
        (HOPS, hop_line(verdict)),
        ("harness.cause", ", ".join(dict.fromkeys(blame.cause for blame in verdict.blame))),
        ("harness.properties", ", ".join(f"{name} {how}" for name, how in judged.document["properties"].items())),
        ("harness.run", str(judged.folder)),
    ]
    return [(name, visible(value)) for name, value in named if value]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put a scenario's verdict among the properties of its test before the report takes them over.

    What stands for the failure elsewhere, in the summary and in JUnit XML, is its first two lines: hops and verdict;
    and its place is the test's, where an editor or a code host marks it, and not the line here that raised it.
    """
    from harness.pytest_plugin.scenario import Scenario

    found = getattr(item, "funcargs", {}).get("scenario")
    is_judged = isinstance(found, Scenario) and found.is_judged
    if call.when == "call" and isinstance(found, Scenario) and is_judged:
        item.user_properties += properties_of(found.judge())
    report = yield
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None and is_judged and " → " in crash.message.partition("\n")[0]:
        crash.message = "\n".join(crash.message.splitlines()[:2])
        crash.path, crash.lineno = str(item.path), _line(item, call)
    return report


def _line(item: pytest.Item, call: pytest.CallInfo[None]) -> int:
    """The line of a test that failed: the last one of its file on the way to the failure, else where it begins."""
    way = call.excinfo.traceback if call.excinfo is not None else ()
    within = [entry.lineno + 1 for entry in way if str(entry.path) == str(item.path)]
    return within[-1] if within else (item.location[1] or 0) + 1


_IS_SUMMING_UP = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary(config: pytest.Config) -> None:
    """From here on pytest lists tests by their names, and the message after each name begins with its hops."""
    config.stash[_IS_SUMMING_UP] = True


@pytest.hookimpl(wrapper=True)
def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport, config: pytest.Config
) -> Generator[None, tuple[str, str, str | tuple[str, dict[str, bool]]], tuple[str, str, object]]:
    """After `-v` the word for a scenario's outcome has its hops with it."""
    category, letter, word = yield
    hops = dict(getattr(report, "user_properties", ())).get(HOPS)
    if hops is None or report.when != "call" or not word or config.stash.get(_IS_SUMMING_UP, False):
        return category, letter, word
    if isinstance(word, tuple):
        return category, letter, (f"{word[0]} {hops}", word[1])
    return category, letter, f"{word} {hops}"
