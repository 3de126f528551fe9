"""Where two payloads differ, as a reader is told it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judge.values.differences import MISSING, MOST, Difference, common_differences, differences, shown


@pytest.mark.parametrize(
    ("expected", "found", "where"),
    [
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, [Difference("a", "1", "true")]),
        ({"a": {"b": [1, {"c": "x"}]}}, {"a": {"b": [1, {"c": "y"}]}}, [Difference("a.b.1.c", '"x"', '"y"')]),
        ({"a": 1}, {}, [Difference("a", "1", MISSING)]),
        ({}, {"a": None}, [Difference("a", MISSING, "null")]),
        ([1, 2], [1], [Difference("", "[1, 2]", "[1]")]),
        ("long text", "long", [Difference("", '"long text"', '"long"')]),
        ({"a": 0, "b": 0}, {"a": 1, "b": 2}, [Difference("a", "0", "1"), Difference("b", "0", "2")]),
    ],
)
def test_each_field_that_differs_is_told_with_its_path(expected: Any, found: Any, where: list[Difference]) -> None:
    assert differences(expected, found) == where


def test_bytes_are_compared_by_digest_or_else_by_their_number() -> None:
    some, other = {"_bytes": 3, "sha1": "ab"}, {"_bytes": 3, "sha1": "cd"}
    assert differences([some], [other]) == [Difference("0.sha1", '"ab"', '"cd"')]
    assert differences([some], [{"_bytes": 3}]) == []
    assert differences([some], [{"_bytes": 4}]) == [Difference("0", "3", "4")]


def test_of_two_envelopes_only_what_both_have_is_compared() -> None:
    assert common_differences({"at": 1, "host": "a"}, {"at": 2, "id": 7}) == [Difference("at", "1", "2")]


def test_what_is_shown_has_an_end() -> None:
    assert len(differences({str(n): 0 for n in range(99)}, {})) == MOST
    assert len(shown("x" * 1000)) <= 80 and "…" in shown("x" * 1000)
