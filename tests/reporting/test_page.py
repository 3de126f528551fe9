"""The run page in a real browser: what a person sees of a run, offline, on a phone and a desk, light and dark."""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.judging import seen_again
from harness.launch.resources import Resources
from harness.model import Hop
from harness.model.facts import Fence, Screenshot
from harness.record.ledger import FORMER_FILE
from harness.reporting.changed import changed
from harness.reporting.figures import Figures
from harness.reporting.page import REPORTER, view
from harness.reporting.page.heat import LEAST
from harness.reporting.page.render import html
from harness.reporting.page.single_file import policy
from tests.reference.test_dashboard_page import violations
from tests.reporting.test_heat import story
from tests.reporting.test_hostile import hostile
from tests.support.foreign import LEDGERS
from tests.support.history import History, at, clean, load, of_kind
from tests.support.ledgers import Story
from tests.support.reported import NASTY, SCROLL, judged, long_run, mismatch


def picture(*rows: bytes) -> bytes:
    """Rows of grey pixels as a PNG."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(b"\x00" + row for row in rows))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


PNG = picture(*[b"\x80" * 8] * 8)
"""A grey square."""


def shot(history: History, run_dir: Path, after: bytes = PNG) -> History:
    """Screenshots of dashboard A before and after."""
    (run_dir / "screenshots").mkdir()
    for caption, taken in {"before": PNG, "after": after}.items():
        path = f"screenshots/A-{caption}.png"
        (run_dir / path).write_bytes(taken)
        history.tell(Screenshot, load("A"), path=path, caption=caption, dashboard="A")
    return history


@pytest.fixture(scope="module")
def browser(harness_resources: Resources) -> Browser:
    """The browser, headless."""
    return harness_resources.browser


DESK, PHONE = (1440, "light"), (390, "dark")
on_a_desk = pytest.mark.parametrize("show", [DESK], ids=["desk"], indirect=True)
"""For what is the same on a phone."""


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def show(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Callable[[History], Page]]:
    """Writes the page of a run and opens it from disk. Nothing may be requested, logged or refused meanwhile."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True)
    heard: list[str] = []

    def opened(history: History) -> Page:
        written = REPORTER.write(*judged(history), tmp_path)
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.on("request", lambda asked: heard.append(asked.url) if asked.url[:5] not in ("file:", "data:") else None)
        page.goto(written.as_uri())
        return page

    yield opened
    context.close()
    assert heard == []


def test_hop_cause_and_remedy_are_seen_first(show: Callable[[History], Page]) -> None:
    page = show(mismatch())
    assert "4 of 4 events lost at routed" in page.get_by_role("heading", level=1).inner_text()
    assert [text.split()[0] for text in page.locator(".hop .dot").all_inner_texts()] == list("4440000")
    assert page.locator(".hop.break").inner_text().split()[:4] == ["0", "routed", "✗", "lost"]
    assert page.get_by_role("heading", name="room-mismatch").is_visible()
    assert page.locator(".remedy").inner_text().startswith("Let dashboards join room 's'")
    cause = page.get_by_role("region", name="Cause and remedy")
    assert cause.get_by_text("server/exchange.py:85 route", exact=True).is_visible()
    assert page.get_by_text("members of room 's': none").is_visible()


def test_the_first_screen_holds_hop_and_cause(show: Callable[[History], Page]) -> None:
    box = show(mismatch()).get_by_role("heading", name="room-mismatch").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 844


def test_lost_events_end_where_they_were_lost(show: Callable[[History], Page]) -> None:
    page = show(mismatch())
    lanes = page.locator(".lanes span").all_inner_texts()
    assert [lane.split()[0] for lane in lanes] == ["CLI", "server", "room", "dashboard", "dashboard"]
    assert page.locator("#diagram .cross").count() == 4
    assert page.locator("#diagram .shown").count() == 0
    cross, room = (
        page.locator("#diagram .cross").first.bounding_box(),
        page.locator(".lanes span").nth(2).bounding_box(),
    )
    assert cross is not None
    assert room is not None
    assert abs(cross["x"] + cross["width"] / 2 - room["x"] - room["width"] / 2) < 4


@on_a_desk
def test_a_clean_run_has_a_dot_for_each_event_and_dashboard(show: Callable[[History], Page]) -> None:
    page = show(clean())
    assert page.locator("#diagram .shown").count() == 8
    assert page.locator("#diagram .cross, .cause, .hop.broken").count() == 0
    assert page.locator('[role="row"] .good').count() == 8


