"""A system that an AsyncAPI document describes: what it says is compared with that. `make test-systems` tries it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.model import Answer, Hop
from harness.reporting import sentences
from harness.target.file import load
from tests.support.verified import verified

NODE = Path(__file__).parents[2] / "fixtures" / "targets" / "node"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("HARNESS_SYSTEMS") != "all", reason="`make test-systems` tries it"),
]


@pytest.mark.parametrize(
    ("before", "after", "answer"), [("", "", Answer.PASSED), ("[price]", "[price, table]", Answer.FAILED)]
)
def test_what_a_system_says_is_compared_with_its_description(
    tmp_path: Path, before: str, after: str, answer: Answer
) -> None:
    document = (NODE / "asyncapi.yaml").read_text("utf-8")
    (tmp_path / "asyncapi.yaml").write_text(document.replace(before, after) if before else document, "utf-8")
    file = tmp_path / "target.toml"
    described = f'events.described = "{tmp_path}/asyncapi.yaml"'
    file.write_text(f'extends = "{NODE}/target.toml"\nname = "described"\n{described}\n', "utf-8")
    target = load(file)
    found = verified(target)
    said = sentences.verdict(found.verdict)
    assert found.verdict.answer is answer, (said, found.verdict.unknowns)
    if answer is Answer.FAILED:
        blame = found.verdict.blame[0]
        assert blame.hops == (Hop.SENT,) and {each.finding.text for each in blame.explains} == {
            "the payload lacks table"
        }
