"""What is done with a system whose CLI takes no events from outside: dashboards watch it do one task."""

from __future__ import annotations

import time
from dataclasses import dataclass

from harness.model import Hop
from harness.run.run import Run
from harness.run.workloads import COMMON, workloads
from harness.target.spec import Target

SHOWN = (*COMMON, "B1", "B2")
"""What one task can show; the other properties of strategies need more sessions, or late dashboards."""

ENTITLED, ISOLATED = "P17", "P6"

STRANGER = "stranger"
"""The dashboard whose pass is for another session, or that asks for an unknown one."""

ENOUGH_S, TIMES_AS_LONG = 1.0, 2.0
"""How long a page may take to show an unknown session: as long as others took, so many times, and that."""

NEEDED = {
    "P8": (Hop.DELIVERED, Hop.APPLIED),
    "P9": (Hop.RENDERED,),
    "P11": (Hop.RENDERED,),
    "P15": (Hop.RECEIVED,),
    "B1": (Hop.ROUTED,),
    "B2": (Hop.DELIVERED,),
}
"""The hops without which a property can't be demanded."""


@dataclass(frozen=True, slots=True)
class WatchedTask:
    """Two dashboards, one task, and the properties that can be shown with them."""

    name: str
    properties: tuple[str, ...]
    watching: tuple[str, ...]
    asks_in_vain: bool = False
    """Whether a dashboard more asks for an unknown session."""
    stands_by: bool = False
    """Whether a page more is opened that chooses nothing: it is not a dashboard of the run, and must hear nothing."""
    needs_pipe: bool = False

    @property
    def dashboards(self) -> tuple[str, ...]:
        """The labels of the pages that it opens."""
        return (*self.watching, STRANGER) if self.asks_in_vain else self.watching

    def perform(self, run: Run) -> None:
        target = run.stack.target
        run.step("dashboards open the page", *self.properties)
        chosen = dict.fromkeys(self.watching, run.main) if target.chooses_by_itself else None
        began_s = time.monotonic()
        opened = run.open_dashboards(*self.watching, sessions=chosen, entitled=self._entitled(run))
        if self.asks_in_vain:
            run.step("another asks for an unknown session", ISOLATED)
            run.open_stranger(STRANGER, run.new_session(), ENOUGH_S + TIMES_AS_LONG * (time.monotonic() - began_s))
        elif self.stands_by:
            run.step("another page is opened, and asks for nothing", ISOLATED)
            run.open_bystander(STRANGER, ENOUGH_S + TIMES_AS_LONG * (time.monotonic() - began_s))
        run.screenshots("before", *opened)
        run.step("the CLI does its task")
        run.do("main", run.main).finish()

    def _entitled(self, run: Run) -> dict[str, str]:
        """The pass of the last dashboard is for a session that never comes: it must hear of none."""
        if ENTITLED not in self.properties:
            return {}
        *others, stranger = self.watching
        return {**dict.fromkeys(others, run.main), stranger: run.new_session()}


def watched(target: Target, strategy: str, dashboards: tuple[str, ...] = ("A", "B")) -> WatchedTask:
    """The workload for a target; its further pages are watched, too."""
    demanded = (prop for prop in workloads()[strategy].properties if prop in SHOWN)
    shown, watching = tuple(prop for prop in demanded if _can_be_shown(prop, target)), (*dashboards, *target.pages)
    if target.passes is None or not target.gives_session:  # a session that is not known before can't be in a pass
        isolates = ISOLATED in workloads()[strategy].properties
        asks_in_vain = isolates and target.chooses_by_itself and target.gives_session
        stands_by = isolates and target.chooses_when_open and not asks_in_vain
        return WatchedTask(strategy, shown, watching, asks_in_vain, stands_by)
    return WatchedTask(strategy, (*shown, ENTITLED), (*watching, STRANGER))


def _can_be_shown(prop: str, target: Target) -> bool:
    if prop == "P4":
        return not {Hop.EMITTED, Hop.SENT}.isdisjoint(target.taps)
    if prop == "P9" and any(page.by_panels for page in target.each_page):
        return True
    if prop == "P13":
        return bool(target.terminal)
    if prop == "P15" and all(page.page.status is None for page in target.each_page):
        return False
    return all(hop in target.taps for hop in NEEDED.get(prop, ()))
