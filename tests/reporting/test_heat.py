"""The map of a run with many dashboards: which cell says what, and what a person reads of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import Event, Hop, Sighting
from harness.record.evidence import Evidence
from harness.reporting.figures import Figures
from harness.reporting.page.heat import LEAST, MOST_COLUMNS, MOST_NAMED, MOST_ROWS, Heat, heat
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK


def story(dashboards: int, sessions: int = 1) -> Story:
    told = Story("broadcast").open(*(f"L{n:02d}" for n in range(1, dashboards + 1)))
    for session in ("main", *(f"s{n}" for n in range(2, sessions + 1))):
        told.start(session).emit(session, *TASK).end(session)
    return told


def drawn(told: Story) -> Heat | None:
    ledger = told.ledger()
    return heat(Figures(Evidence(ledger), verdict_of(ledger)))


def test_a_run_with_few_dashboards_has_none() -> None:
    assert drawn(story(LEAST - 1)) is None
    found = drawn(story(LEAST))
    assert found is not None and (found.cells, found.named, found.sound) == ((), (), LEAST)


def test_a_loss_is_the_cell_of_its_dashboard_and_its_event() -> None:
    found = drawn(story(LEAST).lose("main/3", Hop.DELIVERED, "L02", "L05"))
    assert found is not None and (found.rows, found.columns, found.sound) == (LEAST, len(TASK), LEAST - 2)
    assert [(cell.y / found.height, cell.x / found.width, cell.bad, cell.is_whole) for cell in found.cells] == [
        (1, 2, 1, True), (4, 2, 1, True),
    ]  # fmt: skip
    assert found.cells[0].told == "dashboards L02, events 3: 1 wrong of 1"
    assert [(each.label, each.told, each.first) for each in found.named] == [
        ("L02", "1 lost", "main/3"), ("L05", "1 lost", "main/3"),
    ]  # fmt: skip


def test_many_share_a_cell_which_then_says_how_many_of_them() -> None:
    dashboards, sessions = MOST_ROWS + 4, MOST_COLUMNS // len(TASK) + 2
    found = drawn(story(dashboards, sessions).lose("main/3", Hop.DELIVERED, "L02"))
    assert found is not None and (found.per_row, found.per_column) == (2, 2)
    assert found.rows <= MOST_ROWS and found.columns <= MOST_COLUMNS
    assert [(cell.bad, cell.is_whole, cell.told) for cell in found.cells] == [
        (1, False, "dashboards L01 to L02, events 3 to 4: 1 wrong of 4")
    ]


def test_those_with_the_most_are_named_first_and_the_rest_are_counted() -> None:
    told = story(LEAST + 4)
    labels = [f"L{n:02d}" for n in range(1, MOST_NAMED + 4)]
    told.lose("main/3", Hop.DELIVERED, *labels).lose("main/4", Hop.DELIVERED, "L07")
    found = drawn(told)
    assert found is not None and (found.named[0].label, found.named[0].told) == ("L07", "2 lost")
    assert (len(found.named), found.others) == (MOST_NAMED, 3)


def test_what_is_not_known_is_not_a_loss() -> None:
    told = story(LEAST).lose("main/3", Hop.DELIVERED, "L02")
    ledger = told.ledger()
    without_fence = replace(
        ledger, facts=tuple(f for f in ledger.facts if not (f.kind == "fence" and f.observer == "dashboard:L02.1"))
    )
    found = heat(Figures(Evidence(without_fence), verdict_of(without_fence)))
    assert found is not None and [cell.bad for cell in found.cells] == [0] * len(found.cells) and found.cells
    assert "unknown" in found.named[0].told


@pytest.mark.parametrize("extra", [None, "phantom"])
def test_an_event_that_was_not_emitted_has_a_place_too(extra: str | None) -> None:
    told = story(LEAST)
    if extra is not None:
        event = Event(f"{extra}/1", "step", extra, 1, "digest")
        told.records.append(Sighting(Hop.DELIVERED, event, "dashboard:L03.1", 1 << 20, told.now_ns))
    found = drawn(told)
    assert found is not None and bool(found.cells) is (extra is not None)
