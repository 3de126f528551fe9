"""The page of all runs in a real browser: filters, trend, links, ten thousand runs, a phone and a desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.archive.index import Indexed
from harness.archive.page import write
from harness.launch.resources import Resources
from tests.reference.test_dashboard_page import violations
from tests.support.reported import NASTY

NOW_S = 2_000_000.0
LOST = (4, 4, 4, 0, 0, 0, None)


def run(name: str, verdict: str = "passed", cause: str = "", age_s: float = 60, strategy: str = "broadcast") -> Indexed:
    hops = LOST if cause else (4,) * 7
    return Indexed(name, NOW_S - age_s, "mine", strategy, verdict, cause, hops, "routed" if cause else "", 1.5)


SOME = [
    run("new-3", "failed", "room-mismatch"),
    run("mid-2", age_s=7200, strategy="subscription"),
    run("old-1", "unknown", age_s=3 * 86400),
]


@pytest.fixture(scope="module")
def browser(harness_resources: Resources) -> Browser:
    """The browser, headless."""
    return harness_resources.browser


@pytest.fixture(params=[(1440, "light"), (390, "dark")], ids=["desk", "phone"])
def show(
    request: pytest.FixtureRequest, browser: Browser, tmp_path: Path
) -> Iterator[Callable[[Sequence[Indexed]], Page]]:
    """Writes the page and opens it from disk. Nothing may be requested or logged meanwhile."""
    width, scheme = request.param
    sized: Any = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    heard = list[str]()
    with browser.new_context(offline=True, bypass_csp=True, **sized) as context:
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(dialog.message))

        def opened(runs: Sequence[Indexed]) -> Page:
            page.goto(write(tmp_path, runs, NOW_S).as_uri())
            return page

        yield opened
    assert heard == []


def test_runs_are_listed_filtered_and_found_again(show: Callable[[Sequence[Indexed]], Page], tmp_path: Path) -> None:
    (tmp_path / "new-3").mkdir()
    (tmp_path / "new-3" / "run.html").write_text("<!doctype html><title>the run</title>")
    page = show(SOME)
    rows, count = page.locator("#runs tbody tr"), page.locator("#count")
    expect(count).to_have_text("3 runs")
    expect(rows.nth(0)).to_contain_text("✗ failed")
    expect(rows.nth(0)).to_contain_text("room-mismatch at routed")
    expect(page.locator("#runs time")).to_have_text(["1 minute ago", "2 hours ago", "3 days ago"])
    expect(page.locator("#trend-said")).to_have_text("Of the latest, 1 of 3 passed.")
    page.get_by_label("Strategy").select_option("subscription")
    expect(count).to_have_text("1 of 3 runs")
    page.get_by_label("Find").fill("nothing of the kind")
    expect(page.get_by_text("No run is like that.")).to_be_visible()
    page.get_by_role("button", name="Show all runs").click()
    expect(rows).to_have_count(3)
    page.get_by_label("Cause").select_option("room-mismatch")
    page.get_by_role("link", name="new-3").click()
    expect(page).to_have_title("the run")


def test_ten_thousand_runs_are_drawn_as_far_as_they_are_looked_at(show: Callable[[Sequence[Indexed]], Page]) -> None:
    page = show([run(f"run-{number}") for number in range(10_000)])
    rows = page.locator("#runs tbody tr")
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="Show 100 more of 9,900").click()
    expect(rows).to_have_count(200)
    page.get_by_label("Find").fill("run-9999")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("button", name="Show")).to_be_hidden()


@pytest.mark.parametrize(
    "runs", [SOME, [], [run(NASTY, "failed", NASTY, strategy=NASTY)]], ids=["some", "none", "hostile"]
)
def test_the_page_is_accessible_and_what_runs_say_is_text(
    show: Callable[[Sequence[Indexed]], Page], runs: Sequence[Indexed]
) -> None:
    page = show(runs)
    expect(page.locator("#runs tbody tr")).to_have_count(len(runs))
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, base, link').length") == 0
