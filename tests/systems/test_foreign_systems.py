"""Systems on other stacks, by their target files alone: healthy ones pass; broken ones: test_foreign_defects.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.judging import Judged
from harness.model import Answer, Hop
from harness.model.facts import Members
from harness.reporting import sentences
from harness.target.file import load
from tests.support.foreign import bugs
from tests.support.verified import verified

SYSTEMS = Path(__file__).parents[2] / "fixtures" / "targets"
BLIND = None
IS_WHOLE = os.environ.get("HARNESS_SYSTEMS") == "all"
"""Else a sample: `make test-systems` tries all. `node/two` is behind the proxy, and bugs of aiohttp's are played."""
MORE = (
    ("node/proxied", (10, 10, 10, BLIND, 10, BLIND, 10)),
    ("aiohttp/target", (8, 8, 8, 8, 8, BLIND, 8)),
)

pytestmark = pytest.mark.slow


def judged(system: str) -> Judged:
    target = load(SYSTEMS / f"{system}.toml")
    return verified(target)


@pytest.mark.parametrize(
    ("system", "hops"),
    [
        ("node/target", (10, 10, 10, 10, 10, BLIND, 10)),
        ("node/python", (10, 10, 10, 10, 10, BLIND, 10)),
        ("flask/target", (6, BLIND, BLIND, 6, 6, BLIND, 6)),
        ("trams/target", (8, 8, 8, 8, 8, BLIND, 8)),
        ("redis/target", (5, 5, BLIND, 5, 5, BLIND, 5)),
        *(MORE if IS_WHOLE else ()),
    ],
)
def test_a_healthy_system_passes(system: str, hops: tuple[int | None, ...]) -> None:
    verdict = judged(system).verdict
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)
    assert verdict.hops == dict(zip(Hop, hops, strict=True))


def test_unobserved_servers_are_all_seen_by_the_proxy() -> None:
    """Without a proxy before the second server, its pages would say "online" and be no server's members."""
    found = judged("node/two")
    assert found.verdict.answer is Answer.PASSED, (sentences.verdict(found.verdict), found.verdict.unknowns)
    assert found.verdict.hops == dict(zip(Hop, (10, 10, 10, BLIND, 10, BLIND, 10), strict=True))
    members = found.evidence.facts(Members)[-1].body.connected
    assert set(found.evidence.sids) <= set(members) and len(found.evidence.sids) == 2


def test_every_broken_form_says_what_is_wrong_and_differs_by_little() -> None:
    files = sorted(SYSTEMS.glob("*/broken/*.toml"))
    assert {file.parent.parent.name for file in files} == {"aiohttp", "clinic", "flask", "node", "redis"}
    told = {(bug.system, bug.target) for bug in bugs().values()}
    for file in files:
        is_listed = (file.parent.parent.name, f"broken/{file.name}") in told
        assert is_listed or not (file.parents[1] / "defects.toml").exists(), f"{file} is in no defects.toml"
        lines = file.read_text("utf-8").splitlines()
        assert lines[0].startswith("# ") and lines[1].startswith('extends = "') and len(lines) in (4, 5), file
        load(file)
