"""Bugs in systems on other stacks, from the records that are kept of them: each is blamed on its hop and cause, alone.

`python -m tests.support.foreign` plays them again and keeps the records; tests/systems/test_foreign_defects.py plays a
sample in every run of the tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.diagnosis import diagnose
from harness.judge.judge import judge_evidence
from harness.model import Answer
from harness.record.evidence import Evidence
from harness.reporting import sentences
from harness.selftest.defects.keeping import kept
from tests.support.foreign import LEDGERS, SYSTEMS, Bug, bugs, recorded, table, twins

BUGS, TWINS = bugs(), twins()
PAGE = Path(__file__).parents[2] / "docs" / "foreign-systems.md"


@pytest.fixture(params=[pytest.param(bug, id=name) for name, bug in BUGS.items()])
def bug(request: pytest.FixtureRequest) -> Bug:
    """Each of them."""
    found: Bug = request.param
    return found


def test_every_bug_has_a_record_and_every_record_a_bug() -> None:
    assert {file.name.removesuffix(".jsonl.gz") for file in LEDGERS.glob("*.gz")} == {*BUGS, *TWINS}


def test_a_bug_is_blamed_on_its_hop_and_its_cause_and_on_nothing_else(bug: Bug) -> None:
    verdict = recorded(bug)
    assert bug.is_named_by(verdict), sentences.verdict(verdict)
    assert verdict.broken == ()
    for blame in verdict.blame:
        assert sentences.evidence(blame) and sentences.line(blame.sentence).endswith(".")
        assert 1 <= len(blame.remedy.splitlines()) <= 2


def test_without_rules_it_fails_at_its_hop_all_the_same(bug: Bug, tmp_path: Path) -> None:
    evidence = Evidence(kept(bug.ledger, tmp_path))
    verdict = diagnose(evidence, judge_evidence(evidence), using={})
    assert verdict.answer is Answer.FAILED
    assert any({*bug.hops} & {*blame.hops} for blame in verdict.blame)


@pytest.mark.parametrize("twin", [pytest.param(twin, id=name) for name, twin in TWINS.items()])
def test_what_only_looks_like_a_bug_passes(twin: Bug) -> None:
    verdict = recorded(twin)
    assert verdict.answer is Answer.PASSED, sentences.verdict(verdict)
    for edit in twin.edits:
        assert edit.right in (SYSTEMS / twin.system / edit.file).read_text("utf-8"), edit


def test_every_edit_has_its_place_in_its_system(bug: Bug) -> None:
    for edit in bug.edits:
        assert edit.right in (SYSTEMS / bug.system / edit.file).read_text("utf-8"), edit


def test_the_page_of_foreign_systems_is_what_the_records_say() -> None:
    assert PAGE.read_text("utf-8") == table(BUGS.values()), "write it anew: make foreign"


def test_bugs_are_in_several_systems_and_at_every_hop_that_they_show() -> None:
    assert {bug.system for bug in BUGS.values()} == {"aiohttp", "flask", "node", "redis", "trams"}
    assert len({bug.first for bug in BUGS.values()}) >= 6
