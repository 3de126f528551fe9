"""The reference page as people have it: on a phone and a desk, light and dark, with and without events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from harness.launch.processes import Child
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.pytest_plugin.fixtures import Stacks
from harness.run.dashboard import Dashboard
from harness.run.session_id import new_session_id

AXE = Path(__file__).parents[2] / "fixtures" / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def broadcast(harness_stacks: Stacks) -> Stack:
    return harness_stacks.get("broadcast")


@pytest.fixture(params=[(390, "light"), (1440, "dark")], ids=["phone, light", "desk, dark"])
def page(request: pytest.FixtureRequest, broadcast: Stack, harness_resources: Resources) -> Iterator[Page]:
    """What the width decides is not what the colours decide: each is tried, and not each with each."""
    width, scheme = request.param
    size: Any = {"width": width, "height": 844}
    # axe is put into the page by evaluation, which the page's own policy forbids
    context = harness_resources.browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    opened = context.new_page()
    opened.goto(broadcast.addresses.for_page())
    opened.wait_for_selector('[role="status"][data-connection="connected"]')
    opened.wait_for_selector('[data-testid="event-count"][data-count="2"]')
    yield opened
    context.close()


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(({violations}) => violations)")
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def test_before_any_run_it_shows_the_connection_and_nothing_else(page: Page) -> None:
    assert page.get_by_role("status").inner_text().strip() == "Connected"
    assert page.get_by_test_id("event-count").inner_text() == "2 events"
    assert page.get_by_text("No task running").is_visible()
    assert page.get_by_text("No skills executing").is_visible()


def test_the_page_is_accessible_before_and_after_a_run(page: Page, broadcast: Stack, tmp_path: Path) -> None:
    assert violations(page) == []
    run_task(broadcast, tmp_path)
    page.wait_for_selector('[data-testid="event-count"][data-count="12"]')
    assert violations(page) == []


def test_nothing_is_wider_than_the_page(page: Page, broadcast: Stack, tmp_path: Path) -> None:
    run_task(broadcast, tmp_path)
    page.wait_for_selector('[data-testid="event-count"][data-count="12"]')
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_sessions_come_first_and_the_stream_is_as_high_as_its_rows(page: Page) -> None:
    if page.viewport_size is None or page.viewport_size["width"] > 700:
        pytest.skip("a desk has all of it side by side")
    page.wait_for_function("() => document.querySelectorAll('[data-testid=event-row]').length === 2")
    tops = "n => document.querySelector(n).getBoundingClientRect().top"
    assert page.evaluate(tops, ".sessions") < page.evaluate(tops, ".panel-overview")
    assert page.evaluate("() => document.querySelector('.stream').getBoundingClientRect().height") < 200


def test_axe_would_complain(page: Page) -> None:
    """The check of the check: an image without a text is found."""
    page.evaluate("document.body.append(document.createElement('img'))")
    assert any(found.startswith("image-alt") for found in violations(page))


def test_a_server_elsewhere_is_not_connected_to(broadcast: Stack, harness_resources: Resources) -> None:
    context = harness_resources.browser.new_context()
    opened = context.new_page()
    opened.goto(f"{broadcast.children.addresses['dashboard']}/?server=http://192.0.2.1:80")
    assert "is not connected to" in opened.get_by_role("alert").inner_text()
    context.close()


def test_a_label_is_what_names_a_dashboard(broadcast: Stack, tmp_path: Path) -> None:
    written: list[Any] = []
    dashboard = Dashboard("Z", broadcast, written.append, tmp_path)
    dashboard.open(broadcast.addresses.for_page())
    dashboard.wait_connected(20)
    dashboard.drain()
    dashboard.close()
    assert {record.observer for record in written} == {"dashboard:Z.1"}


def run_task(stack: Stack, folder: Path) -> None:
    (folder / "project").mkdir()
    values = {"session": new_session_id(), "server": stack.addresses.told, "token_file": str(stack.token_file)}
    argv = stack.target.do.fill(task=stack.target.task, project=str(folder / "project"), **values)
    with Child("cli", argv, log=folder / "cli.log", cwd=stack.target.do.cwd) as child:
        assert child.wait(20) == 0, child.tail()
    kept = sorted((folder / "project" / ".shannon" / "checkpoints").rglob("*.json"))
    checkpoint = json.loads(kept[-1].read_text(encoding="utf-8"))
    assert list(checkpoint["files"]) == ["hello.py"]
