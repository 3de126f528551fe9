"""What keeps an event loop is told with the handler that it works for, in whichever step of that it happens."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harness.taps.agent.site._harness_agent import loops
from harness.taps.agent.site._harness_agent.state import REQUEST, Seen


class Heard:
    """Stands for the wire to the harness."""

    silent = False

    def __init__(self) -> None:
        self.told: list[str] = []
        self.troubles: list[BaseException] = []

    def put(self, _kind: str, about: str) -> None:
        self.told.append(about)

    def trouble(self, _where: str, error: BaseException) -> None:
        self.troubles.append(error)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Heard:
    heard = Heard()
    monkeypatch.setattr(asyncio.Handle, "_run", asyncio.Handle._run)  # put back at the end
    monkeypatch.setattr(loops, "BLOCKED_S", -1.0)  # every step is told
    loops.watch_loops(heard, Seen())  # type: ignore[arg-type]
    return heard


async def handles() -> None:
    REQUEST.set(("sid", "scanned", 7))
    await asyncio.sleep(0)


def test_a_later_step_of_a_handler_is_told_as_its(wire: Heard) -> None:
    """The step in which it took its message up is known in another way."""

    async def main() -> Any:
        await asyncio.create_task(handles())

    asyncio.run(main())
    assert wire.troubles == []
    assert any('"sid":"sid","event":"scanned"' in each for each in wire.told)
