"""Templates are compiled once: the next process takes what was kept, unless something is another since."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import jinja2.compiler
import pytest
from jinja2.bccache import bc_magic

from harness.reporting.page import single_file
from harness.reporting.page.single_file import environment


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Python keeps what it compiles."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(single_file, "cache_from_source", lambda path: str(tmp_path / "single_file.pyc"))
    return tmp_path


def compiles(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a new environment compiles the run's page."""
    made, compiled = environment.__wrapped__(), list[str]()
    generate = made._generate

    def noted(source: Any, name: str, *more: Any, **named: Any) -> str:
        compiled.append(name)
        return generate(source, name, *more, **named)

    monkeypatch.setattr(made, "_generate", noted)
    made.get_template("run.html")
    return bool(compiled)


def test_a_template_is_compiled_once(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (compiles(monkeypatch), compiles(monkeypatch)) == (True, False)


def test_another_jinja_compiles_it_anew(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiles(monkeypatch)
    other = tmp_path / "compiler.py"
    other.touch()
    monkeypatch.setattr(jinja2.compiler, "__file__", str(other))
    assert compiles(monkeypatch)


def test_where_python_keeps_nothing_neither_do_templates(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert compiles(monkeypatch)
    assert [*kept.iterdir()] == []


@pytest.mark.parametrize("damage", [b"", b"no bytecode", bc_magic])
def test_a_damaged_file_is_compiled_anew(damage: bytes, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiles(monkeypatch)
    [file] = kept.iterdir()
    file.write_bytes(damage)
    assert compiles(monkeypatch)


def test_a_folder_that_is_not_there_costs_nothing_but_time(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_file, "cache_from_source", lambda path: os.devnull + "/none/x.pyc")
    assert (compiles(monkeypatch), compiles(monkeypatch)) == (True, True)
