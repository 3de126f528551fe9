"""The workflows: valid by their hosts' schemas, and calling only what is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GITHUB, GITLAB = ".github/workflows/ci.yml", "docs/ci/gitlab-ci.yml"


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        (GITHUB, ("vendor.github-workflows",)),
        (".github/actions/set-up/action.yml", ("vendor.github-actions",)),
        (GITLAB, ("vendor.gitlab-ci", "--data-transform", "gitlab-ci")),
    ],
)
def test_the_host_would_take_it(file: str, schema: tuple[str, ...]) -> None:
    argv = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, file]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", [GITHUB, GITLAB])
def test_what_it_makes_is_in_the_makefile(file: str) -> None:
    makefile, text = (ROOT / "Makefile").read_text("utf-8"), (ROOT / file).read_text("utf-8")
    lines = re.findall(r"(?:run: |- )make ([^\n]+)", text)
    targets = [word for line in lines for word in line.split() if re.fullmatch("[a-z-]+", word)]
    assert targets != []
    assert [each for each in targets if not re.search(rf"^{each}:", makefile, re.M)] == []


def test_as_many_shards_run_as_there_are() -> None:
    text = (ROOT / GITHUB).read_text("utf-8")
    (listed,), (split,) = re.findall(r"shard: \[([^]]+)\]", text), re.findall(r"SHARDS=(\d+)", text)
    assert listed.split(", ") == [str(number) for number in range(1, int(split) + 1)]
