"""The same of records of real runs: one of each kind and each observer is taken away, doubled, or changed.

Such a record has kinds that none on paper has: clocks, canaries, what the harness itself did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from harness.judge.judge import judge
from harness.model import Answer, Record
from harness.model.facts import CliMessage, Notice, Refused
from harness.record.ledger import Ledger
from harness.selftest.defects.keeping import kept
from tests.judge.test_altered_record import NO_EVIDENCE, changed, kind, moved

LEDGERS = Path(__file__).parents[1] / "ledgers"
PASSING = ("harmless-other-order", "harmless-replay-subscription", "harmless-race")

UNTOLD = {
    **NO_EVIDENCE,
    "cli-message": "a line of a CLI's, which its exit status goes with",
    "act": "what was played, in words",
    "action": "what the harness did to a page, which no other record tells",
    "answer": "what a producer asks and is answered is told by the server alone at times",
    "cli-session": "its events name it",
    "cli-started": "its end is told",
    "client-connected": "the server tells who came",
    "in-flight": "the first look at the server, where the last is on record",
    "members": "the first look at the server, where the last is on record",
    "refused": "the harness's own fence, which no server lets in",
}
"""Kinds of facts of which one can be missing unnoticed in a real run, and why."""


@cache
def passing(name: str) -> Ledger:
    with TemporaryDirectory(prefix="harness-kept-") as folder:
        ledger = kept(LEDGERS / f"{name}.jsonl.gz", Path(folder))
    found = replace(Ledger.of(ledger.contract, [*ledger.records()]), payloads=ledger.payloads)
    assert judge(found).answer is Answer.PASSED
    return found


def picked(ledger: Ledger) -> Iterator[tuple[int, Record]]:
    """The first record of each kind and observer, with its place."""
    seen = set[tuple[str, str]]()
    for place, record in enumerate(ledger.records()):
        if (kind(record), record.observer) not in seen:
            seen.add((kind(record), record.observer))
            yield place, record


def with_records(ledger: Ledger, records: list[Record]) -> Ledger:
    return replace(Ledger.of(ledger.contract, records), payloads=ledger.payloads)


def passes(ledger: Ledger) -> bool:
    return judge(ledger).answer is Answer.PASSED


@pytest.mark.parametrize("name", PASSING)
def test_a_missing_record_of_a_real_run_is_noticed_or_is_not_evidence(name: str) -> None:
    ledger = passing(name)
    records = [*ledger.records()]
    left = {
        kind(record)
        for place, record in picked(ledger)
        if passes(with_records(ledger, moved([*records[:place], *records[place + 1 :]], record, -1)))
    }
    assert left <= {*UNTOLD}


@pytest.mark.parametrize("name", PASSING)
def test_a_record_of_a_real_run_that_is_doubled_is_noticed(name: str) -> None:
    ledger = passing(name)
    records = [*ledger.records()]
    twice = {
        kind(record)
        for _, record in picked(ledger)
        if passes(with_records(ledger, [*moved(records, record, 1), replace(record, n=record.n + 1)]))
    }
    assert twice <= {Notice.kind, CliMessage.kind, Refused.kind}  # several may come at one instant


@pytest.mark.parametrize("name", PASSING)
def test_a_record_of_a_real_run_that_says_something_else_is_noticed(name: str) -> None:
    ledger = passing(name)
    first = {id(record) for _, record in picked(ledger)}
    altered = ((record, said) for record, said in changed(ledger) if id(record) in first)
    assert {kind(record) for record, said in altered if passes(replace(said, payloads=ledger.payloads))} == set()
