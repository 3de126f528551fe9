"""A dashboard that asks for a session that nobody has: opened as others are, and left out where it is turned away.

What its page tells is held back until it watches, so that a system that knows no such session is none the worse.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.launch.stack import Stack
from harness.model import CHOOSE, Fact, Record, Write
from harness.model.facts import ActionTaken, PageClosed, PageError, PageIntrusion, PageOwn, PageRefused
from harness.run.dashboard import Dashboard, PageStepError
from harness.taps.page import PageTapError

NO = (PageClosed, PageError, PageIntrusion, PageOwn, PageRefused)
"""What a page may tell that does not get what it asks for: an error, a dialog, an end of its connection."""


class Held:
    """Keeps records until they may be written."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._kept: list[Record] | None = []

    def __call__(self, record: Record) -> None:
        if self._kept is None:
            self._write(record)
        else:
            self._kept.append(record)

    def release(self) -> None:
        """Write what was kept, and all that comes from now on."""
        kept, self._kept = self._kept or [], None
        for record in kept:
            self._write(record)

    def objection(self) -> str | None:
        """What was told that speaks against the page's having got what it asked for."""
        bodies = [record.body for record in self._kept or () if isinstance(record, Fact)]
        found = next((body for body in bodies if isinstance(body, NO)), None)
        return None if found is None else f"{found.kind}: {getattr(found, 'text', None) or getattr(found, 'what', '')}"


def admitted(
    make: Callable[[Write], Dashboard],
    write: Write,
    stack: Stack,
    session: str,
    given: str,
    patience_s: float,
) -> tuple[Dashboard | None, str | None]:
    """The dashboard that watches a session which nobody has, or why it does not. `given` is its pass."""
    held = Held(write)
    dashboard = make(held)
    why = _turned_away(dashboard, held, stack, session, given, patience_s)
    if why is not None:
        dashboard.withdraw()
        return None, why
    held.release()
    return dashboard, None


def _turned_away(
    dashboard: Dashboard, held: Held, stack: Stack, session: str, given: str, patience_s: float
) -> str | None:
    page, values = (
        stack.target.of(dashboard.label),
        {**stack.addresses.values(), "session": session, "dashboard": dashboard.label, "pass": given},
    )
    dashboard.open(stack.addresses.for_page(f"dashboard:{dashboard.label}", given, session=session))
    try:
        dashboard.take_steps(page.opening, values, patience_s)
        if not dashboard.is_shown_connected(patience_s):
            return "the page does not say that it is connected"
        dashboard.take_steps(page.choosing, values, patience_s)
        dashboard.tap.tell(ActionTaken(CHOOSE, session, dashboard.label))
        dashboard.try_taps()
    except (PageStepError, PageTapError) as error:
        return str(error).splitlines()[0]
    if not dashboard.is_reached(patience_s):  # an answer to what it asked for is there before
        return "its connection carries nothing"
    dashboard.drain()
    return held.objection()
