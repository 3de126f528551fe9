"""Errors that a CLI tells of on standard error, and ends well."""

from __future__ import annotations

import pytest

from harness.judge.messages.complaints import complaints
from harness.model import Answer
from harness.model.facts import CliMessage
from harness.record.evidence import Evidence
from harness.reporting import sentences
from tests.support.causes_in_clis import EVENTS
from tests.support.causes_in_clis import told as story
from tests.support.ledgers import Story

PYTHON = """\
Exception in thread Thread-1:
Traceback (most recent call last):
  File "producer.py", line 3, in flush
    json.loads("not json")
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
going on"""

NODE = """\
TypeError: manifest is undefined
    at load (file:///srv/producer.mjs:9:15)
    at node:internal/main/run_main_module:33:47"""

NEVER_AWAITED = """\
producer.py:12: RuntimeWarning: coroutine 'flush' was never awaited
  flush()
RuntimeWarning: Enable tracemalloc to get the object allocation traceback"""

SOUND = (
    "producer.py:3: DeprecationWarning: datetime.utcnow() is deprecated\n  at = datetime.utcnow()",
    "(node:71) [DEP0169] DeprecationWarning: url.parse() is deprecated\n(Use `node --trace-deprecation` to show it)",
    "INFO connected at 127.0.0.1:3000\nretrying after Error: none\n",
    "12 errors were found and corrected",
)


def evidence_of(said: str, status: int = 0) -> Evidence:
    told = Story("broadcast").open("A").start("main").emit("main", *EVENTS)
    for line in said.splitlines():
        told.fact(CliMessage, "cli:main", text=line)
    return Evidence(told.end("main", status).ledger())


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (PYTHON, "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
        (NODE, "TypeError: manifest is undefined"),
        (NEVER_AWAITED, "RuntimeWarning: coroutine 'flush' was never awaited"),
    ],
)
def test_an_error_is_told_whatever_the_verdict(said: str, error: str) -> None:
    (complaint,) = complaints(evidence_of(said))
    assert complaint.errors == (error,)
    (line,) = sentences.complained(evidence_of(said))
    assert repr(error) in line and "status 0" in line


@pytest.mark.parametrize("said", SOUND)
def test_what_is_no_error_is_not_told(said: str) -> None:
    assert complaints(evidence_of(said)) == []


def test_a_cli_that_ended_badly_is_told_of_elsewhere() -> None:
    assert complaints(evidence_of(PYTHON, status=1)) == []


def test_the_verdict_is_that_of_the_events_and_the_property_counts_the_errors() -> None:
    told = story()
    for line in PYTHON.splitlines():
        told.fact(CliMessage, "cli:main", text=line)
    verdict = told.verdict()
    assert verdict.answer is Answer.PASSED
    note = next(each.note for each in verdict.properties if each.prop == "P14")
    assert note == "0 errors on record, and 1 on the standard error of CLIs that ended with status 0"
