"""Which event a payload is, and when two payloads are the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from harness.record.digests import digest
from harness.record.identity import Envelope, Recognized, events_of, key_of

INGRESS, EGRESS = Envelope(carrier="publish"), Envelope()
PAYLOAD = {"session": "s", "seq": 3, "type": "skill:started", "data": {"skill": "tidy"}, "at": "now"}

JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**53), 2**53) | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)


def test_an_event_is_the_same_on_both_sides_of_the_server() -> None:
    sent, routed = INGRESS.read("publish", [PAYLOAD]), EGRESS.read("skill:started", [PAYLOAD])
    assert sent is not None
    assert sent == routed
    assert (sent.key, sent.name, sent.session, sent.seq) == ("s/3", "skill:started", "s", 3)
    assert sent.key == key_of("s", 3)


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("session:open", [PAYLOAD]),
        ("publish", []),
        ("publish", ["text"]),
        ("publish", [None]),
        ("publish", [[PAYLOAD]]),
    ],
)
def test_what_the_carrier_does_not_carry_is_not_an_event(event: str, args: list[Any]) -> None:
    assert INGRESS.read(event, args) is None


@pytest.mark.parametrize(
    "change",
    [
        {"seq": None},
        {"seq": "3"},
        {"seq": True},
        {"seq": 3.0},
        {"session": None},
        {"session": True},
        {"session": 7.5},
        {"type": 5},
    ],
)
def test_a_payload_without_session_number_or_name_is_not_an_event(change: dict[str, Any]) -> None:
    assert INGRESS.read("publish", [{**PAYLOAD, **change}]) is None


def test_a_session_that_is_a_number_is_known_by_it() -> None:
    event = INGRESS.read("publish", [{**PAYLOAD, "session": 1763325196}])
    assert event is not None and event.session == "1763325196"


def test_a_notice_that_names_a_session_and_a_number_is_not_an_event() -> None:
    assert EGRESS.read("session:ended", [{"session": "s", "seq": 3, "status": "completed"}]) is None


TEXT = r"^(?P<shift>[^|]*)\|(?P<n>[^|]*)\|(?P<item>[^|]*)(?:\|(?P<note>.*))?$"
IN_TEXT = Envelope(name=None, session="shift", seq="n", data="", text=TEXT)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("late|7|tea|hot", ("late/7", {"item": "tea", "note": "hot"})),
        ("late|7|tea", ("late/7", {"item": "tea"})),
        ({"shift": "late", "n": 7, "item": "tea"}, ("late/7", {"item": "tea"})),
        ("late|seven|tea", None),
        ("late", None),
        (7, None),
    ],
    ids=["a text", "without a group", "fields after all", "no number", "another text", "no text"],
)
def test_a_text_has_the_fields_that_its_pattern_finds(payload: Any, expected: tuple[str, Any] | None) -> None:
    found = IN_TEXT.read("placed", [payload])
    assert (found and found.told and (found.key, found.told.data)) == expected


@pytest.mark.parametrize(
    ("payload", "around"),
    [
        ("late|7|tea|hot", "\0|\0|\0|\0"),
        ("late|7|tea", "\0|\0|\0"),
        ("late|7|crêpe, §7|hot", "\0|\0|\0|\0"),
    ],
)
def test_what_stands_around_the_fields_of_a_text_is_the_rest_of_its_message(payload: str, around: str) -> None:
    found = IN_TEXT.read("placed", [payload])
    assert found is not None and found.told is not None and found.told.rest == {"text": {TEXT: around}}


@pytest.mark.parametrize(
    ("payload", "around"), [("pay 3.50 € now", "pay \0 now"), ({"m": "pay 3 €, ok"}, "pay \0, ok")]
)
def test_what_the_pattern_does_not_name_is_compared_as_well(payload: Any, around: str) -> None:
    pattern = r"(?P<price>[\d.]+ €)"
    data = "m" if isinstance(payload, dict) else ""
    found = Envelope(session=None, seq=None, data=data, text=pattern).read("paid", [payload, 2])
    assert found is not None and found.told is not None
    assert found.told.rest == {"args": [2], "text": {pattern: around}}


def test_a_text_in_the_data_is_read_by_the_pattern_too() -> None:
    found = Envelope(session=None, seq=None, data="msg", text="^robot: (?P<msg>.*)$").read(
        "say", [{"msg": "robot: hi"}]
    )
    assert found is not None and found.told is not None and found.told.data == {"msg": "hi"}


def test_a_state_that_keeps_the_text_holds_the_same_event() -> None:
    sent = IN_TEXT.read("placed", ["late|7|tea|hot"])
    state = Envelope(name="kind", session="s", seq="i", data="data", added=("shift", "n"), text=TEXT)
    held = state.read_item({"kind": "placed", "s": "late", "i": 7, "data": "late|7|tea|hot"})
    assert sent is not None and held is not None and (held.key, held.digest) == (sent.key, sent.digest)


def test_an_item_of_the_state_has_its_name_inside() -> None:
    item = {"kind": "x", "id": "s", "n": 1, "body": 2}
    found = Envelope(name="kind", session="id", seq="n", data="body").read_item(item)
    assert found is not None
    assert (found.key, found.name, found.digest) == ("s/1", "x", digest(2))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1}),
        (1, 1.0),
        (0, -0.0),
        ([1e3], [1000]),
        ({"x": (1, 2)}, {"x": [1, 2]}),
        ("é", "\u00e9"),
    ],
)
def test_the_same_data_has_the_same_digest(one: Any, other: Any) -> None:
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": "1"}),
        ([1, 2], [2, 1]),
        (None, {}),
        (True, 1),
        ("e\u0301", "\u00e9"),
        ({"task_name": 1}, {"task": 1}),
        (2**53 + 1, float(2**53)),
        ("\ud800", "\ufffd"),
    ],
)
def test_other_data_has_another_digest(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


@given(JSON)
def test_data_keeps_its_digest_on_its_way_through_json(data: Any) -> None:
    assert digest(json.loads(json.dumps(data))) == digest(data)
    assert len(digest(data)) == 16


def test_data_that_is_nested_beyond_reason_is_an_event_all_the_same() -> None:
    data: Any = None
    for _ in range(100_000):
        data = [data]
    event = INGRESS.read("publish", [{**PAYLOAD, "data": data}])
    assert event is not None
    assert event.key == "s/3"


FRAME = ["booked", {"day": "monday", "n": 2}, {"id": 7, "patient": "Ada"}, "09:30"]
SEVERAL = Envelope(
    carrier="frame", name="args.0", session="args.1.day", seq="args.1.n", data="",
    parts={"id": "args.2.id", "patient": "args.2.patient", "at": "args.3"},
)  # fmt: skip


def test_an_event_is_read_from_several_arguments() -> None:
    found = SEVERAL.read("frame", FRAME)
    assert found is not None and found.told is not None
    assert (found.key, found.name) == ("monday/2", "booked")
    assert found.told.data == {"id": 7, "patient": "Ada", "at": "09:30"} and found.told.rest is None


def test_an_argument_that_nothing_is_read_from_is_the_rest_of_its_message() -> None:
    found = SEVERAL.read("frame", [*FRAME, "urgent"])
    assert found is not None and found.told is not None
    assert found.told.rest == {"args": {"4": "urgent"}}


@pytest.mark.parametrize("args", [["♥ 1"], ["welcome", {}, {"rooms": 3}], [], ["booked", {"day": "monday", "n": "2"}]])
def test_a_frame_without_what_an_event_has_is_not_an_event(args: list[Any]) -> None:
    assert SEVERAL.read("frame", args) is None


def test_the_data_may_be_one_argument_without_what_identifies_the_event() -> None:
    found = Envelope(name=None, session="args.1.day", seq="args.1.n", data="args.1").read(
        "booked", [{"x": 1}, {"day": "monday", "n": 2, "at": "09:30"}]
    )
    assert found is not None and found.told is not None
    assert (
        found.key == "monday/2" and found.told.data == {"at": "09:30"} and found.told.rest == {"args": {"0": {"x": 1}}}
    )


def test_a_path_that_names_no_argument_is_into_the_first() -> None:
    found = Envelope(name=None, session="day", seq="args.1", data="").read("booked", [{"day": "monday", "at": 9}, 2])
    assert found is not None and found.told is not None
    assert found.key == "monday/2" and found.told.data == {"at": 9}


def test_a_payload_that_is_a_list_is_read_by_its_places() -> None:
    """As a row of a database is; a message of another shape is not such an event."""
    row = Envelope(name=None, session=None, seq="1", parts={"book": "0", "page": "2.page"})
    found = row.read("lent", [["Emma", 3, {"page": 9}, "left"]])
    assert found is not None and found.told is not None
    assert (found.seq, found.told.data, found.told.rest) == (3, {"book": "Emma", "page": 9}, {"fields": {"3": "left"}})
    assert row.read("lent", ["Emma", 3, {"page": 9}]) is None, "as several arguments it is another message"


def test_a_path_goes_into_lists_by_number() -> None:
    assert Envelope().at({"items": [{"id": 1}, {"id": 2}]}, "items.1.id") == 2
    assert Envelope().at({"items": [1]}, "items.1") is None
    assert Envelope().at({"a.b": 1, "a": {"b": 2}}, "a.b") == 1, "a name may have dots in it"


@pytest.mark.parametrize(
    ("event", "args", "name"),
    [
        ("my_response", [{"data": "Connected", "count": 0}], "hello"),
        ("my_response", [{"data": "tea", "count": 1}], "order"),
        ("your_response", [{"data": "tea", "count": 1}], "your_response"),
        ("note", ["♥ 12"], "beat"),
        ("note", ["a word"], "note"),
        ("note", [], "note"),
    ],
)
def test_messages_are_told_apart_by_what_they_say(event: str, args: list[Any], name: str) -> None:
    envelope = Envelope(
        name=None, session=None, seq=None, data="",
        kinds=(
            Recognized("hello", {"data": "^Connected$", "count": "^0$"}),
            Recognized("order", {"count": r"^\d+$"}, "my_*"),
            Recognized("beat", {"": "^♥"}),
        ),
    )  # fmt: skip
    found = envelope.read(event, args)
    assert found is not None and found.name == name


def test_a_message_that_is_told_by_what_it_says_may_be_no_event() -> None:
    envelope = Envelope(
        name=None, session=None, seq=None, data="", own=("beat",), kinds=(Recognized("beat", {"": "^♥"}),)
    )
    assert envelope.read("note", ["♥ 12"]) is None and envelope.read("note", ["a word"]) is not None


NUMBERED = Envelope(session="shift", seq="n", data="", name=None, added=("at",))
ORDER = {"shift": "s", "n": 3, "item": "tea", "at": "now"}


def test_arguments_that_came_as_one_list_are_the_data_of_their_event() -> None:
    listed, several = NUMBERED.read("paid", [[ORDER, "till 2"]]), NUMBERED.read("paid", [ORDER, "till 2"])
    assert listed is not None and several is not None
    assert (listed.key, listed.name) == (several.key, several.name) == ("s/3", "paid")
    assert listed.told is not None and listed.told.data == [{"item": "tea"}, "till 2"]
    assert listed.digest != several.digest


@pytest.mark.parametrize(
    "payload", [[ORDER, {**ORDER, "n": 4}], [ORDER], ["till 2", ORDER], [], [{"item": "tea"}, "till 2"]]
)
def test_a_list_of_events_or_of_anything_else_is_not_an_event(payload: list[Any]) -> None:
    assert NUMBERED.read("paid", [payload]) is None


@pytest.mark.parametrize(
    ("path", "args"),
    [
        ("", [[{"n": 1, "x": "a"}, {"n": 2, "x": "b"}]]),
        ("steps", [{"steps": [{"n": 1, "x": "a"}, {"n": 2, "x": "b"}]}]),
        ("args.1", ["eu", [{"n": 1, "x": "a"}, {"n": 2, "x": "b"}]]),
        ("args.1.of.day", ["eu", {"of": {"day": [{"n": 1, "x": "a"}, {"n": 2, "x": "b"}]}}]),
    ],
)
def test_one_message_has_several_events(path: str, args: list[Any]) -> None:
    first = "args.1." if path.startswith("args") else ""
    envelope = Envelope("steps", f"{first}x", None, f"{first}n", f"{first}x", each=path)
    found = events_of(envelope, "steps", args)
    assert [(event.name, event.seq, event.told and event.told.data) for event in found] == [
        ("a", 1, "a"),
        ("b", 2, "b"),
    ]
    assert events_of(envelope, "others", args) == []
    assert events_of(envelope, "steps", []) == events_of(envelope, "steps", [[]]) == []


def test_what_stands_around_several_events_is_said_of_each() -> None:
    envelope = Envelope("steps", "kind", "run", "n", "", each="steps")
    args = [{"run": "r", "n": 9, "steps": [{"kind": "a", "n": 1, "x": 1}, 7, {"kind": "b", "n": 2}]}]
    assert [(e.key, e.name, e.told and e.told.data) for e in events_of(envelope, "steps", args)] == [
        ("r/1", "a", {"x": 1}),
        ("r/2", "b", {}),
    ]
