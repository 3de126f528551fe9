"""Events without ids: matched by name, occurrence and digest, and the verdict says which."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.model import Contract, Event, Fact, Hop, Record, Sighting
from harness.model.facts import Acknowledged, UnservedEmit, View
from harness.record.digests import digest
from harness.record.evidence.matching import matched
from harness.record.identity import Envelope
from harness.record.ledger import Ledger

CONTRACT = Contract(
    target="kitchen", strategy="broadcast", session="s", replays=False, bound_ms=1000, terminal=(), terminal_ok=(),
    declared=(), own_events=(), panels=(), taps=tuple(Hop), properties=(), dashboards=("A",),
)  # fmt: skip

BARE = Envelope(carrier="update", name="kind", session=None, seq=None, data="body")
LINE = Envelope(name=None, session=None, seq=None, data="")
TASK = [("soup", 1), ("fish", 2), ("soup", 1), ("soup", 3)]


def sightings(hop: Hop, events: Sequence[tuple[str, int | None]], observer: str = "dashboard:A.1") -> list[Sighting]:
    """Sightings as taps write them; without a number no data is shown."""
    listed = []
    for n, (name, number) in enumerate(events, 1):
        event = BARE.read("update", [{"kind": name, "body": {"qty": number}}])
        assert event is not None
        if number is None:
            event = Event(f"/{name}~", name, None, None, None)
        listed.append(Sighting(hop, event, observer, n + 100 * hop, n))
    return listed


def emitted(events: Sequence[tuple[str, int | None]]) -> list[Sighting]:
    found = []
    for n, (name, number) in enumerate(events, 1):
        told = None if number is None else digest({"qty": number})
        found.append(Sighting(Hop.EMITTED, Event(f"s/{n}", name, "s", n, told), "cli:main", n, n))
    return found


def keys(hop: Hop, *records: Record) -> list[str]:
    ledger, _ = matched(Ledger.of(CONTRACT, records))
    return [each.event.key for each in ledger.sightings if each.hop is hop]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (TASK, ["s/1", "s/2", "s/3", "s/4"]),
        (TASK[1:], ["s/2", "s/1", "s/4"]),  # which of two that say the same is missing can't be known
        ([*TASK[:1], *TASK[2:]], ["s/1", "s/3", "s/4"]),
        (TASK[:3], ["s/1", "s/2", "s/3"]),
        ([TASK[3], *TASK[:3]], ["s/4", "s/1", "s/2", "s/3"]),
        ([*TASK, TASK[1]], ["s/1", "s/2", "s/3", "s/4", "s/2"]),
        ([each for each in TASK for _ in (1, 2)], [f"s/{n}" for n in (1, 1, 2, 2, 3, 3, 4, 4)]),
        ([TASK[0], ("fish", 9), *TASK[2:]], ["s/1", "s/2", "s/3", "s/4"]),
        ([*TASK, ("bill", 1)], ["s/1", "s/2", "s/3", "s/4", f"s/bill~{digest({'qty': 1})}"]),
    ],
    ids=["all", "first gone", "lost", "tail lost", "reordered", "again", "all twice", "changed", "made up"],
)
def test_what_was_delivered_is_matched_with_what_was_reported(
    seen: list[tuple[str, int | None]], expected: list[str]
) -> None:
    assert keys(Hop.DELIVERED, *emitted(list(TASK)), *sightings(Hop.DELIVERED, seen)) == expected


def test_rows_without_data_are_matched_with_what_their_page_was_given() -> None:
    delivered = sightings(Hop.DELIVERED, [TASK[0], TASK[1], TASK[3]])
    rows = sightings(Hop.RENDERED, [("soup", None), ("fish", None), ("soup", None)])
    assert keys(Hop.RENDERED, *emitted(list(TASK)), *delivered, *rows) == ["s/1", "s/2", "s/4"]


def test_rows_of_what_a_page_was_given_twice_are_that_event_twice() -> None:
    """Of a name that came three times and stands three times, the second row is not the next event."""
    given = [TASK[0], TASK[1], TASK[1], TASK[2]]
    delivered = sightings(Hop.DELIVERED, [*given, ("fish", 5)])
    rows = sightings(Hop.RENDERED, [(name, None) for name, _ in [*given, ("fish", 5)]])
    reported = emitted([*TASK[:3], ("fish", 5)])
    view = Fact("dashboard:A.1", 900, 9, View(rows=("/soup~", "/fish~", "/fish~", "/soup~", "/fish~")))
    assert keys(Hop.RENDERED, *reported, *delivered, *rows) == ["s/1", "s/2", "s/2", "s/3", "s/4"]
    ledger, _ = matched(Ledger.of(CONTRACT, [*reported, *delivered, *rows, view]))
    assert [fact.body for fact in ledger.facts] == [View(rows=("s/1", "s/2", "s/2", "s/3", "s/4"))]


def test_a_page_that_shows_once_what_came_twice_shows_the_other_event_of_the_name() -> None:
    delivered = sightings(Hop.DELIVERED, [TASK[0], TASK[0], TASK[1], TASK[3]])
    rows = sightings(Hop.RENDERED, [("soup", None), ("fish", None), ("soup", None)])
    assert keys(Hop.RENDERED, *emitted([TASK[0], TASK[1], TASK[3]]), *delivered, *rows) == ["s/1", "s/2", "s/3"]


def test_what_was_changed_at_a_hop_is_the_same_event_at_the_next() -> None:
    """It is emitted to two pages one after the other, so that the server names it twice."""
    sent = sightings(Hop.SENT, [("soup", 7), ("fish", 2), ("soup", 8), ("soup", 3)], "cli:main")
    routed = [("soup", 7), ("soup", 7), ("fish", 2), ("fish", 2), ("soup", 8), ("soup", 8), ("soup", 3), ("soup", 3)]
    seen = [*emitted(list(TASK)), *sent, *sightings(Hop.ROUTED, routed, "server")]
    assert keys(Hop.ROUTED, *seen) == [f"s/{n}" for n in (1, 1, 2, 2, 3, 3, 4, 4)]


def test_what_is_changed_and_emitted_to_each_page_is_one_event() -> None:
    routed = [("soup", 7), ("soup", 7), ("fish", 2), ("fish", 2), ("soup", 8), ("soup", 8), ("soup", 3), ("soup", 3)]
    seen = [*emitted(list(TASK)), *sightings(Hop.ROUTED, routed, "server")]
    assert keys(Hop.ROUTED, *seen) == [f"s/{n}" for n in (1, 1, 2, 2, 3, 3, 4, 4)]


@pytest.mark.parametrize(("hop", "observer"), [(Hop.APPLIED, "dashboard:A.1"), (Hop.DELIVERED, "dashboard:A.1")])
def test_what_is_changed_is_an_event_that_came_this_far(hop: Hop, observer: str) -> None:
    before, by = (Hop.DELIVERED, observer) if hop is Hop.APPLIED else (Hop.ROUTED, "server")
    said = [*emitted([("soup", 5), *TASK[1:]]), *sightings(before, TASK[1:], by)]
    assert keys(hop, *said, *sightings(hop, [TASK[1], ("soup", 8), ("soup", 9)])) == ["s/2", "s/3", "s/4"]


def test_a_changed_and_doubled_event_is_not_one_that_did_not_come_this_far() -> None:
    said = [*emitted(TASK), *sightings(Hop.DELIVERED, [TASK[2]])]
    assert keys(Hop.APPLIED, *said, *sightings(Hop.APPLIED, [("soup", 8), ("soup", 8)])) == ["s/1", "s/1"]


def test_two_events_that_are_changed_to_the_same_are_two() -> None:
    routed = [("soup", 7), ("fish", 2), ("soup", 7), ("soup", 3)]
    assert keys(Hop.ROUTED, *emitted(list(TASK)), *sightings(Hop.ROUTED, routed, "server")) == [
        f"s/{n}" for n in (1, 2, 3, 4)
    ]


def test_one_more_of_a_name_with_unreported_data_is_made_up() -> None:
    routed = sightings(Hop.ROUTED, [TASK[0], ("soup", 9), *TASK[1:]], "server")
    assert keys(Hop.ROUTED, *emitted(TASK), *routed) == ["s/1", f"s/soup~{digest({'qty': 9})}", "s/2", "s/3", "s/4"]


def test_a_changed_event_that_comes_late_is_still_itself() -> None:
    sent = sightings(Hop.SENT, [("soup", 7), ("fish", 2), ("soup", 8), ("soup", 3)], "cli:main")
    routed = [("fish", 2), ("soup", 8), ("soup", 7), ("soup", 3)]
    seen = [*emitted(list(TASK)), *sent, *sightings(Hop.ROUTED, routed, "server")]
    assert keys(Hop.ROUTED, *seen) == ["s/2", "s/3", "s/1", "s/4"]


def test_lines_without_data_take_that_of_the_next_hop() -> None:
    lines = emitted([(name, None) for name, _ in TASK])
    sent = sightings(Hop.SENT, list(TASK), "cli:main")
    delivered = sightings(Hop.DELIVERED, [TASK[3]])
    assert keys(Hop.DELIVERED, *lines, *sent, *delivered) == ["s/4"]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([("fish", 1), ("fish", 1), ("fish", 2), ("fish", 3)], ["s/1", "s/1", "s/2", "s/3"]),
        ([("fish", 1), ("fish", 2), ("fish", 3), ("fish", 1)], ["s/1", "s/2", "s/3", "s/1"]),
        ([("fish", 1), ("fish", 1), ("fish", 3)], ["s/1", "s/2", "s/3"]),  # two that say the same
        ([("fish", 1), ("fish", 1), ("fish", 1), ("fish", 3)], ["s/1", "s/2", "s/2", "s/3"]),
    ],
)
def test_a_message_repeated_more_often_than_it_was_reported_is_no_further_event(
    sent: list[tuple[str, int | None]], expected: list[str]
) -> None:
    lines = emitted([("fish", None)] * 3)
    assert keys(Hop.SENT, *lines, *sightings(Hop.SENT, sent, "cli:main")) == expected


def test_the_verdict_says_how_each_hop_was_matched() -> None:
    rows = sightings(Hop.RENDERED, [("soup", None)])
    _, how = matched(Ledger.of(CONTRACT, [*emitted(list(TASK)), *sightings(Hop.DELIVERED, list(TASK)), *rows]))
    assert how == (
        "name and occurrence at rendered; name, occurrence and digest at delivered; session and seq at emitted"
    )


def test_numbers_without_a_session_belong_to_the_one_of_the_run() -> None:
    numbered = Envelope(carrier=None, name=None, session=None, seq="n", data="").read("soup", [{"n": 2, "qty": 1}])
    assert numbered is not None
    assert numbered.digest == digest({"qty": 1})
    sighting = Sighting(Hop.DELIVERED, numbered, "dashboard:A.1", 1, 1)
    assert keys(Hop.DELIVERED, *emitted(list(TASK)), sighting) == ["s/2"]


def test_facts_and_the_last_view_speak_of_the_same_events() -> None:
    told = f"/soup~{digest({'qty': 1})}"
    facts = [Fact("cli:main", n, n, Acknowledged(told, True)) for n in (50, 51)]
    view = Fact("dashboard:A.1", 900, 9, View(rows=("/fish~", "/soup~", "welcome")))
    records: list[Record] = [*emitted(list(TASK)), *sightings(Hop.DELIVERED, list(TASK)), *facts, view]
    ledger, _ = matched(Ledger.of(CONTRACT, records))
    assert [fact.body for fact in ledger.facts] == [
        Acknowledged("s/1", True),
        Acknowledged("s/3", True),
        View(rows=("s/2", "s/4", "welcome")),
    ]


def test_the_state_holds_what_the_list_leaves_out() -> None:
    """Its order is that in which it took its events in, however few of a name have a row."""
    state = ("/soup~", "/fish~", "/soup~", "/soup~")
    view = Fact("dashboard:A.1", 900, 9, View(rows=("/fish~", "/soup~"), state_events=state))
    seen = [record for hop in (Hop.DELIVERED, Hop.APPLIED) for record in sightings(hop, list(TASK))]
    rows = sightings(Hop.RENDERED, [("fish", None), ("soup", None)])
    ledger, _ = matched(Ledger.of(CONTRACT, [*emitted(list(TASK)), *seen, *rows, view]))
    [fact] = ledger.facts
    assert isinstance(fact.body, View) and fact.body.state_events == ("s/1", "s/2", "s/3", "s/4")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ([TASK[3], *TASK[:3]], ("s/4", "s/1", "s/2", "s/3")),
        ([TASK[3], TASK[0]], ("s/4", "s/3")),
        ([("soup", 9), TASK[1], TASK[3], TASK[0]], ("s/1", "s/2", "s/4", "s/3")),
        ([*TASK, TASK[3]], ("s/1", "s/2", "s/3", f"/soup~{digest({'qty': 3})}", "s/4")),
    ],
    ids=["in another order", "some", "one changed", "one too many"],
)
def test_an_item_of_the_state_is_the_event_whose_data_it_has(
    state: list[tuple[str, int]], expected: tuple[str, ...]
) -> None:
    items = tuple(f"/{name}~{digest({'qty': number})}" for name, number in state)
    view = Fact("dashboard:A.1", 900, 9, View(state_events=items))
    seen = [record for hop in (Hop.DELIVERED, Hop.APPLIED) for record in sightings(hop, list(TASK))]
    ledger, _ = matched(Ledger.of(CONTRACT, [*emitted(list(TASK)), *seen, view]))
    [fact] = ledger.facts
    assert isinstance(fact.body, View) and fact.body.state_events == expected


def test_what_is_numbered_is_left_alone() -> None:
    ledger = Ledger.of(CONTRACT, emitted(list(TASK)))
    assert matched(ledger) == (ledger, "session and seq")


@pytest.mark.parametrize(
    ("envelope", "event", "args"),
    [
        (LINE, "order:placed", [{"item": "tea"}]),
        (Envelope(carrier="update", name="kind", session=None, seq=None, data="body"), "update",
         [{"kind": "order:placed", "at": 5, "body": {"item": "tea"}}]),
        (Envelope(carrier="*", name="meta.kind", session=None, seq=None, data="body.in"), "whatever",
         [{"meta": {"kind": "order:placed"}, "body": {"in": {"item": "tea"}}}]),
        (Envelope(name=None, session=None, seq=None, data="", names={"placed": "order:placed"}), "placed",
         [{"item": "tea"}]),
        (Envelope(name=None, session=None, seq=None, data="", renamed={"what": "item"}, added=("at",)), "order:placed",
         [{"what": "tea", "at": 1.5}]),
    ],
    ids=["bare", "wrapped", "deeper", "other name", "other fields"],
)  # fmt: skip
def test_wrapped_and_renamed_it_is_the_same_event(envelope: Envelope, event: str, args: list[object]) -> None:
    found = envelope.read(event, args)
    assert found is not None
    assert (found.name, found.digest) == ("order:placed", digest({"item": "tea"}))


def test_own_messages_and_those_that_are_not_included_are_not_events() -> None:
    envelope = Envelope(name=None, session=None, seq=None, data="", own=("hello",), include=("order:*", "hello"))
    assert [envelope.read(name, [{}]) is not None for name in ("order:paid", "hello", "join")] == [True, False, False]


def test_a_fact_without_a_number_is_matched_where_every_sighting_has_one() -> None:
    """The producer that emits on a server object of its own: nothing is seen after its lines but those emits."""
    told = f"/soup~{digest({'qty': 3})}"
    fact = Fact("cli:main", 50, 50, UnservedEmit("soup", told))
    ledger, how = matched(Ledger.of(CONTRACT, [*emitted(list(TASK)), fact]))
    assert [each.body for each in ledger.facts] == [UnservedEmit("soup", "s/4")]
    assert how == "session and seq"


@pytest.mark.parametrize(
    ("key", "ok", "expected"),
    [
        ("s/fish~0123", False, "s/2"),  # its data could not be written: that is why it failed
        ("s/bill~0123", False, "s/bill~0123"),
        ("s/fish~0123", True, "s/fish~0123"),
    ],
    ids=["failed", "another name", "taken"],
)
def test_an_emit_that_failed_is_of_the_next_event_of_its_name_that_was_not_sent(
    key: str, ok: bool, expected: str
) -> None:
    sent = [each for each in sightings(Hop.SENT, TASK, "cli:main") if each.event.name != "fish"]
    failed = Fact("cli:main", 900, 1, Acknowledged(key, ok, None if ok else "not sent: TypeError: no JSON"))
    ledger, _ = matched(Ledger.of(CONTRACT, [*emitted(TASK), *sent, failed]))
    assert [each.body.key for each in ledger.facts if isinstance(each.body, Acknowledged)] == [expected]
