"""What is emitted in a namespace without a party of the run: no event of it, unless a producer reported it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Hop, Record, Sighting
from harness.model.facts import Connected
from harness.record.evidence import Evidence
from harness.record.identity import Envelope
from harness.record.ledger import Ledger
from tests.record.evidence.test_matching import CONTRACT, TASK, emitted
from tests.support.records import Records

WIRE = Envelope(name=None, session=None, seq=None, data="")


def routed(name: str, data: Mapping[str, Any], namespace: str | None, *recipients: str) -> Sighting:
    event = WIRE.read(name, [data])
    assert event is not None
    return Sighting(Hop.ROUTED, event, "server", 0, 0, recipients, {"namespace": namespace})


def events(*seen: Sighting, namespace: str = "/", told: bool = True) -> list[str]:
    """The names of what counts as an event of a run that emits its own ones as they should be, and some more."""
    story = Records().fact(Connected, "server", sid="a", namespace=namespace)
    own = [routed(name, {"qty": qty}, namespace, "a") for name, qty in TASK]
    numbered: list[Record] = [replace(each, n=n, at_ns=n) for n, each in enumerate([*own, *seen], 10)]
    found = Evidence(Ledger.of(CONTRACT, [*(emitted(TASK) if told else ()), *story.records, *numbered]))
    return [found.events[key].name for key in found.events][len(TASK) :]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (routed("server_stats", {"clients": 2}, "/admin"), []),
        (routed("event_sent", {"clients": 2}, "/internal"), []),
        (routed("bill", {"qty": 7}, "/"), ["bill"]),
        (routed("bill", {"qty": 7}, None), ["bill"]),
        (routed("bill", {"qty": 7}, "/admin", "z"), ["bill"]),  # a client got it
        (routed("bill", {"qty": 3}, "/admin"), ["bill"]),  # it says what a producer said, by another name
    ],
    ids=["another namespace", "one more", "where all are", "no namespace told", "to a client", "renamed"],
)
def test_what_no_producer_knows_and_no_client_hears_is_not_an_event(seen: Sighting, expected: list[str]) -> None:
    assert events(seen) == expected


def test_where_dashboards_are_in_a_namespace_of_their_own_that_one_counts() -> None:
    assert events(routed("bill", {"qty": 7}, "/orders"), namespace="/orders") == ["bill"]
    assert events(routed("bill", {"qty": 7}, "/admin"), namespace="/orders") == []


def test_an_event_that_a_producer_reported_is_one_wherever_it_is_emitted() -> None:
    story = Records().fact(Connected, "server", sid="a", namespace="/")
    seen = [replace(routed(name, {"qty": qty}, "/admin"), n=n, at_ns=n) for n, (name, qty) in enumerate(TASK, 10)]
    found = Evidence(Ledger.of(CONTRACT, [*emitted(TASK), *story.records, *seen]))
    assert [*found.once[Hop.ROUTED]] == ["s/1", "s/2", "s/3", "s/4"] and not found.elsewhere


def test_where_producers_are_not_observed_nothing_is_left_out() -> None:
    assert events(routed("server_stats", {"clients": 2}, "/admin"), told=False) == ["server_stats"]