def test_filters_by_event_dashboard_and_what_went_wrong(show: Callable[[History], Page]) -> None:
    page = show(clean().without(at(Hop.RENDERED, "s/2", "B")).without(at(Hop.APPLIED, "s/2", "B")))
    found = page.locator("#found")
    assert found.inner_text() == "4 events, 1 of them went wrong"
    page.get_by_label("only what went wrong").check()
    assert found.inner_text() == "1 of 4 events, 1 of them went wrong"
    page.get_by_label("B", exact=True).uncheck()
    assert found.inner_text() == "None of the 4 events is let through by these filters."
    page.get_by_label("only what went wrong").uncheck()
    page.get_by_label("Type").select_option("step:done")
    assert found.inner_text().startswith("2 of 4 events")
    page.get_by_label("Find").fill("3")
    page.wait_for_function("() => document.querySelectorAll('#table .pane .row').length === 1")
    assert page.locator("#table .pane .row button").inner_text() == "3 step:done"
    assert page.locator("#table [role=columnheader]").all_inner_texts()[2:] == ["Dashboard A"]


@on_a_desk
def test_an_event_tells_its_story(show: Callable[[History], Page]) -> None:
    page = show(mismatch())
    page.get_by_role("button", name="2 step:done").click()
    story = page.locator("#detail").inner_text()
    assert "✓ received" in story
    assert "✗ delivered" in story
    assert "must: " in story
    assert "lost at routed (P1)" in story
    page.get_by_role("button", name="Close").click()
    assert page.locator("#detail").is_hidden()


def test_before_slides_over_after(show: Callable[[History], Page], tmp_path: Path) -> None:
    page = show(shot(clean(), tmp_path))
    slider = page.get_by_label("How much of dashboard A")
    slider.fill("20")
    clip = "getComputedStyle(document.querySelector('.before')).clipPath"
    assert page.evaluate(clip) == "inset(0px 80% 0px 0px)"
    assert page.evaluate("[...document.images].every(image => image.naturalWidth === 8)")


@on_a_desk
@pytest.mark.parametrize(
    ("after", "said", "marks"),
    [
        (PNG, "No visible difference between before and after.", 0),
        (picture(*[b"\x80" * 8] * 7, b"\x80" * 7 + b"\xff"), "1.6 % of the picture changed. mark it", 1),
        (picture(*[b"\x81" * 8] * 8), "No visible difference between before and after.", 0),
        (picture(*[b"\x80" * 8] * 2), "75.0 % of the picture changed. mark it", 1),
    ],
    ids=["nothing", "a pixel", "what is not visible", "another size"],
)
def test_what_changed_between_two_pictures_is_told_and_marked(
    show: Callable[[History], Page], tmp_path: Path, after: bytes, said: str, marks: int
) -> None:
    page = show(shot(clean(), tmp_path, after))
    expect(page.locator(".changed")).to_have_text(said)
    found = changed(*(tmp_path / "screenshots" / f"A-{caption}.png" for caption in ("before", "after")))
    assert found is not None
    assert f"{found.percent} of the picture" in said if found.share else "No visible difference" in said, (
        "as Markdown says"
    )
    expect(page.locator(".slider canvas")).to_have_count(marks)
    if marks:
        page.get_by_label("mark it").check()
        expect(page.locator(".slider canvas")).to_be_visible()


