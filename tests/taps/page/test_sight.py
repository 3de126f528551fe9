"""What of a row a person can see and read, and what no person can."""

from __future__ import annotations

import pytest

from tests.support.board import Board

HIDE = """(styles) => {
  const rows = document.querySelector("#rows");
  styles.forEach((style, place) => {
    const item = row({ type: "x", session: "s1", seq: place + 1, data: { text: `text ${place}` } }, place);
    item.style.cssText = style;
    rows.append(item);
  });
  const box = document.createElement("div");
  box.style.cssText = "position: relative; width: 50px; height: 20px; overflow: hidden";
  const outside = row({ type: "x", session: "s1", seq: 99, data: { text: "outside" } }, 99);
  outside.style.cssText = "position: absolute; top: 40px";
  box.append(outside);
  document.body.append(box);
}"""


SEEN = ("", "margin-top: 400em", "opacity: 0.5", "color: rgba(0, 0, 0, 0.3)", "color: white; background: teal")


HIDDEN = (
    *("display: none", "visibility: hidden", "opacity: 0", "height: 0; overflow: hidden", "color: transparent"),
    "color: rgb(9, 9, 9); background: rgb(9, 9, 9)",
)


COVER = """(style) => {
  const rows = document.querySelector("#rows");
  rows.append(row({ type: "x", session: "s1", seq: 1, data: { text: "first" } }, 0));
  rows.append(row({ type: "x", session: "s1", seq: 2, data: { text: "second" } }, 1));
  const cover = document.createElement("div");
  cover.style.cssText = style;
  document.body.append(cover);
}"""


@pytest.mark.parametrize(
    ("style", "unseen"),
    [
        ("position: fixed; inset: 0; background: white", True),
        ("position: fixed; inset: 0; background: rgba(0, 0, 0, 0.2)", False),
        ("position: fixed; inset: 0; pointer-events: none; background: white", False),
        ("position: fixed; bottom: 0; height: 2px; width: 100%; background: white", False),
    ],
)
def test_what_something_else_lies_upon_is_not_seen(blank: Board, style: str, unseen: bool) -> None:
    blank.page.evaluate(COVER, style)
    view = blank.tap.view()
    assert view is not None
    assert view.body.hidden == ((0, 1) if unseen else ())
    assert ("counter" in view.body.unseen) is unseen


def test_the_view_has_the_text_of_each_row_and_which_of_them_a_person_can_not_see(blank: Board) -> None:
    blank.page.evaluate(HIDE, [*SEEN, *HIDDEN])
    view = blank.tap.view()
    assert view is not None
    rows = "[...document.querySelectorAll('[data-testid=event-row]')].map((row) => row.textContent)"
    texts = view.body.texts or ()
    assert [*texts] == blank.page.evaluate(rows) and len(texts) == len(SEEN) + len(HIDDEN) + 1
    assert view.body.hidden == (*range(len(SEEN), len(SEEN) + len(HIDDEN) + 1),)


WITHIN = """([style, sheet]) => {
  const rows = document.querySelector("#rows");
  document.head.append(Object.assign(document.createElement("style"), { textContent: sheet }));
  const item = row(1);
  item.innerHTML = '<b>order:paid</b> <span class="part">tea</span> <i>10:04</i>';
  item.querySelector(".part").style.cssText = style;
  rows.append(item);
}"""


GROUND = "content: ''; position: absolute; inset: 0; background: black; pointer-events: none"
"""What stands before or after something and lies behind all of a page."""

UNREADABLE = (
    *("opacity: 0", "opacity: 0.02", "visibility: hidden", "color: transparent", "color: white", "font-size: 0"),
    "color: rgb(250, 252, 255)",
    "display: inline-block; width: 0; overflow: hidden; height: 1em; vertical-align: bottom",
    "display: inline-block; transform: scale(0)",
    "position: relative; left: -4000px",
    "display: inline-block; text-indent: -9999px; overflow: hidden",
)


@pytest.mark.parametrize("style", UNREADABLE)
def test_what_no_person_can_read_within_a_row_is_told_apart_from_its_text(blank: Board, style: str) -> None:
    blank.page.evaluate(WITHIN, [style, f".elsewhere::before, a:hover::after {{ {GROUND} }}"])
    view = blank.tap.view()
    assert view is not None
    assert (view.body.texts, view.body.unread, view.body.hidden) == (("order:paid 10:04",), ("tea",), ())


ASKED = """() => {
  const original = getComputedStyle;
  window.asked = 0;
  window.getComputedStyle = (element, pseudo) => ((window.asked += pseudo ? 1 : 0), original(element, pseudo));
}"""


@pytest.mark.parametrize(("sheet", "is_asked"), [("", False), (f"#rows::after {{ {GROUND} }}", True)])
def test_only_what_styles_draw_before_or_after_is_asked_for(blank: Board, sheet: str, is_asked: bool) -> None:
    """To ask each element costs more than the rest of the view."""
    blank.page.evaluate(WITHIN, ["", sheet])
    blank.page.evaluate(ASKED)
    assert blank.tap.view() is not None
    assert (blank.page.evaluate("asked") > 0) is is_asked


READABLE = {
    "on a dark ground": ("color: white; background: black", ""),
    "faint": ("opacity: 0.4", ""),
    "shown by the mouse": ("", ".part { opacity: 0 } li:hover .part { opacity: 1 }"),
    "shown by the keyboard": ("", "@media all { .part { visibility: hidden } .part:focus { visibility: visible } }"),
    "fading in": (
        "animation: 30s linear in-turn",
        "@keyframes in-turn { from { opacity: 0 } to { opacity: 1 } }",
    ),
    "letters with a gradient": (
        "color: transparent; background: linear-gradient(red, blue); background-clip: text",
        "",
    ),
    "for who hears the page": (
        "position: absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0,0,0,0)",
        "",
    ),
    "on another element": (
        "color: white; position: relative; z-index: 1",
        f"#rows::before {{ {GROUND} }}",
    ),
    **{
        f"on {where}": ("color: white; position: relative; z-index: 1", sheet)
        for where, sheet in {
            "an element of each": f"#rows ::before {{ {GROUND}; position: fixed }}",
            "one of a nested rule": f"#rows {{ color: red; &::before {{ {GROUND} }} }}",
            "one of a rule within others": f"@layer a {{ @media all {{ .none::before, #rows:after {{ {GROUND} }} }} }}",
            "one with a content that comes in its turn": (
                f"@keyframes comes {{ to {{ content: '' }} }}\n#rows::before {{ {GROUND} }}"
            ),
            "one of an imported sheet": f'@import url("data:text/css,%23rows::before {{ {GROUND} }}");',
        }.items()
    },
    "on a dark page": ("color: white", ":root { color-scheme: dark }"),
    "closed": ("display: none", ""),
    "folded": ("display: block; height: 0; overflow: hidden; visibility: hidden", ""),
    "beyond what is shortened": (
        "position: relative; left: 9px",
        "li { width: 40px; overflow: hidden; white-space: nowrap }",
    ),
    "cut short": ("display: inline-block; width: 1em; overflow: hidden; white-space: nowrap", ""),
}


@pytest.mark.parametrize("how", READABLE)
def test_what_a_person_can_read_or_can_make_readable_is_the_text_of_a_row(blank: Board, how: str) -> None:
    blank.page.evaluate(WITHIN, [*READABLE[how]])
    view = blank.tap.view()
    assert view is not None
    assert (view.body.texts, view.body.unread) == (("order:paid tea 10:04",), None)
