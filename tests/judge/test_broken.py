"""Code that breaks costs what it would have said: a property or strategy leaves its promises unproven, never passed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.commands.exits import Exit, exit_for
from harness.judge import judge as judging
from harness.judge import properties
from harness.judge.strategies import strategies
from harness.judging import judge_folder
from harness.model import Answer, Broken, Hop, Kind, Part, PropertyResult, Settled, Standing
from harness.record.evidence import Evidence
from harness.record.ledger import FILE, Ledger
from harness.record.writer import LedgerWriter
from harness.reporting import sentences
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK


def told() -> Story:
    return Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main")


def raises(*_: Any) -> Any:
    raise KeyError("n")


@pytest.mark.parametrize("prop", ["P2", "P13", "P1", "R2"])
def test_a_property_that_breaks_is_unproven_and_the_others_are_judged(
    prop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = properties._OF_RECORD if prop in properties._OF_RECORD else properties._OF_EXPECTATIONS
    whole = told().verdict()
    monkeypatch.setitem(table, prop, raises)
    verdict = told().verdict()
    assert (whole.answer, verdict.answer) == (Answer.PASSED, Answer.UNKNOWN)
    assert [(each.prop, each.standing) for each in verdict.properties if each.standing is Standing.UNPROVEN] == [
        (prop, Standing.UNPROVEN)
    ]
    assert [each.prop for each in verdict.properties] == [each.prop for each in whole.properties]
    [broke] = [each for each in verdict.properties if each.prop == prop]
    [outcome] = broke.outcomes
    assert (broke.checks, outcome.prop, outcome.hops) == (0, prop, ())
    assert verdict.broken == (Broken(Part.PROPERTY, prop, "KeyError: 'n'"),)
    assert sentences.unknowns(verdict) == [
        f"{prop}: {prop} could not be checked, because its code broke: KeyError: 'n'"
    ]
    assert exit_for([verdict.answer]) is Exit.UNKNOWN


def test_what_another_property_found_stays_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(properties._OF_RECORD, "P2", raises)
    verdict = told().lose("main/3", Hop.ROUTED, "A").verdict()
    assert verdict.answer is Answer.FAILED and verdict.blame[0].hop is Hop.ROUTED
    assert [each.part for each in verdict.broken] == [Part.PROPERTY]


def test_a_strategy_whose_expectations_break_leaves_all_that_rests_on_them_unproven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Breaks:
        name = "broadcast"
        expectations = properties_ = staticmethod(raises)

        def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterator[PropertyResult]:
            raise AssertionError("what became of no expectation is nothing to ask about")

    monkeypatch.setattr(judging, "strategies", lambda: {"broadcast": Breaks()})
    verdict = told().verdict()
    unproven = {each.prop for each in verdict.properties if each.standing is Standing.UNPROVEN}
    assert (verdict.answer, unproven) == (Answer.UNKNOWN, {"broadcast", "P1", "P6", "P7", "R1", "R2"})
    assert verdict.broken[0] == Broken(Part.STRATEGY, "broadcast", "KeyError: 'n'")
    assert verdict.hops[Hop.RENDERED] == len(TASK)


def test_a_strategy_that_breaks_in_a_property_keeps_those_before_and_never_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Breaks:
        name = "broadcast"
        expectations = strategies()["broadcast"].expectations

        def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterator[PropertyResult]:
            yield PropertyResult.of("B1", 3)
            raise RuntimeError("half way")

    monkeypatch.setattr(judging, "strategies", lambda: {"broadcast": Breaks()})
    verdict = told().verdict()
    assert verdict.answer is Answer.UNKNOWN
    assert [(each.prop, each.standing) for each in verdict.properties[-2:]] == [
        ("B1", Standing.PROVEN),
        ("broadcast", Standing.UNPROVEN),
    ]
    assert verdict.broken == (Broken(Part.STRATEGY, "broadcast", "RuntimeError: half way"),)
    assert not [each for each in verdict.outcomes if each.kind not in (Kind.DELIVERED, Kind.UNDETERMINED)]


def stored(ledger: Ledger, folder: Path) -> Path:
    """The folder of a run."""
    folder.mkdir()
    with LedgerWriter(folder / FILE, ledger.contract) as writer:
        for record in ledger.records():
            writer.write(record)
    return folder


def test_a_reporter_that_breaks_is_missing_and_the_verdict_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    one = SimpleNamespace(name="one", write=raises)
    other = SimpleNamespace(name="other", write=lambda evidence, verdict, folder: written.append(folder))
    monkeypatch.setattr("harness.judging.reporters", lambda: {"one": one, "other": other})
    folder = stored(told().ledger(), tmp_path / "run")
    judged = judge_folder(folder)
    assert (judged.verdict.answer, written) == (Answer.PASSED, [folder])
    assert sentences.remarks(judged.verdict) == ["reporter one broke: KeyError: 'n'"]
    kept = json.loads((folder / "verdict.json").read_text())
    assert (
        kept["broken"] == judged.document["broken"] == [{"part": "reporter", "name": "one", "error": "KeyError: 'n'"}]
    )
    assert exit_for([judged.verdict.answer]) is Exit.AS_PROMISED
