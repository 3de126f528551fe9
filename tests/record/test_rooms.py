"""Names of rooms with their types."""

from __future__ import annotations

import pytest

from harness.record import rooms


@pytest.mark.parametrize(
    ("room", "shown", "told"),
    [
        ("kitchen", "'kitchen'", "'kitchen' (text)"),
        ("7", "'7'", "'7' (text)"),
        ("<number 7>", "7", "7 (number)"),
        ("<int -1>", "-1", "-1 (int)"),
        ("<object [object\nObject]>", "[object\nObject]", "[object\nObject] (object)"),
        ("<7>", "'<7>'", "'<7>' (text)"),
    ],
)
def test_a_room_for_a_person(room: str, shown: str, told: str) -> None:
    assert (rooms.shown(room), rooms.told(room)) == (shown, told)


def test_the_rooms_of_an_emit() -> None:
    assert rooms.each(None) == ()
    assert rooms.each("a") == ("a",)
    assert rooms.each(["a", "<number 7>"]) == ("a", "<number 7>")


@pytest.mark.parametrize(
    ("room", "named"),
    [
        (None, "all clients"),
        ([], "all clients"),
        ("a", "room 'a'"),
        (["a", "<number 7>", "b"], "rooms 'a', 7 and 'b'"),
    ],
)
def test_the_rooms_of_an_emit_for_a_person(room: str | list[str] | None, named: str) -> None:
    assert rooms.named(room) == named


def test_the_same_name_by_another_type() -> None:
    assert rooms.other_types("<number 7>", ["7", "<number 7>", "8", "<bigint 7>"]) == ["7", "<bigint 7>"]
    assert rooms.other_types("7", ["7", "8"]) == []
