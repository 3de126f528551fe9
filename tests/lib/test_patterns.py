"""Patterns of a target file: linear in time, in the meaning that Python gives them, or refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.lib.patterns import WrongPattern, compiled

LONG = 200_000


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"^(a|a)*$", r"(.*)*b", r"(?P<x>a*)*c"])
def test_no_text_makes_a_search_long(pattern: str) -> None:
    assert compiled(pattern).search("a" * LONG + "!") is None  # by Python's own engine: not before the sun goes out


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        (r"(?=a)b", "looking ahead"),
        (r"(?<!a)b", "looking back"),
        (r"(?P<x>a)(?P=x)", "a reference back"),
        (r"(a)\1", "a reference back"),
        (r"a++b", "bad repetition operator"),
        ("(", "at its character 1"),
    ],
)
def test_what_has_no_linear_way_is_refused_with_the_reason(pattern: str, what: str) -> None:
    with pytest.raises(WrongPattern, match=re.escape(what)):
        compiled(pattern)


PATTERNS = [
    r"^(?P<name>\w+): (?P<payload>.*)$",
    r"(?P<name>[\w-]+) #(?P<seq>\d+)",
    r"\s+(?P<name>\S+)",
    r"[^\s\d]+",
    r"[]\w]x",
    r"\D\W",
    r"\\w\[\d",
]
TEXTS = st.text(st.sampled_from("a1 é:²٣_-#\\w[]x\u00a0\u3000\tß"), max_size=12)


@given(st.sampled_from(PATTERNS), TEXTS)
@settings(max_examples=400)
def test_it_finds_what_python_finds(pattern: str, text: str) -> None:
    ours, theirs = compiled(pattern).search(text), re.search(pattern, text)
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        assert (ours.groupdict(), ours.end()) == (theirs.groupdict(), theirs.end())
