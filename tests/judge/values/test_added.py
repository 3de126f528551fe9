"""Fields that the server puts in, as an id: they are compared from there on, and with what pages show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.judge.values.added import added_at, as_sent, on_the_way, with_added
from harness.model import Hop, Kind, Sighting, Told
from harness.record.digests import digest
from harness.record.evidence import Evidence
from harness.record.identity import Envelope
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at


def test_a_message_from_the_server_keeps_what_was_added_beside_its_data() -> None:
    envelope = Envelope(None, None, None, None, "", added=("id",))
    event = envelope.read("made", [{"title": "tea", "id": 7}])
    assert event is not None and event.told is not None and event.told.rest is None
    kept = replace(envelope, keeps_added=True).read("made", [{"title": "tea", "id": 7}])
    assert kept is not None and kept.told is not None
    assert (kept.digest, kept.told.data, kept.told.rest) == (event.digest, {"title": "tea"}, {"added": {"id": 7}})


def story(routed: int, delivered: int) -> Story:
    told = Story("broadcast", added=("id",)).open("A", "B").start("main").emit("main", *TASK).end("main")
    told.change(at(Hop.ROUTED, "main/3"), lambda r: with_id(r, routed))
    return told.change(at(Hop.DELIVERED, "main/3", "A"), lambda r: with_id(r, delivered))


def with_id(sighting: Sighting, number: Any) -> Sighting:
    rest, event = {"added": {"id": number}}, sighting.event
    told = replace(event, told=Told(None, rest, digest(rest)))
    return replace(sighting, event=told, detail={**sighting.detail, **told.rest})


@pytest.mark.parametrize(("delivered", "is_wrong"), [(7, False), (8, True)])
def test_what_the_server_put_in_reaches_the_page_as_it_is(delivered: int, is_wrong: bool) -> None:
    evidence = Evidence(story(7, delivered).ledger())
    checks, found = on_the_way(evidence)
    assert checks == 1
    assert [(o.kind, o.key, o.dashboard, o.hops, o.finding.field) for o in found] == (
        [(Kind.CORRUPTED, "main/3", "A", (Hop.DELIVERED,), "id")] if is_wrong else []
    )
    assert added_at(evidence, "dashboard:A.1") == {"main/3": {"id": delivered}}


def test_a_page_shows_it_with_the_data() -> None:
    assert with_added({"title": "tea"}, {"id": 7}) == {"id": 7, "title": "tea"}
    assert with_added("tea", {"id": 7}) == "tea"


def sent_and_routed(*routed: Any, sent: Any = 7, replaced: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    """What is told of events that are all sent with an id, and of which the first are routed with these."""
    told = Story("broadcast", added=("id",), replaced=replaced).open("A").start("main").emit("main", *TASK).end("main")
    for number, id_ in enumerate(routed, 1):
        for hop, who, said in ((Hop.SENT, None, sent), (Hop.ROUTED, None, id_), (Hop.DELIVERED, "A", id_)):
            if said is not None:
                told.change(at(hop, f"main/{number}", who), lambda each, said=said: with_id(each, said))  # type: ignore[misc]
    _, found = as_sent(Evidence(told.ledger()))
    return [(o.kind, o.key, o.dashboard, o.hops) for o in found]


def test_what_was_sent_in_an_added_field_stays_as_it_is_where_it_does_so_as_a_rule() -> None:
    assert sent_and_routed(7, 7, 7) == []
    assert sent_and_routed(7, 7, 8) == [(Kind.CORRUPTED, "main/3", None, (Hop.ROUTED,))]


def test_a_server_may_put_its_own_in_the_place_of_what_was_sent() -> None:
    assert sent_and_routed(501, 502, 503) == []


def bytes_(count: int, sha1: str) -> dict[str, Any]:
    return {"_bytes": count, "sha1": sha1}


@pytest.mark.parametrize(
    ("sent", "routed"),
    [
        (bytes_(9, "aa"), (bytes_(8, "b1"), bytes_(7, "c2"))),
        ("a tall tree", ("a tall", "a tall t")),
        ("oak", ("oak and ash", "oak, elm")),
        (20.26, (20.3, 20)),
        ({"x": 1, "y": 2}, ({"x": 1, "y": 3}, {"x": 1, "y": 4})),
    ],
    ids=["bytes", "a part", "more around it", "rounded", "a field of an object"],
)
def test_what_is_made_of_what_was_sent_is_no_value_of_the_servers_own(sent: Any, routed: tuple[Any, ...]) -> None:
    """Another one in each event, as an id would be; and each is a changed value."""
    assert [kind for kind, *_ in sent_and_routed(*routed, sent=sent)] == [Kind.UNDETERMINED]


def test_what_it_does_at_times_is_not_known() -> None:
    assert sent_and_routed(7, 502, 503) == [(Kind.UNDETERMINED, "main/2", None, ())]


TIMES = [f"2026-12-01T10:00:0{second}.5+00:00" for second in range(4)]


@pytest.mark.parametrize(
    ("routed", "replaced", "is_known"),
    [
        (("high", "high", "high"), (), False),
        (("high", "high", "high"), ("id",), True),
        (("low", "high", "high"), (), False),
        (("high", "higher", "highest"), (), True),
        ((TIMES[1], TIMES[1], TIMES[2]), (), True),
        ((TIMES[0], TIMES[1], TIMES[1]), (), True),
        ((1764583200, 1764583200, 1764583201), (), True),
    ],
)
def test_one_value_in_place_of_those_that_were_sent_was_not_compared(
    routed: tuple[Any, ...], replaced: tuple[str, ...], is_known: bool
) -> None:
    sent = TIMES[0] if routed[0] in TIMES else "low"
    told = sent_and_routed(*routed, sent=sent, replaced=replaced)
    assert [kind for kind, *_ in told] == ([] if is_known else [Kind.UNDETERMINED])
