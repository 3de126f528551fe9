"""What a page says beside its text: titles and labels, classes and data attributes, and that there is nothing yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from harness.model.facts import PanelPart, View
from harness.taps.page import PageSpec, RowSpec
from harness.taps.page.spec import NamedPanel, PanelSpec
from tests.support.board import Board, open_board
from tests.support.page_server import PageServer

STEPS = NamedPanel("steps", "#steps")
SPEC = PageSpec(
    row=RowSpec("#rows > [data-seq]", "data-type", "data-session", "data-seq"),
    panel=PanelSpec("#steps", named=(STEPS,)),
)
ROWS = """<div id=rows>
  <li data-type=a data-session=s data-seq=1 class="row ok" title=Wash>wash <i class=sign-done aria-label=ready></i></li>
  <li data-type=b data-session=s data-seq=2 class="row late" data-family=b aria-posinset=2 aria-setsize=2>dry</li>
</div>"""


@pytest.fixture
def board(browser: Browser, server: PageServer) -> Iterator[Board]:
    with open_board(browser, f"{server.url}/blank.html", SPEC) as found:
        yield found


def view(board: Board, markup: str) -> View:
    board.page.evaluate("(markup) => void (document.body.innerHTML = markup)", markup)
    found = board.tap.view()
    assert found is not None
    return found.body


def steps(board: Board, markup: str) -> PanelPart:
    panels = view(board, f"<section id=steps>{markup}</section>").panels or {}
    return panels["steps"]


def test_labels_and_marks_of_rows_without_what_all_have_and_what_names_the_event(board: Board) -> None:
    shown = view(board, ROWS)
    assert shown.labels == ("Wash · ready", "")
    assert shown.marks == ("ok sign-done", "late b")
    assert shown.places == (None, (2, 2))


def test_a_page_without_any_has_none(board: Board) -> None:
    shown = view(board, "<div id=rows><li data-type=a data-session=s data-seq=1>wash</li></div>")
    assert (shown.labels, shown.marks, shown.places, shown.nothing) == (None, None, None, None)


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ("<h2>Steps</h2><ol><li class=done>Wash</li><li class=late>Dry</li></ol>", [("Wash", "done"), ("Dry", "late")]),
        ("<p class=a>of 3</p><div class='s done'>Wash</div><div class='s late'>Dry</div>", ["s done", "s late"]),
        ("<p class=figure>3 steps</p>", []),
        ("<ul><li class=outer>Wash <ul><li class=inner>twice</li></ul></li></ul>", ["outer inner"]),
    ],
)
def test_items_of_a_panel_have_their_marks(board: Board, items: str, found: list[Any]) -> None:
    shown = steps(board, items).items
    assert ([*shown] if found and isinstance(found[0], tuple) else [marks for _, marks in shown]) == found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("No steps yet", True),
        ("Nothing here so far", True),
        ("No errors yet", False),
        ("No steps selected yet", False),
        ("Not yet", False),
        ("<span hidden>No steps yet</span>", False),
        ("<span style='opacity: 0'>No steps yet</span>", False),
    ],
)
def test_words_for_nothing_count_where_a_person_sees_them(board: Board, text: str, is_found: bool) -> None:
    assert (steps(board, f"<p>{text}</p><ol><li>Wash</li></ol>").nothing is not None) is is_found
    assert (view(board, f"<p>{text}</p>{ROWS}").nothing is not None) is is_found
    assert (view(board, f"<p>{text}</p><div><div>{ROWS}</div></div>").nothing is not None) is is_found
    assert view(board, f"<section><p>{text}</p></section><section><h2>Rows</h2>{ROWS}</section>").nothing is None


def test_what_an_item_says_itself_is_about_the_item(board: Board) -> None:
    assert steps(board, "<ol><li>Wash: no steps yet</li><li>No steps yet</li></ol>").nothing is None


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<ol><li>Wash</li><li style='display: none'>Dry</li></ol>", "Wash"),
        ("<table><tbody><tr hidden><td>Wash</td></tr><tr><td>Dry</td></tr></tbody></table>", "Dry"),
        ("<ol><li hidden>Wash</li><li hidden>Dry</li></ol>", "Wash Dry"),  # a part for another time
        ("<ol><li>Wash</li></ol><ol hidden><li>Dry</li></ol>", "Wash Dry"),  # which a person opens
        ("<ol><li>Wash<p hidden>hot</p></li><li>Dry</li></ol>", "Wash hot Dry"),
        ("<p class=tab>Wash</p><p class=tab hidden>Dry</p>", "Wash Dry"),  # it may be what a tab shows
        ("<p class=row>Wash</p><p class=row>Rinse</p><p class=row hidden>Dry</p>", "Wash Rinse"),
    ],
)
def test_an_item_that_is_not_drawn_beside_others_is_not_read(board: Board, markup: str, text: str) -> None:
    shown = steps(board, markup)
    assert shown.text == text
    assert [words.split()[0] for words, _ in shown.items] == text.replace(" hot", "").split()
