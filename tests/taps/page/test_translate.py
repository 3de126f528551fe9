"""From the page's own record to the harness's: pure, and all of it hostile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.lib.secrets import redact
from harness.model import PAGE_SIDE, Fact, Hop, Record, Sighting
from harness.model.facts import (
    Answered,
    FrameUnread,
    Notice,
    PageConnected,
    PageListens,
    Requested,
    RowAgain,
    TapTried,
    View,
)
from harness.record.digests import digest
from harness.record.identity import Envelope
from harness.record.jsonl import decode, encode
from harness.taps.page import PageSpec, RowSpec, StoreSpec
from harness.taps.page.clock import RESOLUTION_NS, Clock, compare
from harness.taps.page.translate import Translator
from harness.taps.page.values import UNREADABLE, public_url, read_json
from harness.taps.page.view import read_view

SPEC = PageSpec(store=StoreSpec("board"), windowed=True)
ENVELOPE = Envelope()


def translator(spec: PageSpec = SPEC) -> Translator:
    return Translator("A", spec, ENVELOPE.read, ENVELOPE.read_item)


def translate(*records: dict[str, Any], by: Translator | None = None, load: int = 1) -> list[Record]:
    timed = [{"t": float(index), **record} for index, record in enumerate(records)]
    return list((by or translator()).translate(load, timed, lambda page_ms: round(page_ms * 1e6)))


def wire(text: str, kind: str = "event", **more: Any) -> dict[str, Any]:
    return {"k": kind, "c": 1, "ns": "/", "id": None, "transport": "websocket", "text": text, "bytes": [], **more}


def applied(seq: int | None, index: int = 0, **more: Any) -> dict[str, Any]:
    data = {"k": "applied", "index": index, "type": "skill:started", "session": "s1" if seq else None, "seq": seq}
    return {**data, "data": "{}", **more}


def row(seq: Any, kind: str = "row") -> dict[str, Any]:
    return {"k": kind, "type": "skill:started", "session": "s1", "seq": seq, "index": "0"}


def rendered(records: list[Record]) -> list[tuple[str, str]]:
    return [(r.event.key, r.detail["via"]) for r in records if isinstance(r, Sighting) and r.hop is Hop.RENDERED]


def test_an_event_is_a_sighting_with_its_digest_and_anything_else_a_notice() -> None:
    sighting, notice = translate(
        wire('["skill:started",{"session":"s1","seq":1,"data":{"a":1}}]'),
        wire('["session:announced",{"session":"s1","token":"x"}]'),
    )
    assert isinstance(sighting, Sighting)
    assert isinstance(notice, Fact)
    assert (sighting.event.key, sighting.event.digest, sighting.observer) == ("s1/1", digest({"a": 1}), "dashboard:A.1")
    assert (sighting.n, notice.n, notice.at_ns) == (1, 2, 1_000_000)
    assert notice.body == Notice("session:announced", {"session": "s1", "token": "(redacted)"})


@pytest.mark.parametrize("text", ["[]", "[1]", "null", '"skill:started"', "[" * 100_000, f"[{'9' * 5000}]"])
def test_a_message_that_can_not_be_read_is_a_notice(text: str) -> None:
    (notice,) = translate(wire(text))
    assert isinstance(notice, Fact)
    assert isinstance(notice.body, Notice)
    assert notice.body.name == UNREADABLE
    assert len(notice.body.payload) <= 200


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('["step",{"session":"s1","seq":1,"data":{"token":NaN}}]', "NaN is not JSON"),
        ('["step",[-Infinity]]', "-Infinity is not JSON"),
        ("{", "Expecting property name enclosed in double quotes, at character 1"),
        ("", "Expecting value, at character 0"),
    ],
)
def test_what_no_browser_can_read_was_not_delivered(text: str, why: str) -> None:
    (told,) = translate(wire(text))
    assert isinstance(told, Fact) and isinstance(told.body, FrameUnread)
    assert told.body.why == why
    assert told.body.name == ("step" if "seq" in text else None)


def test_a_client_reads_nothing_after_a_message_that_it_can_not_read() -> None:
    """One answer to a poll holds several messages; a later connection is another matter."""
    said = '["step",{"session":"s1","seq":%d,"data":{"qty":%s}}]'
    first, second, third = translate(wire(said % (1, "NaN")), wire(said % (2, "1")), wire(said % (3, "1"), c=2))
    assert [f.body.key for f in (first, second) if isinstance(f, Fact) and isinstance(f.body, FrameUnread)] == [
        "s1/1",
        "s1/2",
    ]
    assert isinstance(third, Sighting) and third.event.key == "s1/3"


def test_the_page_s_listeners_are_told_and_the_name_of_a_carrying_message() -> None:
    told, sighting = translate(
        {"k": "listens", "s": 1, "ns": "/", "name": "event", "count": 0, "where": "/a.js:2 leave"},
        wire('["event",{"type":"step","session":"s1","seq":1,"data":{}}]'),
        by=Translator("A", SPEC, Envelope(carrier="event").read, ENVELOPE.read_item),
    )
    assert isinstance(told, Fact) and told.body == PageListens(1, "event", 0, "/", "/a.js:2 leave")
    assert isinstance(sighting, Sighting) and sighting.detail["carrier"] == "event"


@given(st.text())
def test_no_text_breaks_the_translation(text: str) -> None:
    for record in translate(wire(text), wire(text, "request"), wire(text, "answer", id=1), applied(1, data=text)):
        assert decode(json.loads(json.dumps(encode(record)))) == record


@pytest.mark.parametrize("record", [{"k": "open"}, {"k": "applied", "data": 1}, {"k": "counter"}])
def test_a_record_that_can_not_be_read_makes_the_tap_dead_and_the_next_is_read(record: dict[str, Any]) -> None:
    (told, read) = translate(record, wire('["skill:started",{"session":"s1","seq":1}]'))
    assert isinstance(told, Fact) and isinstance(told.body, TapTried)
    assert not told.body.alive and told.body.hops == PAGE_SIDE and repr(record["k"]) in (told.body.why or "")
    assert isinstance(read, Fact) and isinstance(read.body, Notice)


def test_an_answer_gets_the_name_of_its_request_on_the_same_connection() -> None:
    facts = translate(
        {"k": "open", "c": 1, "ns": "/", "sid": "A1", "transport": "polling"},
        wire('["subscribe",{"session":"s1","password":"x"}]', "request", id=0),
        wire('["unsubscribe",{}]', "request", id=0, c=2),
        wire('[{"ok":true}]', "answer", id=0),
        wire('[{"ok":false}]', "answer", id=0),
    )
    told = [fact.body for fact in facts if isinstance(fact, Fact)]
    assert told[0] == PageConnected("A1", "polling")
    assert told[1] == Requested("subscribe", [{"session": "s1", "password": "(redacted)"}], 0, "A1")
    assert told[3:] == [
        Answered("subscribe", [{"ok": True}], 0, "A1"),
        Answered(None, [{"ok": False}], 0, "A1"),
    ]


def test_the_state_of_one_load_does_not_reach_the_next() -> None:
    by = translator()
    first = translate(row("1"), by=by)
    second = translate(row("1"), by=by, load=2)
    assert [r.observer for r in first + second] == ["dashboard:A.1", "dashboard:A.2"]
    assert [r.n for r in first + second] == [1, 1]


def test_a_row_counts_once_and_twice_only_when_it_is_there_twice() -> None:
    records = translate(row("1"), row("1"), row("1", "row_twice"), row("x"), row(None), row(""))
    assert rendered(records) == [("s1/1", "row"), ("s1/1", "row")]


def test_outside_of_the_window_the_counter_renders_what_the_state_holds() -> None:
    counter = {"k": "counter", "value": 4, "text": "4 events"}
    window = {"k": "window", "text": "last 1 of 4", "shown": 1, "total": 4}
    state = [applied(None), *(applied(seq, seq) for seq in range(1, 5))]
    assert rendered(translate(*state, counter)) == [], "the list doesn't say that it is a part"
    assert rendered(translate(*state, window, row("3"), counter)) == [
        ("s1/3", "row"), ("s1/1", "counter"), ("s1/2", "counter"),
    ]  # fmt: skip
    assert rendered(translate(window, counter, *state)) == [(f"s1/{seq}", "counter") for seq in (1, 2, 3)]
    assert rendered(translate(*state, window, counter, row("1"), row("4"))) == [
        ("s1/1", "counter"), ("s1/2", "counter"), ("s1/3", "counter"), ("s1/4", "row"),
    ]  # fmt: skip
    assert rendered(translate(*state, window, {"k": "window", "gone": True}, counter)) == []
    unwindowed = translator(PageSpec(store=StoreSpec("board")))
    assert rendered(translate(*state, window, counter, by=unwindowed)) == []


def test_the_counter_stands_for_no_event_where_the_rows_are_all_that_it_counts() -> None:
    state = [applied(seq, seq) for seq in range(1, 5)]
    window = {"k": "window", "text": "2 of 2", "shown": 2, "total": 2}
    counts = [{"k": "counter", "value": value, "text": str(value)} for value in (1, 2, 3)]
    rows = [row("3"), counts[0], row("4"), counts[1]]
    assert rendered(translate(*state, window, *rows)) == [("s1/3", "row"), ("s1/4", "row")]
    assert rendered(translate(*state, window, *rows, counts[2])) == [
        ("s1/3", "row"), ("s1/4", "row"), ("s1/1", "counter"),
    ]  # fmt: skip


def test_rows_without_numbers_and_the_counter_stand_for_each_event_once_whichever_comes_first() -> None:
    plain = PageSpec(row=RowSpec("#log li", pattern="^(?<type>\\S+)"), windowed=True)
    came = [wire(f'["skill:started",{{"session":"s1","seq":{seq},"data":{{}}}}]') for seq in range(1, 5)]
    rows = [{"k": "row", "type": "skill:started", "session": None, "seq": None, "index": None}] * 2
    window = {"k": "window", "text": "2 of 4", "shown": 2, "total": 4}
    counter = {"k": "counter", "value": 4, "text": "4"}
    orders: list[list[dict[str, Any]]] = [[*rows, counter], [counter, *rows], [rows[0], counter, rows[1]]]
    for drawn in orders:
        by = Translator("A", plain, ENVELOPE.read, Envelope(session=None, seq=None).read_item)
        found = translate(*came, window, *drawn, by=by)
        assert len(rendered(found)) == 4, drawn
        assert len({key for key, _ in rendered(found)}) == 1, "which row is which is not known"


def test_the_counter_stands_for_no_event_that_a_row_without_a_session_has_shown() -> None:
    plain = PageSpec(row=RowSpec("#log li", "type", None, "seq"), windowed=True)
    by = Translator("A", plain, ENVELOPE.read, Envelope(session=None).read_item)
    came = [wire(f'["skill:started",{{"session":"s1","seq":{seq},"data":{{}}}}]') for seq in range(1, 4)]
    rows = [{**row(str(seq)), "session": None} for seq in (1, 3)]
    window = {"k": "window", "text": "last 1 of 3", "shown": 1, "total": 3}
    counter = {"k": "counter", "value": 3, "text": "3"}
    assert rendered(translate(*came, window, *rows, counter, by=by)) == [
        ("/1", "row"), ("/3", "row"), ("s1/2", "counter"),
    ]  # fmt: skip
    by = Translator("A", plain, ENVELOPE.read, Envelope(session=None).read_item)
    assert rendered(translate(came[0], window, counter, rows[0], by=by)) == [("s1/1", "counter")], "nor again after it"


def test_a_row_of_an_event_that_was_given_again_is_told_as_such() -> None:
    given = wire('["skill:started",{"session":"s1","seq":1,"data":{}}]')
    plain = PageSpec(row=RowSpec("#log li", "type", "session", "seq"))
    by = Translator("A", plain, ENVELOPE.read, Envelope().read_item)
    records = translate(given, row("1"), row("1"), given, row("1"), row("1"), by=by)
    assert rendered(records) == [("s1/1", "row")]
    told = [r.body for r in records if isinstance(r, Fact) and isinstance(r.body, RowAgain)]
    assert told == [RowAgain("s1/1", "skill:started", 1, "s1")]


def test_own_names_of_the_store_reach_the_identity() -> None:
    envelope = Envelope(name="kind", session="run", seq="number", data="body")
    spec = PageSpec(store=StoreSpec("board", type="kind", session="run", seq="number", data="body"))
    by = Translator("A", spec, envelope.read, envelope.read_item)
    sighting, shown = translate(applied(7, data='{"a":1}'), row("7"), by=by)
    assert isinstance(sighting, Sighting)
    assert isinstance(shown, Sighting)
    assert (sighting.event.key, sighting.event.digest) == ("s1/7", digest({"a": 1}))
    assert (shown.event.key, shown.event.digest) == ("s1/7", None)


def test_a_view_lists_keys_and_what_has_none_by_its_type() -> None:
    own = {"type": "connection:established", "session": None, "seq": None}
    item = {"type": "skill:started", "session": "s1", "seq": 1}
    panel = {"panel": "skills", "text": "1", "values": {}}
    view = {
        "rows": [{**own, "session": ""}, {**item, "seq": "1"}],
        "counter": {"value": 2, "text": "2 events"},
        "status": None,
        "window": None,
        "panels": [{**panel, "session": "s1"}, {**panel, "session": "s2"}],
        "state": {"events": [own, item], "connection": "connected"},
    }
    shown = read_view(view, translator())
    assert shown.rows == shown.state_events == ("connection:established", "s1/1")
    assert list(shown.panels or ()) == ["skills", "skills s2"]
    assert read_view(dict.fromkeys(view), translator()) == View(panels={})


@pytest.mark.parametrize("number", [1e21, 2**53 + 1, float("inf"), float("nan"), "7", None])
def test_a_number_that_no_page_counts_to_is_not_read(number: object) -> None:
    counter = {"value": number, "text": "many"}
    shown = read_view(
        {**dict.fromkeys(("status", "rows", "panels", "window", "state")), "counter": counter}, translator()
    )
    assert (shown.counter, shown.counter_text) == (None, "many")


def test_secrets_are_taken_out_of_data_and_addresses() -> None:
    hostile = {"Token": 1, "my_password": [1], "a": [{"client-secret": "x", "b": "token"}]}
    assert redact(hostile) == {
        "Token": "(redacted)",
        "my_password": "(redacted)",
        "a": [{"client-secret": "(redacted)", "b": "token"}],
    }
    assert public_url("http://me:pw@h:1/p?token=x&a=%20b#c") == "http://h:1/p?token=(redacted)&a=%20b#c"
    assert public_url("http://h/#access_token=x") == "http://h/#(redacted)"


def test_attachments_are_described() -> None:
    text = '{"a":{"_placeholder":true,"num":1},"b":[{"_placeholder":true,"num":7}]}'
    told: list[dict[str, Any]] = [{"size": 3, "sha1": "12"}, {"size": 5}]
    assert read_json(text, told) == {"a": {"_bytes": 5}, "b": [{"_placeholder": True, "num": 7}]}


def test_the_shortest_round_trip_gives_the_clock() -> None:
    times = iter([0, 10_000_000, 20_000_000, 22_000_000, 30_000_000, 36_000_000])
    pages = iter([1.0, 5.0, 9.0])
    clock = compare(lambda: next(pages), lambda: next(times), rounds=3)
    assert clock == Clock(offset_ns=21_000_000 - 5_000_000, error_ns=1_000_000 + RESOLUTION_NS)
    assert clock.harness_ns(5.0) == 21_000_000
    assert clock.moved(-2.0, 7) == Clock(14_000_000, 1_000_000 + RESOLUTION_NS + 7)
