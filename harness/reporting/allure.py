"""A run in the Allure report of the test that made it: labels, a step for each hop, and the run's files.

Allure's functions write to the test that is running, so this is called while it runs. Without `--alluredir` they do
nothing.
"""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Iterator
from pathlib import Path

from harness.judge.properties import TITLES
from harness.model import Answer, Contract, Hop, PropertyResult, Standing, Verdict
from harness.record.evidence import Evidence
from harness.record.ledger import FILE, find
from harness.reporting import markdown, reporters, sentences
from harness.reporting.escape import clip, visible
from harness.reporting.figures import broken, hop_names, steps
from harness.reporting.markup import some

CRITICAL = frozenset({"P1", "P2", "P4", "P5", "P6", "P7", "P10", "X1", "S1", "A3", "B1", "R1"})
"""Properties whose violation means that a person sees wrong or missing data."""

MOST_FILES = 60
MOST_STEPS = 60
LARGEST_TEXT = 256 * 1024
"""Bytes of a text that is attached as it is: the report holds every attachment, and a ledger of a burst has 16 MB."""


class HopBroken(AssertionError):
    """An event was lost at this hop: the step of the hop is shown as failed, the test goes on."""


def attach_run(evidence: Evidence, verdict: Verdict, run_dir: Path) -> None:
    """Give the running test its labels, a step for each hop, and every file of the run."""
    if not (run_dir / markdown.REPORT).is_file():
        for reporter in reporters().values():
            reporter.write(evidence, verdict, run_dir)
    label(evidence.contract)
    label_verdict(verdict)
    _steps(evidence)
    for hop in Hop:
        _hop(hop, verdict)
    _properties(verdict)
    attach_files(run_dir)


def label(contract: Contract) -> None:
    """Epic: the target; feature: the strategy; stories: the properties that the run exercises; severity by them."""
    import allure

    allure.dynamic.epic(visible(contract.target))
    allure.dynamic.feature(visible(contract.strategy))
    allure.dynamic.story(*(f"{prop}: {TITLES.get(prop, prop)}" for prop in contract.properties))
    is_critical = not CRITICAL.isdisjoint(contract.properties)
    allure.dynamic.severity(allure.severity_level.CRITICAL if is_critical else allure.severity_level.NORMAL)


def label_verdict(verdict: Verdict) -> None:
    """The verdict, and the causes with the hops they are blamed on: the report's categories and summaries read them."""
    import allure

    allure.dynamic.label("verdict", verdict.answer.value)
    for cause in dict.fromkeys(each.cause for each in verdict.blame):
        allure.dynamic.label("cause", visible(cause))
    for where in dict.fromkeys(hop_names(each.hops) for each in verdict.blame if each.hops):
        allure.dynamic.label("hop", where)


def _steps(evidence: Evidence) -> None:
    """What the run did, in a tester's words: as long as a person reads on."""
    taken = steps(evidence)
    if not taken:
        return
    with _step(f"the run: {some(len(taken), 'step')}"):
        for words in taken[:MOST_STEPS]:
            with _step(clip(words, 300)):
                pass
        if len(taken) > MOST_STEPS:
            with _step(f"… and {len(taken) - MOST_STEPS} more"):
                pass


def _hop(hop: Hop, verdict: Verdict) -> None:
    """A step that is failed where the run broke, and skipped where it was not observed."""
    count = verdict.hops.get(hop)
    bad = verdict.answer is Answer.FAILED and hop in broken(verdict)
    with _step(f"{hop.label}: {'no tap' if count is None else count}"):
        if bad:
            raise HopBroken(visible(sentences.verdict(verdict)))
        if count is None:
            _skip(f"hop {hop.label} has no tap")


def _properties(verdict: Verdict) -> None:
    with _step(f"properties: {sum(1 for each in verdict.properties if each.standing is Standing.PROVEN)} proven"):
        for result in verdict.properties:
            if result.standing is Standing.NOT_EXERCISED:
                continue
            with _step(
                f"{result.prop}, {TITLES.get(result.prop, '')}: {result.standing}, {some(result.checks, 'check')}"
            ):
                if result.standing is Standing.VIOLATED:
                    raise HopBroken("\n".join(_details(result)[:10]))
                if result.standing is Standing.UNPROVEN:
                    _skip("; ".join(_details(result)[:3]))


def _details(result: PropertyResult) -> list[str]:
    """What is said of its outcomes, each once: the same becomes of many events."""
    return list(dict.fromkeys(visible(sentences.outcome(outcome)) for outcome in result.outcomes))


@contextlib.contextmanager
def _step(title: str) -> Iterator[None]:
    """An Allure step whose outcome is the step's alone: Allure sees the exception, the test does not."""
    import allure
    import pytest

    with contextlib.suppress(HopBroken, pytest.skip.Exception), allure.step(visible(title)):
        yield


def _skip(why: str) -> None:
    import pytest

    raise pytest.skip.Exception(why)


def attach_files(run_dir: Path) -> None:
    """Give the running test every file of the run, under its name in the run's folder."""
    import allure

    kinds = {
        ".png": allure.attachment_type.PNG,
        ".svg": allure.attachment_type.SVG,
        ".json": allure.attachment_type.JSON,
        ".md": "text/markdown",
        ".html": allure.attachment_type.HTML,
        ".webm": allure.attachment_type.WEBM,
        Path(FILE).suffix: "application/octet-stream",
        ".zip": "application/zip",  # as a trace, Allure would offer to open it on a site in the network
    }
    for path in run_files(run_dir):
        name = visible(path.relative_to(run_dir).as_posix())
        kind = kinds.get(path.suffix, allure.attachment_type.TEXT)
        if kind == allure.attachment_type.TEXT and path.stat().st_size > LARGEST_TEXT:
            packed = gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)
            allure.attach(packed, name=f"{name}.gz", attachment_type="application/gzip", extension="gz")
            continue
        allure.attach.file(str(path), name=name, attachment_type=kind, extension=path.suffix.lstrip(".") or "txt")


def run_files(run_dir: Path) -> list[Path]:
    """The files of a run that a report shows: reports first, then screenshots, then logs; empty ones are left out."""
    found = [run_dir / markdown.REPORT, *sorted(run_dir.glob("*.svg")), *sorted(run_dir.glob("*.json"))]
    found += [*sorted(run_dir.glob("*.html")), *sorted(run_dir.glob("recordings/*"))]
    found += [*sorted(run_dir.glob("screenshots/*.png")), *sorted(run_dir.glob("logs/*")), find(run_dir)]
    return [path for path in found if path.is_file() and path.stat().st_size][:MOST_FILES]
