"""The two pictures: counts, blind hops and the break at their hop; events with a cross where they were lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from harness.model import Hop
from harness.reporting.pictures import hop_picture, sequence_picture
from tests.support.history import History, at, clean, event, from_hop
from tests.support.reported import judged, long_run, mismatch, report


def shapes(picture: str, kind: str) -> list[ElementTree.Element]:
    """The shapes that have a class."""
    return [each for each in ElementTree.fromstring(picture).iter() if kind in each.get("class", "").split()]


def words(picture: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(picture).iter() if each.tag.endswith("}text")]


def hops(history: History) -> str:
    return hop_picture(judged(history)[1])


def sequence(history: History, limit: int = 24) -> str:
    return sequence_picture(*judged(history), limit)


def crosses(picture: str) -> Iterator[float]:
    """Where crosses are, from left to right in each row; the last one is the legend's."""
    for each in shapes(picture, "cross")[:-1]:
        yield float(each.attrib["d"].removeprefix("M").split(" ")[0]) + 5


def lane(picture: str, name: str) -> float:
    """The place of a lane, by either line of its head."""
    (found,) = [
        e for e in ElementTree.fromstring(picture).iter() if e.text == name and e.get("text-anchor") == "middle"
    ]
    return float(found.attrib["x"])


@pytest.mark.parametrize("draw", [hops, sequence])
def test_a_picture_says_what_it_is_to_who_can_not_see_it(draw: Callable[[History], str]) -> None:
    root = ElementTree.fromstring(draw(mismatch()))
    assert root.get("role") == "img"
    title, description = (root.find(f"{{*}}{name}") for name in ("title", "desc"))
    assert title is not None
    assert title.text
    assert description is not None
    assert "4 of 4 events lost at routed" in (description.text or "")
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert "prefers-color-scheme:dark" in draw(mismatch())


def test_an_emit_to_several_rooms_goes_through_each_of_them() -> None:
    """As a record read from disk has them: in a list."""
    told = {"room": ["fleet", "<number 7>"], "where": "ingest.js:33"}
    history = clean().changed(at(Hop.ROUTED), lambda sighting: replace(sighting, detail=told))
    assert {"fleet", "<number 7>"} <= {*words(sequence(history))}
    assert "failed" not in report(history)


def test_a_clean_run_has_seven_good_hops() -> None:
    picture = hops(clean())
    assert len(shapes(picture, "node")) == 7
    assert shapes(picture, "broken") == shapes(picture, "blind") == shapes(picture, "cross") == []
    assert words(picture)[:4] == ["4", "emitted", "4", "sent"]


def test_the_break_is_red_at_its_hop() -> None:
    picture = hops(mismatch())
    (broken,) = shapes(picture, "broken")
    (label,) = [each for each in shapes(picture, "name") if "bad" in each.get("class", "").split()]
    assert label.text == "routed"
    assert broken.get("cx") == label.get("x")
    assert len(shapes(picture, "node")) == 3
    assert len(shapes(picture, "cross")) == 1
    assert "failed: room-mismatch at routed" in words(picture)


def test_a_blind_hop_is_dashed_and_a_range_is_broken_through() -> None:
    taps = tuple(hop for hop in Hop if hop is not Hop.DELIVERED)
    picture = hops(clean().without(from_hop(Hop.DELIVERED)).promising(taps=taps))
    (blind,) = shapes(picture, "blind")
    assert "?" in words(picture)
    assert "no tap" in words(picture)
    assert [each.get("class") for each in shapes(picture, "broken")] == ["blind broken", "broken"]
    assert blind.get("cx") == shapes(picture, "broken")[0].get("cx")


def test_each_event_is_a_row_and_ends_at_its_dashboards() -> None:
    picture = sequence(clean())
    assert [w for w in words(picture) if w[:1].isdigit()] == [
        "1 run:started",
        "2 step:done",
        "3 step:done",
        "4 run:completed",
    ]
    assert len(shapes(picture, "node")) - 1 == 8  # the legend has one
    assert list(crosses(picture)) == []


def test_what_is_lost_in_a_room_has_its_cross_there() -> None:
    picture = sequence(mismatch("lonely"))
    assert list(crosses(picture)) == [lane(picture, "lonely")] * 4
    assert len(shapes(picture, "node")) == 1


def test_what_never_leaves_the_cli_has_its_cross_beside_it() -> None:
    picture = sequence(clean().without(from_hop(Hop.SENT, "s/2")))
    (place,) = crosses(picture)
    assert 0 < place - lane(picture, "main") < 20


def test_what_never_arrives_at_the_server_has_its_cross_half_way() -> None:
    picture = sequence(clean().without(from_hop(Hop.RECEIVED, "s/2")))
    (place,) = crosses(picture)
    assert place == (lane(picture, "main") + lane(picture, "server")) / 2


def test_what_one_dashboard_misses_has_its_cross_there() -> None:
    picture = sequence(clean().without(from_hop(Hop.DELIVERED, "s/2", "B")))
    (place,) = crosses(picture)
    assert -20 < place - lane(picture, "B") < 0
    arrived = sequence(clean().without(from_hop(Hop.RENDERED, "s/2", "B")))
    assert len(shapes(arrived, "empty")) - 1 == 1


def test_rows_are_few_and_those_that_went_wrong_are_among_them() -> None:
    picture = sequence(long_run(200).without(from_hop(Hop.DELIVERED, "s/150", "A")), limit=10)
    rows = [w for w in words(picture) if w[:1].isdigit()]
    assert len(rows) == 10
    assert "150 step:done" in rows
    assert [w for w in words(picture) if w.startswith("…")] == ["… 140 more", "… 50 more"]


def test_a_run_without_events_is_still_a_picture() -> None:
    history = clean().without(from_hop(Hop.EMITTED))
    assert shapes(sequence(history), "lane")
    assert words(hops(history)).count("0") == 7


def test_replays_have_a_lane_of_their_own() -> None:
    history = clean()
    history.see(Hop.ROUTED, event(1), "server", 99, recipients=("sid-B",), detail={"room": "sid-B"})
    assert "replay" in words(sequence(history))
    assert "replay" not in words(sequence(clean()))


def test_lost_at_applied_shows_no_break_before_it() -> None:
    picture = hops(clean().without(at(Hop.APPLIED)).without(at(Hop.RENDERED)))
    assert len(shapes(picture, "node")) == 5
    (broken,) = shapes(picture, "broken")
    assert float(broken.attrib["cx"]) > 700
