"""The independent witness: hand-written diaries of a world of three events, healthy and with each kind of deed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.model import Hop, Kind
from harness.selftest.worlds.diaries import Entry, goods, read
from harness.selftest.worlds.draw import Bug, draw
from harness.selftest.worlds.mechanisms import BY_ID
from harness.selftest.worlds.oracle import Deed, deeds
from harness.selftest.worlds.truth import check

SCRIPT: tuple[tuple[str, dict[str, Any]], ...] = tuple(
    (name, {"item": f"K0{n} tea", "price": n + 0.5, "note": "as usual"})
    for n, name in enumerate(("opened", "paid", "closed"), start=1)
)
PAGES = ("pa", "pb")


def entry(part: str, verb: str, n: int, at_ms: int, more: Any = None) -> Entry:
    name, message = SCRIPT[n - 1]
    return Entry(part, at_ms, verb, f"K0{n}", [name, [{"shift": "s", "n": n, **message}]] if more is None else more)


def healthy() -> list[Entry]:
    """What all parts write when nothing is wrong: a millisecond a station, ten an event."""
    found = []
    for n in (1, 2, 3):
        at = 1000 + 10 * n
        found += [entry("producer", verb, n, at + place) for place, verb in enumerate(("said", "sent"))]
        found.append(entry("server-server", "took", n, at + 2))
        name, message = SCRIPT[n - 1]
        found.append(entry("server-server", "gave", n, at + 3, [name, [{"shift": "s", "n": n, **message}], [*PAGES]]))
        for page in PAGES:
            marks = [f"K0{each}" for each in range(1, n + 1)]
            rows = [f"{SCRIPT[each - 1][0]} #{each} of s: K0{each} tea" for each in range(1, n + 1)]
            panel = sum(SCRIPT[each - 1][0] == "paid" for each in range(1, n + 1))
            screen = {"rows": rows, "count": str(n), "panels": {"panel-paid": panel}}
            found.append(entry(f"page-{page}", "got", n, at + 4))
            found.append(entry(f"page-{page}", "kept", n, at + 5, message))
            found.append(Entry(f"page-{page}", at + 5, "order", "", marks))
            found.append(Entry(f"page-{page}", at + 6, "screen", "", screen))
    return found


Change = Callable[[list[Entry]], list[Entry]]


def without(verb: str, *parts: str) -> Change:
    """Event 2 is missing from here on."""
    order = ("said", "sent", "took", "gave", "got", "kept")
    gone = order[order.index(verb) :]

    def change(entries: list[Entry]) -> list[Entry]:
        rest = [e for e in entries if not (e.mark == "K02" and e.verb in gone and is_here(e))]
        return [redrawn(e) if e.verb in ("screen", "order") and is_here(e) else e for e in rest]

    def is_here(e: Entry) -> bool:
        return not parts or e.part in parts

    return change


def redrawn(e: Entry) -> Entry:
    """The screen, or the order of the state, without event 2."""
    if e.verb == "order":
        return replace(e, more=[mark for mark in e.more if mark != "K02"])
    rows = [row for row in e.more["rows"] if "K02" not in row]
    return replace(e, more={"rows": rows, "count": str(len(rows)), "panels": {"panel-paid": 0}})


def twice(verb: str) -> Change:
    """Event 2 twice at one station of the producer or the server."""
    return lambda entries: [again for e in entries for again in ([e, e] if (e.mark, e.verb) == ("K02", verb) else [e])]


def changed(verb: str) -> Change:
    """Event 2 with another price from here on."""

    def change(entries: list[Entry]) -> list[Entry]:
        return [other(e) if (e.mark, e.verb) == ("K02", verb) else e for e in entries]

    def other(e: Entry) -> Entry:
        message = {**SCRIPT[1][1], "price": 7}
        return replace(e, more=message if verb == "kept" else [e.more[0], [message], *e.more[2:]])

    return change


def late(verb: str) -> Change:
    """Event 2 comes three seconds later to a station."""
    return lambda entries: [
        replace(e, at_ms=e.at_ms + 3000) if (e.mark, e.verb) == ("K02", verb) else e for e in entries
    ]


def last_screen(page: str, **more: Any) -> Change:
    """A page's last screen shows something else."""

    def change(entries: list[Entry]) -> list[Entry]:
        last = max((e for e in entries if e.part == page and e.verb == "screen"), key=lambda e: e.at_ms)
        return [replace(e, more={**e.more, **more}) if e is last else e for e in entries]

    return change


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert deeds(healthy(), SCRIPT, "text") == set()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (without("sent"), {Deed("sent", "lost", "K02")}),
        (without("took"), {Deed("took", "lost", "K02")}),
        (without("gave"), {Deed("gave", "lost", "K02", page) for page in PAGES}),
        (without("got", "page-pa"), {Deed("got", "lost", "K02", "pa")}),
        (without("kept", "page-pb"), {Deed("kept", "lost", "K02", "pb")}),
        (twice("sent"), {Deed("sent", "doubled", "K02"), Deed("took", "lost", "K02")}),
        (changed("sent"), {Deed("sent", "changed", "K02"), Deed("took", "changed", "K02")}),
        (changed("kept"), {Deed("kept", "changed", "K02", page) for page in PAGES}),
        (late("took"), {Deed("took", "late", "K02")}),
    ],
)
def test_a_deed_is_told_with_its_station_event_and_page(change: Change, expected: set[Deed]) -> None:
    assert deeds(change(healthy()), SCRIPT, "text") == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"count": "2"}, Deed("screen", "misdrawn", "count", "pa")),
        ({"panels": {"panel-paid": 0}}, Deed("screen", "misdrawn", "panel-paid", "pa")),
        ({"rows": ["opened #1 of s: K01 tea", "closed #3 of s: K03 tea"]}, Deed("screen", "lost", "K02", "pa")),
        (
            {"rows": ["opened #1 of s: K01 tea", "paid #3 of s: K02 tea", "closed #3 of s: K03 tea"]},
            Deed("screen", "changed", "K02", "pa"),
        ),
    ],
)
def test_a_screen_is_compared_with_what_the_page_kept(more: dict[str, Any], expected: Deed) -> None:
    assert deeds(last_screen("page-pa", **more)(healthy()), SCRIPT, "text") == {expected}


