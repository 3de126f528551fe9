"""docs/target.md: its tables are those of the models, and its example is a target file."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from harness.target.file.describe import renew
from harness.target.file.schema import TargetFile

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "target.md"
TEXT = DOCUMENT.read_text("utf-8")


def test_the_tables_are_those_of_the_models() -> None:
    assert renew(TEXT) == TEXT, "run: python -m harness.target.file.describe docs/target.md"


def test_a_document_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        renew("# Target files\n")


def test_every_example_is_a_target_file() -> None:
    examples = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert examples
    for example in examples:
        TargetFile.model_validate(tomllib.loads(example))