@on_a_desk
def test_logs_stand_in_time_with_marks(show: Callable[[History], Page], tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    lines = ["Event: run:started", "Event: step:done", "Event: step:done", "Event: run:completed"]
    (tmp_path / "logs" / "cli-main.out").write_text("\n".join(lines) + "\n")
    (tmp_path / "logs" / "server.log").write_text("Dashboard connected: sid-A\nValueError: an Error\n")
    page = show(mismatch())
    assert page.locator(".logs .cli.event mark").all_inner_texts() == ["lost at routed"] * 4
    assert page.locator(".logs .server.loud:not(.fact) code").all_inner_texts() == ["ValueError: an Error"]
    assert page.locator(".logs .server.fact code").first.inner_text().startswith("emitted to no recipient: ")
    untold = page.locator(".logs li", has_text="ValueError: an Error").locator("time")
    assert untold.all_inner_texts() == [""], "when that was is not known: the time is that of the line before it"
    shown = [float(text[1:-2]) for text in page.locator(".logs time").all_inner_texts() if text]
    assert shown == sorted(shown)


def crowded() -> Story:
    """So many dashboards that they are a map; some of them lost an event, one has none."""
    return story(LEAST + 2).lose("main/3", Hop.DELIVERED, "L02", "L05")


@pytest.mark.parametrize("make", [mismatch, clean, crowded, lambda: clean().without(of_kind(Fence, load("A")))])
def test_the_page_is_accessible(make: Callable[[], History | Story], browser: Browser, tmp_path: Path) -> None:
    for scheme, width in (("light", 1440), ("dark", 390)):
        sized: Any = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
        with browser.new_context(bypass_csp=True, **sized) as context:
            page = context.new_page()
            page.goto(REPORTER.write(*judged(make()), tmp_path).as_uri())
            assert violations(page) == []
            page.locator("#table button").first.click()
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@on_a_desk
@pytest.mark.parametrize("make", [hostile, lambda: mismatch(NASTY)])
def test_payloads_are_inert(make: Callable[[], History], show: Callable[[History], Page], tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "server.log").write_bytes(NASTY.encode() + b"\xff</script><img src=x onerror=alert(1)>\n")
    page = show(make())
    assert page.evaluate("document.scripts.length") == 2
    assert page.evaluate("document.querySelectorAll('a, iframe, object, embed, base, link').length") == 0
    assert page.evaluate("[...document.images].filter(image => !image.src.startsWith('data:image/png')).length") == 0
    assert page.evaluate(
        "[...document.all].flatMap(e => e.getAttributeNames()).filter(n => /^on|^style$/.test(n))"
    ) == ["style"] * page.evaluate("document.querySelectorAll('[style]').length")
    assert set("\x00\x1b\u202e").isdisjoint((tmp_path / "run.html").read_text(encoding="utf-8"))


def test_the_policy_refuses_every_other_script_and_style(browser: Browser, tmp_path: Path) -> None:
    written = REPORTER.write(*judged(clean()), tmp_path)
    text = written.read_text(encoding="utf-8")
    planted = (
        "<script>document.title = 'ran'</script><style>h1 { color: red }</style><img src='http://192.0.2.1/x'></main>"
    )
    written.write_text(text.replace("</main>", planted), encoding="utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        page.goto(written.as_uri())
        assert page.title() == "passed: broadcast"
        assert sum("Content Security Policy" in text for text in refused) == 3
    assert "unsafe" not in policy("a", "b")


def test_a_printed_page_has_the_events_and_no_controls(browser: Browser, tmp_path: Path) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(REPORTER.write(*judged(long_run(1000)), tmp_path).as_uri())
        assert page.locator("#table .pane .row").count() < 100
        page.emulate_media(media="print")
        page.wait_for_function("() => document.querySelectorAll('#table .pane .row').length === 400")
        assert page.locator("form.filters").is_hidden()
        left_out = page.locator("#table + .rest")
        assert left_out.inner_text() == "The first 400 of 1,000 rows are printed; the page has all."
        page.emulate_media(media="screen")
        assert left_out.is_hidden()
        page.wait_for_function("() => document.querySelectorAll('#table .pane .row').length < 100")


@pytest.mark.parametrize("make", [mismatch, clean])
def test_a_short_run_is_two_sheets_of_paper(make: Callable[[], History], browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "server.log").write_text("Dashboard connected: sid-A\n" * 200)
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(REPORTER.write(*judged(shot(make(), tmp_path)), tmp_path).as_uri())
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 2


def test_hops_of_a_range_are_told_as_one_of_several(tmp_path: Path) -> None:
    stored = LEDGERS / "aiohttp-one-bed-shown.jsonl.gz"
    (tmp_path / FORMER_FILE).write_bytes(gzip.decompress(stored.read_bytes()))
    steps = view.path(Figures(*seen_again(tmp_path)))
    assert [step.note for step in steps[-2:]] == ["✗ no tap: here or after", "✗ lost here or before"]
    assert [step.note for step in view.path(Figures(*judged(mismatch())))[3:5]] == ["✗ lost here", "4 missing"]


def test_a_picture_from_elsewhere_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    history = clean()
    for path in ("../secret.png", str(tmp_path / "secret.png"), "a\x00b", "gone.png"):
        history.tell(Screenshot, load("A"), path=path, caption="before", dashboard="A")
    assert "data:image" not in html(*judged(history), run_dir)


def test_thousands_of_events_are_small_and_drawn_as_far_as_they_are_seen(browser: Browser, tmp_path: Path) -> None:
    """How soon the page is there and how fluidly it scrolls is measured by `make bench`, with ten thousand."""
    written = REPORTER.write(*judged(long_run(4_000)), tmp_path)
    assert written.stat().st_size < 2_000_000
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.goto(written.as_uri())
        frames, last, elements = page.evaluate(SCROLL)
    assert frames > 120
    assert last == "4000 run:completed"
    assert elements < 3_000
