"""Clients that come back under their old id, as connection state recovery makes them."""

from __future__ import annotations

from harness.model import Fact
from harness.model.facts import Connected, Disconnected
from harness.record.evidence.connections import gone, stays
from tests.support.facts import body_of


def came(n: int, sid: str) -> Fact[Connected]:
    return Fact("server", n, n, body_of(Connected, sid=sid, transport="websocket"))


def went(n: int, sid: str) -> Fact[Disconnected]:
    return Fact("server", n, n, body_of(Disconnected, sid=sid, reason="transport close"))


def test_each_connection_of_an_id_has_its_own_end() -> None:
    comes, goes = [came(1, "a"), came(2, "b"), came(5, "a"), came(9, "a")], [went(3, "a"), went(7, "a")]
    found = stays(comes, goes)
    assert [(each.began.n, each.end and each.end.n) for each in found] == [(1, 3), (2, None), (5, 7), (9, None)]
    assert not gone(found, goes)


def test_a_client_that_left_for_good_is_gone_also_if_its_arrival_was_not_observed() -> None:
    comes, goes = [came(1, "a"), came(5, "a")], [went(3, "a"), went(4, "before"), went(7, "a")]
    assert {sid: end.n for sid, end in gone(stays(comes, goes), goes).items()} == {"a": 7, "before": 4}
