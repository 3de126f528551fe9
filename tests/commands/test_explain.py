"""`harness explain`: what a cause means, told from the head of its rule."""

from __future__ import annotations

import pytest

from harness.__main__ import main
from harness.commands.exits import Exit
from harness.diagnosis import rules
from harness.model import Hop
from harness.reporting.catalogue import page, picture


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["explain", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_cause_is_explained_with_hop_needs_counter_check_and_remedy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, _ = told(capsys, "room-mismatch")
    head = rules()["room-mismatch"].head
    assert status == Exit.AS_PROMISED
    assert out.startswith(f"room-mismatch: {head.title}.\n\n  {picture((Hop.ROUTED,))}\n")
    assert "needs:        a tap of routed\n" in out and head.against in out
    assert all(line in out for line in head.remedy.splitlines())


@pytest.mark.parametrize("cause", [*rules(), "unexplained"])
def test_each_cause_can_be_explained(cause: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = told(capsys, cause)
    assert (status, err) == (Exit.AS_PROMISED, "") and out.startswith(f"{cause}: ")
    assert all(len(line) <= 200 for line in out.splitlines())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("rom-mismatch", "there is no cause 'rom-mismatch'; did you mean room-mismatch?"),
        ("zzz", "there is no cause 'zzz'."),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest_right_one(
    wrong: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = told(capsys, wrong)
    assert (status, out) == (Exit.WRONG_USE, "") and said in err and "harness explain" in err


def test_without_a_name_all_are_listed_by_their_hop(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = told(capsys)
    lines = out.splitlines()
    assert status == Exit.AS_PROMISED
    assert [line for line in lines if not line.startswith(" ")] == [f"{hop.label}:" for hop in Hop]
    assert {line.split()[0] for line in lines if line.startswith(" ")} == {*rules()}


def test_the_page_needs_no_examples_and_no_heads() -> None:
    headless = type("Old", (), {"name": "old"})()
    text = page([*rules().values(), headless], {})
    assert "```text" not in text and text.count("\n## ") == len(rules())
