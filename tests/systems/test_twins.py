"""Server-side bugs of the reference system, which is Python, and the same ones of systems on Node.js."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from fixtures.defects import Defect
from tests.support.foreign import bugs

FOLDER = Path(__file__).parents[2] / "fixtures" / "defects"
NODE = ("node", "trams", "clinic", "parcels")
BEFORE_PAGES = ("received", "routed", "delivered")

OF_ITS_OWN = {
    "announced-late": "sessions are announced",
    "broadcast-leak": "dashboards choose sessions",
    "gap-no-replay": "replays are promised",
    "late-join-stale": "sessions are announced",
    "lease-stuck": "one session at a time",
    "no-announcement": "sessions are announced",
    "no-replay": "replays are promised",
    "post-dropped": "python-engineio alone drops a payload",
    "rejected-without-code": "sessions are rejected",
    "room-not-left": "dashboards choose sessions",
    "slow-consumer-drop": "its server has queues of its own",
    "two-active": "one session at a time",
    "upgrade-drop": "its transport loses packets",
}
"""Causes of server-side bugs that no system on Node.js has yet, with what of the reference system they need."""


def in_servers() -> dict[str, list[str]]:
    """Cause to the seeded bugs of the reference system's server that are found by it, before a page has the event."""
    found: dict[str, list[str]] = {}
    for file in sorted(FOLDER.glob("*.py")):
        module = import_module(f"fixtures.defects.{file.stem}")
        bug, places = getattr(module, "DEFECT", None), getattr(module, "PATCHES", {})
        if not isinstance(bug, Defect) or not any(place.startswith("fixtures.server") for place in places):
            continue
        for each in bug.found:
            if each.cause != "unexplained" and (each.hop in BEFORE_PAGES or each.cause == "never-acknowledged"):
                found.setdefault(each.cause, []).append(file.stem)
    return found


def on_node() -> dict[str, list[str]]:
    """Cause to the bugs of systems on Node.js that are found by it."""
    found: dict[str, list[str]] = {}
    for bug in bugs().values():
        if bug.system in NODE or bug.target == "node.toml":
            found.setdefault(bug.cause, []).append(bug.id)
    return found


def test_each_server_side_bug_has_its_twin_on_node_or_needs_the_reference_system() -> None:
    twins = on_node()
    assert {cause for cause in in_servers() if cause not in twins} == OF_ITS_OWN.keys()


def test_twenty_server_side_bugs_have_a_twin_on_node() -> None:
    """Bugs of the reference system's server, and causes beside them that no bug of it has."""
    twins = on_node()
    assert sum(len(mine) for cause, mine in in_servers().items() if cause in twins) >= 20
    beside = {"mixed-up", "background-raises", "room-mismatch", "stale-sid", "wrong-process", "loop-blocked"}
    of_processes = {"relayed-twice", "queue-mismatch", "no-shared-queue"}
    assert beside | of_processes <= twins.keys()
