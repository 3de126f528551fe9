"""`harness target check --fix`: what it writes, tries, keeps and takes back; the system is played."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness import check
from harness.check import Finding, Mend, Probed
from harness.commands.target import _added, _fixed
from harness.target.file import load
from harness.target.file.ask import ask, write
from harness.target.spec import Target

OWN = Mend(("events", "own"), ["hello"], "it is not an event")
WRONG = Mend(("events", "added"), ["at"], "it seemed so")
MAYBE = Mend(("events", "include"), ["order"], "it may be", sure=False)


def seen(target: Target, mends: tuple[Mend, ...]) -> Probed:
    """A system that the file fits when `own` is said and `added` is not."""
    misfits = ("hello" not in target.egress.own) * 2 + ("at" in target.egress.added) * 3
    findings = tuple(Finding(("events",), False, "") for _ in range(misfits))
    left = tuple(each for each in mends if not (each is OWN and not misfits))
    return Probed(findings, left if misfits else (MAYBE,), SimpleNamespace(), 5, misfits)  # type: ignore[arg-type]


@pytest.mark.parametrize("mends", [(OWN,), (WRONG, OWN), (OWN, WRONG, MAYBE)])
def test_what_mends_is_kept_and_what_does_not_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], mends: tuple[Any, ...]
) -> None:
    path = tmp_path / "target.toml"
    write(path, ask({}, None), force=False)
    monkeypatch.setattr(check, "probe", lambda target: seen(target, mends))
    target, probed = _fixed(path, load(path), seen(load(path), mends))
    assert target.egress.own == ("hello",) and not target.egress.added and not probed.wrong
    text = path.read_text("utf-8")
    assert "own" in text and "added" not in text and "include" not in text, "what is not sure is never written"
    assert ("mended nothing, and is taken back" in capsys.readouterr().out) is (WRONG in mends)


def test_a_file_that_can_not_be_tried_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "target.toml"
    write(path, ask({}, None), force=False)
    before = path.read_text("utf-8")

    def broken(target: Target) -> Probed:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "probe", broken)
    with pytest.raises(KeyboardInterrupt):
        _fixed(path, load(path), seen(load(path), (OWN,)))
    assert path.read_text("utf-8") == before


COUNT = Mend(("page", "count"), {"selector": "#n"}, "it fits", sure=False)
LIST = Mend(("page", "list"), {"selector": "li", "called": "order"}, "it seems to fit", sure=False)


def test_parts_of_the_page_that_fit_are_added_and_one_that_makes_it_worse_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "target.toml"
    write(path, ask({}, None), force=False)

    def tried(target: Target) -> Probed:
        findings = (Finding(("page", "list"), False, ""),) if target.page.row is not None else ()
        return Probed(findings, (), SimpleNamespace(), 5, 0, (LIST, COUNT))  # type: ignore[arg-type]

    monkeypatch.setattr(check, "probe", tried)
    target, _ = _added(path, load(path), tried(load(path)))
    assert target.page.counter is not None and target.page.row is None
    assert "added" in (said := capsys.readouterr().out) and "taken back" in said
    assert "selector" in path.read_text("utf-8")


def test_a_mend_that_leaves_less_data_different_is_kept_with_as_many_wrong_lines() -> None:
    before = Probed((), (), SimpleNamespace(), 5, 0, (), 6)  # type: ignore[arg-type]
    assert replace(before, other_fields=2).is_better_than(before) and not before.is_better_than(before)
    assert before.is_as_good_as(replace(before, other_fields=2))
