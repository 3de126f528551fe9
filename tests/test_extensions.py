"""An extension is a file in a folder; one that is wrong is refused at once, with what is wrong and where."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from harness import extensions as registry
from harness.extensions import BadExtension, members, register


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """An empty package that is forgotten afterwards."""
    folder = tmp_path / "extensions_on_paper"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield __import__("extensions_on_paper")
    for name in [name for name in sys.modules if name.partition(".")[0] == "extensions_on_paper"]:
        del sys.modules[name]


def add(package: ModuleType, file: str, source: str) -> None:
    (Path(package.__path__[0]) / f"{file}.py").write_text(source)


GOOD = "class Rule:\n    name = {name!r}\n    def explain(self): ...\nRULE = Rule()\n"


def test_members_are_found_by_name_in_the_files_of_a_package(package: ModuleType) -> None:
    add(package, "one", GOOD.format(name="first"))
    add(package, "two", GOOD.format(name="second"))
    add(package, "helper", "x = 1\n")
    add(package, "_private", "raise RuntimeError('never imported')\n")
    found = members(package, "RULE", ("explain",))
    assert list(found) == ["first", "second"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("class Rule:\n    def explain(self): ...\nRULE = Rule()\n", "has no name: give it"),
        ("class Rule:\n    name = ''\n    def explain(self): ...\nRULE = Rule()\n", "has no name: give it"),
        ("class Rule:\n    name = 7\n    def explain(self): ...\nRULE = Rule()\n", "has no name: give it"),
        ("class Rule:\n    name = 'x'\nRULE = Rule()\n", r"\('x'\) has no method explain\(\)"),
        ("class Rule:\n    name = 'x'\n    explain = 1\nRULE = Rule()\n", r"has no method explain\(\)"),
    ],
)
def test_a_wrong_member_is_refused_with_its_file(package: ModuleType, source: str, words: str) -> None:
    add(package, "wrong", source)
    with pytest.raises(BadExtension, match=rf"extensions_on_paper\.wrong\.RULE.*{words}"):
        members(package, "RULE", ("explain",))


def test_a_name_is_given_once(package: ModuleType) -> None:
    add(package, "one", GOOD.format(name="same"))
    add(package, "two", GOOD.format(name="same"))
    with pytest.raises(BadExtension, match=r"two\.RULE: the name 'same' is taken"):
        members(package, "RULE", ("explain",))


def test_a_member_can_be_registered_by_hand() -> None:
    class Member:
        name = "mine"

        def run(self) -> None: ...

    found: dict[str, object] = {}
    member = Member()
    register(found, member, ("run",), "here")
    assert found == {"mine": member}
    assert registry.__doc__


def test_the_harness_s_own_members_are_all_there() -> None:
    import harness.diagnosis
    from harness.judge.strategies import strategies

    assert set(strategies()) == {"broadcast", "subscription", "auto-discovery", "single-session"}
    files = Path(harness.diagnosis.__file__).parent.glob("[!_]*.py")
    assert set(harness.diagnosis.rules()) == {file.stem.replace("_", "-") for file in files}
