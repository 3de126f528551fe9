"""A system that shares nothing with the reference one, by a target file alone: events without ids, an envelope, renamed
fields, coloured and wrapped lines, a work folder, an address written into the page, the last three of a list."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from harness.__main__ import main
from harness.check import probe
from harness.judging import Judged
from harness.model import Answer, Hop, Kind
from harness.reporting import sentences
from harness.target.file import load
from tests.support.verified import verified

KITCHEN = Path(__file__).parents[1] / "support" / "kitchen"

pytestmark = pytest.mark.slow

IS_WHOLE = os.environ.get("HARNESS_SYSTEMS") == "all"
"""Else a sample of its bugs: `make test-systems` tries all."""
MORE = (("dropped", Kind.LOST, Hop.ROUTED, None), ("twice", Kind.DUPLICATED, Hop.ROUTED, None))


def cook(tmp_path: Path, defect: str = "", **edits: str) -> Judged:
    """Verify the kitchen, with a defect in its server, or with other texts in its files."""
    return verified(load(changed(tmp_path, defect, **edits)), ["broadcast"])


def changed(tmp_path: Path, defect: str = "", **edits: str) -> Path:
    folder = shutil.copytree(KITCHEN, tmp_path / "kitchen", ignore=shutil.ignore_patterns("__pycache__"))
    target = folder / "target.toml"
    said = target.read_text("utf-8").replace('"server.py", "{port}"', f'"server.py", "{{port}}", "{defect}"')
    for before, after in edits.items():
        said = re.sub(before, after, said)
    target.write_text(said, "utf-8")
    return target


def test_a_healthy_kitchen_passes(tmp_path: Path) -> None:
    judged = cook(tmp_path)
    verdict = judged.verdict
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)
    assert verdict.hops == {**dict.fromkeys(Hop, 7), Hop.APPLIED: None}
    assert verdict.identity == (
        "name and occurrence at rendered; name, occurrence and digest at sent, received, routed, delivered; "
        "session and seq at emitted"
    )
    [work] = (judged.folder / "projects").iterdir()
    assert (work / "menu.json").is_file()
    assert (work / ".git").is_dir()


@pytest.mark.parametrize(
    ("defect", "kind", "hop", "cause"),
    [
        ("nobody", Kind.LOST, Hop.ROUTED, "room-mismatch"),
        ("changed", Kind.CORRUPTED, Hop.ROUTED, None),
        *(MORE if IS_WHOLE else ()),
    ],
)
def test_a_broken_one_is_blamed_on_the_right_hop(
    tmp_path: Path, defect: str, kind: Kind, hop: Hop, cause: str | None
) -> None:
    verdict = cook(tmp_path, defect).verdict
    assert verdict.answer is Answer.FAILED
    assert kind in {outcome.kind for outcome in verdict.outcomes}
    assert verdict.blame[0].hop is hop
    assert cause is None or verdict.blame[0].cause == cause


def test_unobserved_processes_leave_blind_hops_and_a_page_proven_by_quiet(tmp_path: Path) -> None:
    path = changed(tmp_path)
    said = path.read_text("utf-8").replace("[process.server]", '[process.server]\nseen_by = "nobody"')
    path.write_text(said.replace("[cli]", '[cli]\nseen_by = "nobody"'), "utf-8")
    judged = verified(load(path), ["broadcast"])
    verdict = judged.verdict
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)
    assert [hop for hop, count in verdict.hops.items() if count is None] == [
        Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.APPLIED,
    ]  # fmt: skip
    assert verdict.confidence == "quiet"


def test_check_says_of_each_line_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["target", "check", str(changed(tmp_path))]) == 0
    said = capsys.readouterr().out
    assert "cli.output.event: 7 events (7 with data): ordered ×3, served ×3, closed" in said
    assert "page.count: says 7, and 7 events were delivered" in said
    assert "blind  hop applied is not observed" in said


def test_check_says_which_lines_are_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = changed(tmp_path, **{"#count": "#counted", r'"update"': '"updated"', '"#bill"': '"#bull"'})
    assert main(["target", "check", str(wrong)]) == 1
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG")]
    text = "\n".join(told)
    assert "messages that were not understood: update {kind, at, body}" in text
    assert "page.count: no number was found" in text
    assert "panel bill: no element of the page matches" in text
    assert all(re.search(r"target\.toml:\d+ ", line) for line in told)


def test_probe_tells_what_a_cli_printed_when_no_line_is_an_event(tmp_path: Path) -> None:
    target = load(changed(tmp_path, **{r"'\^\\\* ": "'^EVENT "}))
    [finding] = [each for each in probe(target).findings if each.key == ("cli", "output", "event")]
    assert finding.ok is False
    assert "'kitchen opens'" in finding.text
