"""What the system under test says is text in every report: it is never markup, link, picture or terminal sequence."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.token import Token

from harness.model import Hop, Record, Sighting
from harness.model.facts import (
    ActionTaken,
    ClientConnected,
    CliSession,
    CliStarted,
    HandlerError,
    PageError,
    PageIntrusion,
    PageLoaded,
    Screenshot,
    StatusShown,
    Unrouted,
    View,
)
from harness.reporting.escape import cell, clip, code, fenced, prose, visible, xml
from harness.reporting.markup import table
from harness.reporting.pictures import hop_picture, sequence_picture
from harness.reporting.terminal import failure, hop_line, verify_table
from tests.support.history import History, clean, event, load, of_kind, send, sid, with_data
from tests.support.reported import NASTY, judged, mismatch, report, tokens

ANYTHING = st.text(st.characters(), max_size=60)  # control characters and surrogates too
MARKUP = st.text(st.sampled_from("`|\\ *_[]()<>&~#-+.1!$@/:\n\x1b\u202eahtpw"), max_size=40)
ACTING = {"html_inline", "html_block", "link_open", "image", "em_open", "strong_open", "heading_open", "hr"}


def acting(found: list[Token]) -> list[str]:
    return [token.type for token in found if token.type in ACTING]


@given(ANYTHING)
def test_visible_text_has_nothing_that_acts(text: str) -> None:
    shown = visible(text)
    assert all(c.isprintable() or c in "\u200c\u200d" or unicodedata.category(c) == "Zs" for c in shown)
    assert visible(shown) == shown
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("\u202egnp.exe", "⟦U+202E⟧gnp.exe"),
        ("a\x00b\x7f\x85", "a␀b␡⟦U+0085⟧"),
        ("\ud800", "⟦U+D800⟧"),
        ("👩\u200d💻 שלום", "👩\u200d💻 שלום"),
        ("a\nb", "a␊b"),
    ],
)
def test_visible_shows_what_would_act(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANYTHING | MARKUP)
def test_a_code_span_shows_the_text_and_nothing_else(text: str) -> None:
    found = tokens(f"x {code(text)} y")
    (span,) = [token for token in found if token.type == "code_inline"]
    assert acting(found) == []
    if text.strip():
        assert span.content.strip() == visible(text).strip()


@given(ANYTHING | MARKUP)
def test_prose_is_one_paragraph_of_plain_text(text: str) -> None:
    found = tokens(prose(text))
    assert acting(found) == []
    assert sum(token.type == "paragraph_open" for token in found) <= 1
    assert not any(token.type in ("bullet_list_open", "ordered_list_open", "fence", "code_block") for token in found)
    read = "".join(token.content for token in found if token.type in ("text", "text_special", "code_inline"))
    assert letters(read) == letters(visible(text))


def letters(text: str) -> str:
    """Without spaces; in a link's code span a bar is a broken bar."""
    return "".join(text.split()).replace("¦", "|")


@given(st.lists(ANYTHING | MARKUP, min_size=1, max_size=3))
def test_a_table_keeps_its_cells(texts: list[str]) -> None:
    found = tokens(table(["a"] * len(texts), [[cell(text) for text in texts]]))
    assert sum(token.type == "td_open" for token in found) == len(texts)
    assert sum(token.type == "tr_open" for token in found) == 2
    assert sum(token.type == "code_inline" for token in found) == len(texts)


@given(ANYTHING | MARKUP | st.just("```\n# out\n````"))
def test_a_fence_is_not_ended_by_what_is_in_it(text: str) -> None:
    found = [token for token in tokens(f"{fenced(text)}\n\nbehind") if token.type in {"fence", "inline", *ACTING}]
    assert [token.type for token in found] == ["fence", "inline"]
    assert found[0].content.rstrip("\n") == visible(text, keep="\n\t").rstrip("\n")


@given(ANYTHING)
def test_xml_reads_back_as_the_visible_text(text: str) -> None:
    assert (ElementTree.fromstring(f"<t a='{xml(text)}'>{xml(text)}</t>").text or "") == visible(clip(text, 200))


