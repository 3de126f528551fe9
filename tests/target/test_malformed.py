"""Target files that are damaged: every mutant is read, or refused in lines with file and place, and nothing else."""

from __future__ import annotations

import copy
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.lib import documents
from harness.lib.patterns import WrongPattern, compiled
from harness.target.file import load
from harness.target.file.edit import to_toml
from harness.target.process import TargetError
from tests.support.places import places

TARGETS = Path(__file__).resolve().parents[2] / "fixtures" / "targets"
FILES = sorted(
    path
    for path in TARGETS.glob("*/*.toml")
    if path.name != "defects.toml" and "extends" not in tomllib.loads(path.read_text("utf-8"))
)
WRONG: tuple[Any, ...] = (
    *(5, -1.5, True, 0, -1, 10**30, float("nan"), "x", "", [], {}, {"a": []}, ["x"], [5], {"selector": 5}),
    *("\x1b[2J\u202e", "{nothing}", "{server", "(?P<", "(a+)+$", "(" * 500, "a{99999999999999999999}", "x" * 10_000),
    *("../../..", "/etc/passwd"),
)
MUTANTS = 60
"""Of each file."""


def mutants(right: dict[str, Any], chance: random.Random) -> Iterator[str]:
    """Documents in which one or two things are missing, called otherwise, or something else."""
    for _ in range(MUTANTS):
        made = copy.deepcopy(right)
        for _ in range(chance.choice((1, 1, 2))):
            at = chance.choice([*places(made)])
            holder: Any = made
            for each in at[:-1]:
                holder = holder[each]
            what = chance.random() if isinstance(holder, dict) else 1
            if what < 0.2:
                del holder[at[-1]]
            elif what < 0.3:
                holder[chance.choice(("x", "name", "event", "a b", "\x1b[2J"))] = holder.pop(at[-1])
            else:
                holder[at[-1]] = copy.deepcopy(chance.choice(WRONG))
        yield "\n".join(to_toml({key: value})[1:-1].strip() for key, value in made.items())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = " + "[" * 3000, "nested too deeply"),
        ("x = " + "{a=" * 3000 + "1" + "}" * 3000, "nested too deeply"),
        ("x = " + "9" * 10_000, "a number in it is too long"),
        ('extends = "/dev/zero"', "has no end in"),
    ],
    ids=["deep lists", "deep tables", "digits", "a device"],
)
def test_what_no_parser_takes_is_told_in_a_line(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_STREAMED", 1_000_000)
    path = tmp_path / "odd.toml"
    path.write_text(text)
    with pytest.raises(TargetError, match=words) as told:
        load(path)
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.parent.name)
def test_every_mutant_of_a_target_file_is_read_or_refused_with_its_place(file: Path, tmp_path: Path) -> None:
    path, found = tmp_path / "mutant.toml", []
    for text in mutants(tomllib.loads(file.read_text("utf-8")), random.Random(file.parent.name)):
        path.write_text(text, "utf-8")
        try:
            load(path)
        except TargetError as error:
            lines = str(error).splitlines()
            is_told = path.name in str(error) and all(line.isprintable() for line in lines)
            if not is_told or any(word in str(error) for word in ("Error:", "NoneType", "object is not")):
                found.append(f"{str(error)[:300]!r} for {text[:300]!r}")
    assert found == []


@pytest.mark.parametrize("text", ["(" * 500 + ")" * 500, "a{99999999999999999999}", "(?:" * 2000 + ")" * 2000])
def test_a_pattern_beyond_all_measure_is_refused(text: str) -> None:
    with pytest.raises(WrongPattern):
        compiled(text)
