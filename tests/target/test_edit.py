"""One key is written into a target file, and all else of it stays as it is."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from harness.target.file.edit import with_key, without_key

TEXT = """\
# the shop
name = "shop"
events = { own = ["hello"], sent.seq = "n" } # of both

[page] # what is seen
url = "/"
list = { selector = "li", pattern = '^(?P<name>\\w+)' }

[page.count]
selector = "#count"
"""


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        (("name",), "store", 'name = "store"'),
        (("strategy",), "broadcast", 'strategy = "broadcast"'),
        (("events", "own"), ["a", "b"], 'events = { own = ["a", "b"], sent.seq = "n" } # of both'),
        (("page", "url"), 'a"b', "url = 'a\"b'"),
        (("page", "connection", "selector"), "#s", 'connection.selector = "#s"'),
        (("page", "list", "pattern"), r"^\W", r"""list = { selector = "li", pattern = '^\W' }"""),
        (("page", "list", "window"), True, r"list = { selector = 'li', pattern = '^(?P<name>\w+)', window = true }"),
        (("page", "count", "attribute"), "data-n", 'attribute = "data-n"'),
        (("bounds", "run_s"), 5, "run_s = 5"),
        (("bounds", "odd key"), {"a b": 1.5}, '"odd key" = { "a b" = 1.5 }'),
    ],
)
def test_a_key_is_written_where_it_belongs(key: tuple[str, ...], value: Any, line: str) -> None:
    text = with_key(TEXT, key, value)
    assert text is not None
    assert line.replace("'li'", '"li"') in text.splitlines()
    wanted = tomllib.loads(TEXT)
    inner = wanted
    for name in key[:-1]:
        inner = inner.setdefault(name, {})
    inner[key[-1]] = value
    assert tomllib.loads(text) == wanted
    kept = [each for each in TEXT.splitlines() if each not in text.splitlines()]
    assert len(kept) <= 1, "one line is another, at most"


@pytest.mark.parametrize("order", [("[events.sent]\nseq = 'n'\n\n[events]\nown = []\n"), "[events]\n[events.sent]\n"])
def test_a_table_is_found_after_those_in_it(order: str) -> None:
    text = with_key(order, ("events", "added"), ["at"])
    assert text is not None and tomllib.loads(text)["events"]["added"] == ["at"]


def test_what_can_not_be_written_without_touching_more_is_left() -> None:
    text = 'own = [\n  "a",\n]\n'
    assert with_key(text, ("own",), ["b"]) is None


@pytest.mark.parametrize(
    ("key", "gone"),
    [
        (("name",), ["name = "]),
        (("page", "count"), ["[page.count]", 'selector = "#count"']),
        (("page",), ["[page]", "url", "list", "[page.count]", 'selector = "#count"']),
        (("page", "list", "pattern"), ["pattern"]),
        (("page", "list", "selector"), ['selector = "li"']),
        (("events",), ["events"]),
    ],
)
def test_a_key_is_left_out_and_nothing_else(key: tuple[str, ...], gone: list[str]) -> None:
    text = without_key(TEXT, key)
    assert text is not None
    wanted = inner = tomllib.loads(TEXT)
    for name in key[:-1]:
        inner = inner[name]
    del inner[key[-1]]
    assert tomllib.loads(text) == wanted
    assert not [each for each in gone if any(line.startswith(each) for line in text.splitlines())]


def test_what_is_not_there_can_not_be_left_out() -> None:
    assert without_key(TEXT, ("bounds",)) is None
