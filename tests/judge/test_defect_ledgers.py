"""The stored ledgers of the seeded defects: judged as each defect declares, and by the hops alone without any rule.

`harness defects --ledgers tests/ledgers` makes them anew.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from harness.diagnosis import diagnose, rules
from harness.judge.judge import judge_evidence
from harness.model import Answer, Hop, Kind, Verdict
from harness.record.evidence import Evidence
from harness.reporting import sentences
from harness.selftest.defects.catalogue import Seeded, catalogue
from harness.selftest.defects.keeping import kept
from tests.support.causes import CAUSES

LEDGERS = Path(__file__).parents[1] / "ledgers"
DEFECTS = {each.id: each for each in catalogue()}
BUGS = [each.id for each in DEFECTS.values() if each.findings and not each.off]
HARMLESS = [each.id for each in DEFECTS.values() if each.is_harmless]
BLIND = [each.id for each in DEFECTS.values() if each.off]


@cache
def judged(name: str) -> tuple[Verdict, Verdict]:
    """The verdict on a stored ledger, with every rule and with none."""
    with TemporaryDirectory(prefix="harness-kept-") as folder:
        evidence = Evidence(kept(LEDGERS / f"{name}.jsonl.gz", Path(folder)))
    verdict = judge_evidence(evidence)
    return diagnose(evidence, verdict), diagnose(evidence, verdict, using={})


def failures(verdict: Verdict) -> set[tuple[Kind, tuple[Hop, ...]]]:
    """What failed, and where."""
    return {(outcome.kind, outcome.hops) for blame in verdict.blame for outcome in blame.explains}


@pytest.mark.parametrize("name", DEFECTS)
def test_no_rule_breaks_on_a_record(name: str) -> None:
    assert judged(name)[0].broken == ()


def test_every_defect_has_a_ledger_and_every_ledger_a_defect() -> None:
    assert {file.name.removesuffix(".jsonl.gz") for file in LEDGERS.glob("*.gz")} == set(DEFECTS)


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_blamed_on_its_hop_and_its_cause_before_all_others(name: str) -> None:
    seeded, (verdict, _) = DEFECTS[name], judged(name)
    first = verdict.blame[: len(seeded.findings)]
    assert {(blame.cause, blame.hop) for blame in first} >= {(f.cause, f.hop) for f in seeded.findings}
    for blame in verdict.blame:
        assert (
            sentences.evidence(blame)
            and 1 <= len(blame.remedy.splitlines()) <= 2
            and sentences.line(blame.sentence).endswith(".")
        )


@pytest.mark.parametrize("name", BUGS)
def test_without_rules_the_hops_stay_the_same(name: str) -> None:
    with_rules, without = judged(name)
    assert {blame.cause for blame in without.blame} == {"unexplained"}
    assert failures(without) == failures(with_rules)
    assert with_rules.blame[0].hop in {blame.hop for blame in without.blame}


@pytest.mark.parametrize("name", BLIND)
def test_with_a_tap_switched_off_no_wrong_hop_is_blamed(name: str) -> None:
    verdict, _ = judged(name)
    wanted = {finding.hop for finding in DEFECTS[name].findings}
    assert verdict.answer is Answer.UNKNOWN or wanted & set(verdict.blame[0].hops)


@pytest.mark.parametrize("name", [each.id for each in DEFECTS.values() if each.doubt])
def test_what_can_not_be_decided_makes_a_run_unknown(name: str) -> None:
    verdict, _ = judged(name)
    aspects = {outcome.finding.aspect for outcome in verdict.outcomes if outcome.kind is Kind.UNDETERMINED}
    assert (verdict.answer, aspects) == (Answer.UNKNOWN, {DEFECTS[name].doubt})


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_variant_passes(name: str) -> None:
    assert judged(name)[0].answer is Answer.PASSED


def test_every_rule_is_the_cause_of_a_defect_or_of_a_story() -> None:
    seeded: dict[str, Seeded] = {f.cause: each for each in DEFECTS.values() for f in each.findings}
    assert set(rules()) - {"refused"} <= {*seeded, *CAUSES}
