"""Systems on other stacks, by their target files alone: healthy ones pass, broken ones are blamed on the right hop."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.model import Answer, Hop
from harness.model.facts import Members
from harness.reporting import sentences
from harness.target.file import load
from harness.verify import Judged, verify

SYSTEMS = Path(__file__).parents[2] / "fixtures" / "targets"
BLIND = None

pytestmark = pytest.mark.slow


def judged(system: str) -> Judged:
    target = load(SYSTEMS / f"{system}.toml")
    [found] = verify(target, target.strategies, lambda text: None)
    return found


@pytest.mark.parametrize(
    ("system", "hops"),
    [
        ("node/target", (10, 10, 10, 10, 10, BLIND, 10)),
        ("node/proxied", (10, 10, 10, BLIND, 10, BLIND, 10)),
        ("flask/target", (6, BLIND, BLIND, 6, 6, BLIND, 6)),
        ("aiohttp/target", (8, 8, 8, 8, 8, BLIND, 8)),
        ("redis/target", (5, 5, BLIND, 5, 5, BLIND, 5)),
    ],
)
def test_a_healthy_system_passes(system: str, hops: tuple[int | None, ...]) -> None:
    verdict = judged(system).verdict
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)
    assert verdict.hops == dict(zip(Hop, hops, strict=True))


def test_servers_that_nobody_looks_into_are_all_seen_by_the_proxy() -> None:
    """Without a proxy before the second server, its pages would say "online" and be no server's members."""
    found = judged("node/two")
    assert found.verdict.answer is Answer.PASSED, (sentences.verdict(found.verdict), found.verdict.unknowns)
    assert found.verdict.hops == dict(zip(Hop, (10, 10, 10, BLIND, 10, BLIND, 10), strict=True))
    members = found.evidence.facts(Members)[-1].body.connected
    assert set(found.evidence.sids) <= set(members) and len(found.evidence.sids) == 2


@pytest.mark.parametrize(
    ("system", "first", "last", "cause"),
    [
        ("node/broken/closed_socket", Hop.SENT, Hop.SENT, "never-connected"),
        ("node/broken/own_server", Hop.SENT, Hop.SENT, "wrong-process"),
        ("node/broken/hangs_up", Hop.SENT, Hop.SENT, "emit-after-close"),
        ("node/broken/nobody_in_room", Hop.ROUTED, Hop.ROUTED, "room-mismatch"),
        ("node/broken/other_name", Hop.APPLIED, Hop.RENDERED, "no-listener"),
        ("node/broken/last_five", Hop.RENDERED, Hop.RENDERED, "list-sliced"),
        ("node/broken/counts_only", Hop.APPLIED, Hop.RENDERED, "panel-stale"),
        ("flask/broken/own_server", Hop.SENT, Hop.ROUTED, "wrong-process"),
        ("flask/broken/office", Hop.ROUTED, Hop.ROUTED, "wrong-process"),
        ("flask/broken/other_room", Hop.ROUTED, Hop.ROUTED, "room-mismatch"),
        ("flask/broken/counts_only", Hop.APPLIED, Hop.RENDERED, "panel-stale"),
        ("aiohttp/broken/own_server", Hop.SENT, Hop.SENT, "wrong-process"),
        ("aiohttp/broken/decimals", Hop.SENT, Hop.SENT, "emit-raised"),
        ("aiohttp/broken/blocks", Hop.ROUTED, Hop.ROUTED, "loop-blocked"),
        ("aiohttp/broken/thread", Hop.DELIVERED, Hop.DELIVERED, "foreign-thread"),
        ("aiohttp/broken/two_servers", Hop.ROUTED, Hop.ROUTED, "no-shared-queue"),
        ("aiohttp/broken/hangs_up", Hop.SENT, Hop.SENT, "emit-while-reconnecting"),
        ("aiohttp/broken/other_name", Hop.APPLIED, Hop.RENDERED, "no-listener"),
        ("redis/broken/other_channel", Hop.RECEIVED, Hop.ROUTED, "queue-mismatch"),
        ("redis/broken/south_alone", Hop.ROUTED, Hop.ROUTED, "queue-mismatch"),
        ("redis/broken/counts_only", Hop.APPLIED, Hop.RENDERED, "panel-stale"),
    ],
)
def test_a_broken_system_is_blamed_on_the_right_hop(system: str, first: Hop, last: Hop, cause: str) -> None:
    """A hop that nobody sees is never blamed alone: the blame is then the range that it is in."""
    verdict = judged(system).verdict
    assert verdict.answer is Answer.FAILED, (sentences.verdict(verdict), verdict.unknowns)
    blame = verdict.blame[0]
    assert (blame.hops, blame.cause) == (tuple(hop for hop in Hop if first <= hop <= last), cause)


def test_every_broken_form_says_what_is_wrong_and_differs_by_little() -> None:
    files = sorted(SYSTEMS.glob("*/broken/*.toml"))
    assert {file.parent.parent.name for file in files} == {"aiohttp", "clinic", "flask", "node", "redis"}
    for file in files:
        lines = file.read_text("utf-8").splitlines()
        assert lines[0].startswith("# ") and lines[1].startswith('extends = "../') and len(lines) in (4, 5), file
        load(file)
