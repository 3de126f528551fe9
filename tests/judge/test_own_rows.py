"""A page that counts what it says of its own connection: `socket:connect` is a row of it, and no message."""

from __future__ import annotations

from harness.judge.properties.rendering import counter_off
from harness.judge.rows.own import made_by_page
from harness.model.facts import View
from tests.support.explained import evidence
from tests.support.ledgers import Story
from tests.support.other_systems import STOCK, warehouse
from tests.support.paper_pages import OWN

LOAD, ITSELF = "dashboard:A.1", "socket:connect"
SENT = OWN[0]
"""One of the connection's own events that is sent to each page."""


def story() -> Story:
    return warehouse(own_events=(SENT, ITSELF))


def test_a_row_of_its_own_that_no_message_brought_is_the_pages() -> None:
    rows = (SENT, ITSELF, "goods:in", ITSELF)
    assert made_by_page(evidence(story()), View(rows=rows), LOAD) == [ITSELF, ITSELF]
    assert made_by_page(evidence(warehouse(own_events=())), View(rows=rows), LOAD) == []


def test_such_a_row_is_counted_and_nothing_else_is() -> None:
    seen, count = evidence(story()), len(STOCK) + 1  # with the one that is sent

    def is_off(counter: int, *rows: str) -> bool:
        listed = (*rows, *["goods:in"] * (counter - len(rows)))
        return any(counter_off(seen, View(counter=counter, rows=listed), LOAD))

    assert not is_off(count) and is_off(count + 1)
    assert not is_off(count + 1, SENT, ITSELF) and is_off(count, SENT, ITSELF)
    assert is_off(count + 1, SENT, SENT), "what is sent once is counted once"
    assert is_off(count + 1, SENT, "made-up")


def test_a_list_that_is_cut_may_have_lost_the_row_that_is_counted() -> None:
    seen, count = evidence(story()), len(STOCK) + 1

    def is_off(counter: int, *rows: str) -> bool:
        return any(counter_off(seen, View(counter=counter, rows=rows), LOAD))

    assert not is_off(count + 1, "goods:in", "goods:moved")
    assert is_off(count + 2, "goods:in", "goods:moved")
    assert is_off(count + 1), "a page without a list says nothing of rows"
    assert is_off(count + 1, *["goods:in"] * (count + 1)), "all of its rows are there, and none is its own"
