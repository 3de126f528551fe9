"""A target file with several pages: each has what it says, and what is wrong in it is told at its own line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.model import Hop
from harness.run.contract import contract_for
from harness.run.workloads.watched import watched
from tests.support.shop import RIGHT, read, refusal

DESK = """
[pages.desk]
url = "{server}/desk?who={dashboard}"
events = ["placed"]
dashboards = 2

[[pages.desk.panels]]
name = "open"
selector = "#open"
events = ["placed"]
values = { orders = { selector = "b", counts = ["placed"] } }
"""


def test_a_further_page_has_dashboards_and_a_contract_of_its_own(tmp_path: Path) -> None:
    target = read(tmp_path, RIGHT + DESK)
    workload = watched(target, "broadcast")
    assert workload.dashboards == ("A", "B", "desk", "desk2") and not target.takes_events
    assert [page.page_name for page in target.each_page] == ["page", "desk"]
    desk = target.of("desk2")
    assert desk.page_url == "{server}/desk?who={dashboard}" and desk.promised == ("placed",)
    assert desk.page.row is None and target.of("A").page.row is not None
    assert desk.reroute == target.reroute and desk.zone == target.zone

    contract = contract_for(target, "broadcast", "s", workload.properties, workload.dashboards)
    assert Hop.RENDERED in contract.of("A").taps and Hop.RENDERED not in contract.of("desk").taps
    assert contract.of("desk").by_panels and not contract.of("A").by_panels
    assert [panel.name for panel in contract.of("desk").panels] == ["open"] and not contract.of("A").panels
    assert [panel.name for panel in contract.every_panel] == ["open"]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("events =", "event =", "there is no such key here; did you mean events?"),
        ("{dashboard}", "{dashbord}", "nothing fills in {dashbord}; did you mean dashboard?"),
        ("pages.desk", "pages.A", "two dashboards would be called A"),
        ("dashboards = 2", "dashboards = 0", "greater than or equal to 1"),
        ("dashboards = 2", 'storage = "cookies.json"', "there is no file"),
    ],
)
def test_what_is_wrong_in_a_further_page_is_told(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    count = -1 if right == "pages.desk" else 1
    lines = refusal(tmp_path, RIGHT + DESK.replace(right, wrong, count))
    assert any(told in line for line in lines), lines


def test_pages_watch_one_task_and_no_pipe(tmp_path: Path) -> None:
    lines = refusal(tmp_path, RIGHT.replace("[cli]\n", '[cli]\npipe = ["./pipe.sh"]\n') + DESK)
    assert any("leave `cli.pipe` out" in line for line in lines), lines