def hostile() -> History:
    """Every place that the system under test can write to, written to."""

    def spoil(record: Any) -> Record:
        if isinstance(record, Sighting):
            named = replace(record.event, name=f"step:{NASTY}")
            return replace(record, event=named, detail={"room": NASTY})
        return record  # type: ignore[no-any-return]  # a fact

    history = clean()
    send(history, event(5, session=NASTY, name=NASTY), ("A",))
    history.changed(lambda record: isinstance(record, Sighting), spoil)
    nasty: dict[str, Any] = {"text": NASTY, "values": {"done": NASTY}, "session": NASTY}
    history.changed(of_kind(View), with_data(panels={NASTY: nasty}, window={"text": NASTY}, rows=[NASTY]))
    history.changed(of_kind(PageLoaded), with_data(url=f"http://x/{NASTY}"))
    for kind, data in (
        (PageError, {"text": NASTY}),
        (PageIntrusion, {"what": NASTY}),
        (StatusShown, {"text": NASTY, "connected": True}),
        (Screenshot, {"path": NASTY, "caption": NASTY, "dashboard": NASTY}),
        (ActionTaken, {"name": NASTY, "dashboard": NASTY, "detail": NASTY}),
    ):
        history.tell(kind, load("A"), **data)
    history.tell(HandlerError, "server", sid=NASTY, name=NASTY, error=NASTY, where=NASTY)
    history.tell(Unrouted, "server", key="s/1", room=NASTY, connected=[sid("A")], rooms={NASTY: []}, where=NASTY)
    history.tell(CliStarted, "cli:main", argv=["x", NASTY], cwd=NASTY)
    history.tell(CliSession, f"cli:{NASTY}", session=NASTY)
    history.tell(ClientConnected, "cli:main", url=NASTY, transport=NASTY)
    return history.promising(target=NASTY, declared=(NASTY,), identity=NASTY, dashboards=("A", NASTY))


@pytest.mark.parametrize("make", [hostile, lambda: mismatch(NASTY)])
def test_a_hostile_run_makes_a_harmless_report(make: Callable[[], History], tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "server.log").write_bytes(NASTY.encode() + b"\xff\xfe\n```\n<b>\n")
    markdown = report(make(), tmp_path)
    assert set("\x00\x1b\u202e").isdisjoint(markdown)
    found = tokens(markdown)
    assert {"html_inline", "html_block", "link_open"}.isdisjoint(token.type for token in found)
    assert {token.attrs["src"] for token in found if token.type == "image"} == {"hops.svg", "sequence.svg"}
    outside = "".join(token.content for token in found if token.type == "text")
    assert "http://evil" not in outside
    assert "@all" not in outside
    assert "www.evil" not in outside


@pytest.mark.parametrize("make", [hostile, lambda: mismatch(NASTY)])
def test_a_hostile_run_makes_harmless_pictures(make: Callable[[], History]) -> None:
    evidence, verdict = judged(make())
    for picture in (hop_picture(verdict), sequence_picture(evidence, verdict)):
        root = ElementTree.fromstring(picture)
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert tags <= {"svg", "title", "desc", "style", "rect", "text", "path", "circle"}
        names = {name.lower() for element in root.iter() for name in element.attrib}
        assert not any(name.startswith("on") or "href" in name for name in names)
        assert "\x1b" not in picture
        assert "\u202e" not in picture


@pytest.mark.parametrize("make", [hostile, lambda: mismatch(NASTY)])
def test_a_hostile_run_makes_harmless_lines(make: Callable[[], History]) -> None:
    evidence, verdict = judged(make())
    out = io.StringIO()
    verify_table([(evidence, verdict, 1.0)], out)
    failure(verdict, Path("run"), out)
    assert set("\x00\x1b\u202e").isdisjoint(out.getvalue() + hop_line(verdict))


def test_a_bad_hop_is_named_although_the_run_is_hostile() -> None:
    _, verdict = judged(mismatch(NASTY))
    assert verdict.blame[0].hop is Hop.ROUTED
