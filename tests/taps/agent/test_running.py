"""Handlers that run: the agent says which, for how long, and the line at which each of them stands."""

from __future__ import annotations

from tests.support.observed import PATIENCE_S, Client, Observed


def test_a_handler_that_waits_is_named_with_the_line_at_which_it_waits(
    observed: Observed, client: Client, sid: str
) -> None:
    client("emit", "stay", 1)
    observed.records.one("receive", event="stay")
    waits = observed.hub.sync("server", PATIENCE_S)
    assert waits is not None and waits.handlers == 1, waits
    [runs] = waits.running
    lines = observed.program.read_text().splitlines()
    waiting = 1 + next(number for number, line in enumerate(lines) if "door.wait()" in line)
    received = observed.records.one("receive", event="stay")["t"]
    assert (runs.sid, runs.event) == (sid, "stay") and runs.where == f"{observed.program.name}:{waiting} stay"
    assert received <= runs.began_ns + 1_000_000 and abs(runs.began_ns - received) < 1e9
    client("emit", "open_door", 1)
    while (idle := observed.hub.sync("server", PATIENCE_S)) is not None and idle.handlers:
        pass
    assert idle is not None and idle.running == ()
