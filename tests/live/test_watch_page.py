"""The page of `harness watch` in a real browser: what is told is drawn as text, on a phone and a desk."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.launch.resources import Resources
from harness.live.feed import Feed
from harness.live.runner import Runner
from harness.live.server import Server
from harness.live.state import Phase
from harness.model import Hop
from tests.live.test_state import told
from tests.reference.test_dashboard_page import violations
from tests.support.history import at, clean
from tests.support.reported import NASTY, mismatch

ENDLESS = (sys.executable, "-c", "import signal; signal.pause()")


@dataclass
class Clock:
    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Watched:
    """A page that is told what a test says."""

    page: Page
    feed: Feed
    clock: Clock
    runner: Runner


@pytest.fixture(scope="module")
def browser(harness_resources: Resources) -> Browser:
    """The browser, headless."""
    return harness_resources.browser


@pytest.fixture
def watched(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    """Nothing may be logged, asked or refused while the page is watched."""
    width, scheme = getattr(request, "param", (1440, "light"))
    clock, heard = Clock(), list[str]()
    runner = Runner([*ENDLESS], ("broadcast", "subscription"), lambda: feed.changed())
    feed = Feed(lambda: runner.told, clock)
    sized: Any = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    with Server(feed, runner, tmp_path) as server, browser.new_context(bypass_csp=True, **sized) as context:
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.on("request", lambda asked: heard.append(asked.url) if not asked.url.startswith(server.url) else None)
        page.goto(server.url)
        feed.changed()
        yield Watched(page, feed, clock, runner)
    runner.close()
    assert heard == []


def test_a_run_is_seen_on_its_way_and_then_with_its_verdict(watched: Watched) -> None:
    page, history = watched.page, clean()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a run")
    for hop in (Hop.APPLIED, Hop.RENDERED):
        history.without(at(hop, "s/3", "B"))
    watched.feed.take(told(history))
    expect(page.locator(".badge")).to_have_text("● running")
    expect(page.locator(".hop .dot")).to_have_text(["4"] * 7)
    watched.clock.now_s += 3
    watched.feed.take(told(history))
    expect(page.locator("#stuck li")).to_contain_text("3 step:done for dashboard B: delivered, not applied for 3.")
    expect(page.locator("#events tbody tr").nth(1)).to_contain_text("… delivered")
    watched.feed.take(told(clean(), Phase.JUDGED))
    expect(page.locator(".badge")).to_have_text("✓ passed")
    expect(page.locator("#stuck")).to_be_hidden()
    expect(page.locator("#runs-table tbody tr")).to_have_count(1)


def test_hop_cause_and_the_empty_room_are_seen_while_it_goes_on(watched: Watched) -> None:
    watched.feed.take(told(mismatch()))
    page = watched.page
    expect(page.locator(".tag").first).to_have_text("Cause, as far as the record goes")
    expect(page.get_by_role("heading", name="room-mismatch")).to_be_visible()
    expect(page.locator(".hop.break")).to_contain_text("lost here")
    expect(page.locator(".party", has_text="Rooms")).to_contain_text("no members; events go here")
    watched.feed.take(told(mismatch(), Phase.JUDGED))
    expect(page.locator("#runs-table tbody tr")).to_contain_text("room-mismatch")


def test_a_click_runs_again_with_the_strategy_that_is_chosen(watched: Watched) -> None:
    page = watched.page
    page.get_by_label("Strategy").select_option("subscription")
    page.get_by_role("button", name="Run again").click()
    expect(page.locator("#step")).to_have_text("starting")
    assert watched.runner.told["chosen"] == ["subscription"]
    page.get_by_label("when files change").uncheck()
    page.wait_for_function("() => !document.getElementById('follow').checked")
    page.get_by_role("button", name="Run again after this one").click()
    expect(page.get_by_role("button", name="runs again after this one")).to_be_disabled()
    assert watched.runner.told["follows"] is False


def test_what_the_harness_says_when_it_breaks_is_shown(watched: Watched) -> None:
    watched.runner._status, watched.runner._said = 4, "harness: no browser"
    watched.feed.changed()
    expect(watched.page.locator("#said")).to_have_text("harness: no browser")


def test_where_a_run_has_several_sessions_it_says_which_is_counted(watched: Watched) -> None:
    watched.feed.take(told(clean()))
    expect(watched.page.locator("#events tbody tr")).to_have_count(4)
    expect(watched.page.locator("#counted")).to_be_hidden()
    watched.feed.take({**told(clean()), "sessions": 2})
    expect(
        watched.page.get_by_text("Counted are the events of session s; the whole run has 4 events of 2")
    ).to_be_visible()


@pytest.mark.parametrize("watched", [(1440, "light"), (390, "dark")], ids=["desk", "phone"], indirect=True)
@pytest.mark.parametrize(
    "make",
    [lambda: told(mismatch(), Phase.JUDGED), lambda: told(mismatch(NASTY)), lambda: told(clean(), Phase.JUDGED)],
    ids=["failed", "hostile", "clean"],
)
def test_the_page_is_accessible_and_payloads_are_text(watched: Watched, make: Callable[[], dict[str, Any]]) -> None:
    watched.feed.take(make())
    page = watched.page
    expect(page.locator("#events tbody tr")).to_have_count(4)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.scripts.length") <= 2, "the page's own, and the one that judged it"
    assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, base, form form').length") == 0
    assert (
        page.evaluate("[...document.all].flatMap(e => e.getAttributeNames()).filter(n => /^on|^style$/.test(n)).length")
        == 0
    )
