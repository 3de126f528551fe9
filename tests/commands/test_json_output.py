"""The JSON output is what docs/json.md says it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from harness.diagnosis import verdict_of
from harness.model import Hop, Kind
from harness.record.evidence import Evidence
from harness.reporting.document import document, run_object
from tests.support.history import at, clean

DOCUMENTED = Path(__file__).parents[2] / "docs" / "json.md"


def written(*, broken: bool) -> dict[str, object]:
    history = clean()
    if broken:
        history.without(at(Hop.DELIVERED)).without(at(Hop.APPLIED)).without(at(Hop.RENDERED))
    ledger = history.ledger()
    run = run_object(Evidence(ledger), verdict_of(ledger), Path("run"), 1.25)
    return json.loads(json.dumps(document([run])))  # type: ignore[no-any-return]  # JSON is what it is


def documented() -> dict[str, object]:
    found = re.search(r"```json\n(.*?)```", DOCUMENTED.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return json.loads(found[1])  # type: ignore[no-any-return]  # JSON is what it is


def test_the_documented_members_are_the_written_ones() -> None:
    mine, told = written(broken=True), documented()
    assert mine.keys() == told.keys()
    run, example = mine["runs"][0], told["runs"][0]  # type: ignore[index]  # a list in both
    assert run.keys() == example.keys() - {"load"}, "what a load came to is told of loads alone"
    assert list(run["hops"]) == list(example["hops"]) == [hop.label for hop in Hop]
    assert run["outcomes"]["lost"][0].keys() == example["outcomes"]["lost"][0].keys()
    assert run["blame"][0].keys() == example["blame"][0].keys()
    assert set(run["outcomes"]) == {kind.value for kind in Kind} - {"delivered"}


def test_a_passed_run_blames_nothing() -> None:
    mine = written(broken=False)
    run = mine["runs"][0]  # type: ignore[index]  # a list
    assert (mine["verdict"], run["blame"], run["outcomes"]["lost"], run["unknowns"]) == ("passed", [], [], [])


def test_no_run_at_all_is_unknown() -> None:
    assert document([])["verdict"] == "unknown"
