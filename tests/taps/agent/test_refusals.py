"""Why a client in Python could not connect: what the server says, and the status that it says it with."""

from __future__ import annotations

import pytest

from harness.taps.agent.site._harness_agent.client import _why


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"detail": "Not Found"}, "status code 404: {'detail': 'Not Found'}"),
        (None, "status code 404"),
        ("who are you", "who are you"),
    ],
    ids=["an object", "nothing", "a text"],
)
def test_while_an_error_is_handled_its_status_is_told(told: object, expected: str) -> None:
    try:
        raise ConnectionError("status code 404", told)
    except ConnectionError:
        assert _why(told) == expected


def test_a_refusal_in_a_packet_and_an_error_without_an_answer_are_told_as_they_are() -> None:
    assert _why({"message": "no token"}) == {"message": "no token"}
    try:
        raise ConnectionError("Connection refused")
    except ConnectionError:
        assert _why("Connection refused") == "Connection refused"
