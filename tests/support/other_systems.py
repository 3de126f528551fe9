"""Two systems on paper that are not the reference, with names and hops of their own.

`warehouse` shows no state, its requests are not described, its panels have no promise. `floor` shows its state, has
one name for most of its events, and sessions that don't end.
"""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Hop, Kind, Panel
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story

STOCK = ("goods:in", "goods:moved", "goods:moved", "label:printed", "goods:moved", "goods:moved", "day:closed")


CYCLES = ("cycle", "cycle", "cycle", "cycle", "alarm", "cycle", "cycle")


PAGE = (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)


def warehouse(**contract: Any) -> Story:
    promised = {"taps": tuple(hop for hop in Hop if hop is not Hop.APPLIED), "asks": False, "terminal": ("day:closed",)}
    promised |= {"terminal_ok": ("day:closed",), "panels": (Panel("stock", ("goods:*",), {"moved": ("goods:moved",)}),)}
    story = Story("broadcast", target="warehouse", declared=(), **{**promised, **contract})
    return story.open("A", "B").start("main").emit("main", *STOCK).end("main")


def floor(**contract: Any) -> Story:
    promised: dict[str, Any] = {
        "terminal": (),
        "terminal_ok": (),
        "panels": (Panel("line", ("cycle",), {"n": ("cycle",)}),),
    }
    story = Story("broadcast", target="floor", declared=(), **{**promised, **contract})
    return story.open("A", "B").start("main").emit("main", *CYCLES).end("main")


SYSTEMS = [pytest.param(warehouse, id="warehouse"), pytest.param(floor, id="floor")]


EACH = pytest.mark.parametrize("system", SYSTEMS)


def lost(story: Story, hop: Hop, *numbers: int, label: str = "A") -> list[Any]:
    return [outcome(Kind.LOST, hop, f"main/{number}", label) for number in numbers]


def keys(story: Story, cause: str, *outcomes: Any) -> list[str | None]:
    return [o.key for blame in explained(cause, story, *outcomes) for o in blame.explains]
