"""A dashboard that asks for an unknown session: opened as others are, and left out where it is turned away.

What its page tells is held back until it watches, so that a system that knows no such session is none the worse. One
that is turned away and stays connected all the same is a bystander, and so is one that asks for nothing: what its page
shows is not judged, but an event that comes to it was sent to who never watched.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from harness.launch.stack import Stack
from harness.model import CHOOSE, AnyFact, Body, Fact, Hop, Record, Sighting, Write
from harness.model.facts import (
    ActionTaken,
    Overheard,
    PageClosed,
    PageConnected,
    PageError,
    PageIntrusion,
    PageOwn,
    PageRefused,
    Requested,
)
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

    def facts(self) -> list[AnyFact]:
        """The facts that were kept."""
        return [record for record in self._kept or () if isinstance(record, Fact)]

    def overheard(self, label: str, asked_for: str, is_there: bool) -> Overheard:
        """What came to a page that watches nothing: the events, and the ids of its connections; and what it asked for
        beside a session, "" where it was made to ask for none.
        """
        came = [r for r in self._kept or () if isinstance(r, Sighting) and r.hop is Hop.DELIVERED]
        sids = [f.body.sid for f in self.facts() if isinstance(f.body, PageConnected)]
        keys = tuple(dict.fromkeys(each.event.key for each in came))
        asked = [f.body for f in self.facts() if isinstance(f.body, Requested)]
        by_itself = tuple(dict.fromkeys(b.name for b in asked if not asked_for or asked_for not in str(b.args)))
        known = tuple(sid for sid in sids if sid is not None)
        return Overheard(label, bool(asked_for), is_there, keys, known, by_itself)

    def objection(self) -> str | None:
        """What was told that speaks against the page's having got what it asked for."""
        found = next((fact.body for fact in self.facts() if isinstance(fact.body, NO)), None)
        return None if found is None else f"{found.kind}: {getattr(found, 'text', None) or getattr(found, 'what', '')}"


class Bystander:
    """A page that is connected and watches nothing. `asked_for`: the session that it was turned away from, or ""."""

    def __init__(self, dashboard: Dashboard, held: Held, asked_for: str, tell: Callable[[Body], None]) -> None:
        self._dashboard, self._held, self._asked_for, self._tell = dashboard, held, asked_for, tell

    def conclude(self, patience_s: float = 2.0) -> None:
        """Tell what came to it, and whether its connection carried to the end."""
        with contextlib.suppress(PageTapError):
            is_there = self._dashboard.is_reached(patience_s) and is_open(self._dashboard, self._held)
            self._tell(self._held.overheard(self._dashboard.label, self._asked_for, is_there))

    def close(self) -> None:
        """Close its page; again does nothing."""
        self._dashboard.withdraw()


@dataclass(frozen=True, slots=True)
class Asking:
    """What a page that asks for an unknown session is opened with. `given` is its pass."""

    label: str
    make: Callable[[Write], Dashboard]
    write: Write
    tell: Callable[[Body], None]
    stack: Stack
    session: str
    given: str
    patience_s: float

    def admitted(self) -> tuple[Dashboard | None, list[Bystander], str | None]:
        """The dashboard that watches the session; else a bystander, where there can be one, and why it does not."""
        held = Held(self.write)
        dashboard = self.make(held)
        why = self._turned_away(dashboard, held)
        if why is None:
            held.release()
            return dashboard, [], None
        with contextlib.suppress(PageTapError):
            if is_open(dashboard, held):
                return None, [Bystander(dashboard, held, self.session, self.tell)], why
        dashboard.withdraw()
        return None, self.who_asks_for_nothing(), why

    def who_asks_for_nothing(self) -> list[Bystander]:
        """A page that is opened and chooses no session, where its address names none and it connects; else none."""
        if not self.stack.target.of(self.label).chooses_when_open:
            return []
        held = Held(self.write)
        dashboard = self.make(held)
        with contextlib.suppress(PageStepError, PageTapError):
            self._open(dashboard, "")
            dashboard.is_shown_connected(self.patience_s)
            if dashboard.is_reached(self.patience_s) and is_open(dashboard, held):
                return [Bystander(dashboard, held, "", self.tell)]
        dashboard.withdraw()
        return []

    def _turned_away(self, dashboard: Dashboard, held: Held) -> str | None:
        page = self.stack.target.of(dashboard.label)
        try:
            values = self._open(dashboard, self.session)
            if not dashboard.is_shown_connected(self.patience_s):
                return "the page does not say that it is connected"
            dashboard.take_steps(page.choosing, values, self.patience_s)
            dashboard.tap.tell(ActionTaken(CHOOSE, self.session, dashboard.label))
            dashboard.try_taps()
        except (PageStepError, PageTapError) as error:
            return str(error).splitlines()[0]
        if not dashboard.is_reached(self.patience_s):  # an answer to what it asked for is there before
            return "its connection carries nothing"
        dashboard.drain()
        return held.objection()

    def _open(self, dashboard: Dashboard, session: str) -> dict[str, str]:
        """Open the page, and what has to be open before it can be watched; what its steps are filled in with."""
        stack, query = self.stack, {"session": session} if session else {}
        values = {**stack.addresses.values(), "session": session, "dashboard": dashboard.label, "pass": self.given}
        dashboard.open(stack.addresses.for_page(f"dashboard:{dashboard.label}", self.given, **query))
        dashboard.take_steps(stack.target.of(dashboard.label).opening, values, self.patience_s)
        return values


def is_open(dashboard: Dashboard, held: Held) -> bool:
    """Whether a page has a connection: the last that it told of one is that it came about."""
    dashboard.drain()
    told = [fact.body for fact in held.facts() if isinstance(fact.body, PageConnected | PageClosed)]
    return bool(told) and isinstance(told[-1], PageConnected)
