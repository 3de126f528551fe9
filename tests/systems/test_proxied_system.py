"""The reference system with the wire proxy in front of its server and nothing in it: the verdicts that this allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.judging import Judged
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.locations import RUNS_SETTING
from harness.model import Answer, Hop, Kind
from harness.model.facts import TapTried
from harness.reporting import sentences
from harness.selftest.reproductions import REPRODUCTIONS, DocumentedRun
from harness.target.process import SeenBy
from harness.target.reference import reference
from harness.verify import perform
from tests.support.verified import shared

BY_PROXY = SeenBy(server="proxy", cli="proxy")
SERVER_BY_PROXY = SeenBy(server="proxy")


@pytest.fixture
def resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Resources]:
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path / "runs"))
    with shared() as resources:
        yield resources


def judged(resources: Resources, seen_by: SeenBy, bug: str | None = None) -> Judged:
    """The documented run, judged against broadcast."""
    routing, env = (REPRODUCTIONS[bug].routing, REPRODUCTIONS[bug].cli_env) if bug else ("broadcast", {})
    with Stack(reference(), routing, resources, seen_by=seen_by, cli_env=env).start() as stack:
        return perform(stack, "broadcast", DocumentedRun())


def lost_at(found: Judged) -> set[tuple[Hop, ...]]:
    return {each.hops for each in found.verdict.outcomes if each.kind is Kind.LOST and each.prop == "P1"}


@pytest.mark.parametrize("seen_by", [BY_PROXY, SERVER_BY_PROXY], ids=["proxy alone", "agent in the CLI"])
def test_a_healthy_system_passes_with_whom_the_server_resolves_unseen(resources: Resources, seen_by: SeenBy) -> None:
    found = judged(resources, seen_by)
    assert found.verdict.answer is Answer.PASSED, (sentences.verdict(found.verdict), found.verdict.unknowns)
    assert found.verdict.hops == {**dict.fromkeys(Hop, 10), Hop.ROUTED: None}
    assert found.verdict.confidence == "quiet"
    taps = {fact.body.tap for fact in found.evidence.facts(TapTried)}
    assert "wire proxy (received)" in taps and not any(tap.startswith("agent (") for tap in taps)


def test_an_empty_room_is_blamed_on_the_blind_hop_and_the_next(resources: Resources) -> None:
    found = judged(resources, BY_PROXY, "room-mismatch")
    assert found.verdict.answer is Answer.FAILED
    assert lost_at(found) == {(Hop.ROUTED, Hop.DELIVERED)}
    assert found.verdict.hops[Hop.RECEIVED] == 10 and found.verdict.hops[Hop.DELIVERED] == 0


@pytest.mark.parametrize(
    ("seen_by", "cause"), [(BY_PROXY, "never-connected"), (SERVER_BY_PROXY, "wrong-process")], ids=["proxy", "agent"]
)
def test_a_cli_that_emits_in_its_own_process_is_blamed_on_sent(
    resources: Resources, seen_by: SeenBy, cause: str
) -> None:
    found = judged(resources, seen_by, "wrong-process")
    assert found.verdict.answer is Answer.FAILED
    assert lost_at(found) == {(Hop.SENT,)}
    assert found.verdict.hops[Hop.EMITTED] == 10 and found.verdict.hops[Hop.SENT] == 0
    assert found.verdict.blame[0].cause == cause
