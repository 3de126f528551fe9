"""An item of a panel is listed as often as its events make it."""

from __future__ import annotations

import pytest

from harness.judge.panels.again import listed_again
from harness.judge.panels.items import listed
from harness.model import Items

ORDERS = Items("order", "id", "dish", {"order": ".*"}, entities=True, reads=("table", "qty"))
SAID = [
    ("order", {"id": 1, "dish": "soup", "table": "T4", "qty": 2}),
    ("order", {"id": 2, "dish": "fish soup", "table": "T9", "qty": 1}),
    ("order", {"id": 2, "dish": "fish soup", "table": "T9", "qty": 3}),
]


@pytest.mark.parametrize(
    ("texts", "again"),
    [
        (["soup T4 2", "fish soup T9 3"], None),
        (["soup T4 2", "fish soup T9 3", "fish soup T9 3"], ("fish soup", 2, 1)),
        (["soup T4 2", "soup T4 2 cooking", "fish soup T9 3"], None),  # the other is a soup, too
        (["soup T4 2", "fish soup T9 3", "most wanted: fish soup T9 3"], None),
        (["soup T4 2", "fish soup T9 3", "fish soup is sold out"], None),
    ],
)
def test_a_copy_is_told_and_a_mention_is_not(texts: list[str], again: tuple[str, int, int] | None) -> None:
    assert listed_again(ORDERS, listed(ORDERS, SAID), [(text, "") for text in texts]) == again


def test_what_began_twice_may_stand_there_twice() -> None:
    calls = Items("call", "id", "tool", {"call": "^$"})
    said = [("call", {"id": n, "tool": "search"}) for n in (1, 2)]
    assert listed_again(calls, listed(calls, said), [("search", "")] * 2) is None
    assert listed_again(calls, listed(calls, said), [("search", "")] * 3) == ("search", 3, 2)