def test_an_order_is_told_by_the_event_that_was_overtaken() -> None:
    entries = healthy()
    first, second = (
        next(place for place, e in enumerate(entries) if e.verb == "got" and e.mark == mark) for mark in ("K01", "K02")
    )
    entries[first], entries[second] = entries[second], entries[first]
    assert Deed("got", "reordered", "K01", "pa") in deeds(entries, SCRIPT, "text")


def test_what_a_page_posted_is_put_into_its_own_order(tmp_path: Path) -> None:
    (tmp_path / "page-pa.tsv").write_text('5\tgot\tK02\t""\t2\n4\tgot\tK01\t""\t1\n')
    (tmp_path / "producer.tsv").write_text('9\tsaid\tK03\t{"a": 1}\n')
    assert [e.mark for e in read(tmp_path)] == ["K01", "K02", "K03"]


def test_a_carrier_s_body_and_plain_fields_are_the_same_goods() -> None:
    body = {"item": "K01 tea", "price": 1.5}
    carried = ["update", [{"kind": "paid", "shift": "s", "n": 1, "body": body}]]
    assert goods(carried) == goods(["paid", [{"n": 1, "shift": "s", **body}]]) == goods(body)


# What is true

WORLD = next(world for world in map(draw, range(100)) if not world.bugs)


def test_a_bug_that_did_not_happen_does_not_count() -> None:
    world = replace(WORLD, bugs=(Bug(BY_ID["handler-forgets"], ("K02",)),))
    truth = check(world, [], 0)
    assert (truth.bugs, truth.disputed) == ((), "")


def test_a_bug_that_happened_is_told_with_its_kinds_and_pages() -> None:
    bug = Bug(BY_ID["skips-one"], ("K02",))
    truth = check(replace(WORLD, bugs=(bug,)), [Deed("gave", "lost", "K02", "pa")], 0)
    assert truth.bugs == (bug,)
    assert truth.kinds == (frozenset({Kind.LOST}),)
    assert truth.hops == (frozenset({Hop.ROUTED}),)
    assert truth.pages == (frozenset({"pa"}),)


def test_a_deed_that_no_bug_explains_disputes_the_world() -> None:
    world = replace(WORLD, bugs=(Bug(BY_ID["handler-forgets"], ("K02",)),))
    truth = check(world, [Deed("gave", "lost", "K02", "pa"), Deed("sent", "doubled", "K03")], 0)
    assert "sent" in truth.disputed
    assert check(WORLD, [], 1).disputed, "an exit status that nothing explains"


def test_what_waits_for_a_late_event_is_not_disputed() -> None:
    world = replace(WORLD, bugs=(Bug(BY_ID["routes-late"], ("K02",)),))
    truth = check(world, [Deed("gave", "late", "K02", "pa"), Deed("got", "lost", "K03", "pa")], 0)
    assert truth.disputed == ""
    assert truth.hops == (frozenset({Hop.ROUTED, Hop.DELIVERED}),)
    assert truth.kinds[0] >= {Kind.LATE, Kind.LOST}


def test_a_bug_is_also_at_the_hop_of_another_one_where_that_is_at_other_events() -> None:
    early, unheard = Bug(BY_ID["closes-early"], ("K03",)), Bug(BY_ID["name-unheard"], ("K01",))
    lost = [Deed("sent", "lost", "K04"), Deed("took", "lost", "K01")]
    truth = check(replace(WORLD, bugs=(unheard, early)), lost, 0)
    assert truth.hops == (frozenset({Hop.RECEIVED}), frozenset({Hop.SENT}))
    truth = check(replace(WORLD, bugs=(unheard, early)), [*lost, Deed("took", "lost", "K03")], 0)
    assert truth.hops == (frozenset({Hop.RECEIVED}), frozenset({Hop.SENT, Hop.RECEIVED}))
