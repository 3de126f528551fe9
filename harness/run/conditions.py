"""What workloads wait for: counts of what the ledger was told so far, of one run."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.model import Body, Event, Hop, Json, Record, Sighting
from harness.model.facts import (
    Acknowledged,
    Answered,
    ClientRefused,
    Connected,
    Disconnected,
    PageClosed,
    PageConnected,
    Requested,
)
from harness.record.evidence import first_object, in_words
from harness.run.waiting import LOOK_S, PartEnded, RunError

OPEN = "session:open"

REST_S = 3.0
"""What a CLI had sent when it ended is on its way no longer than that, and the bound of latency."""


BY_SERVER = "server disconnect"
"""How a page's client says that the server ended its connection; it does not come back by itself then."""


class Conditions:
    """Takes records from any thread, and lets one wait for what they add up to. `logs` is named in errors."""

    def __init__(
        self,
        timeout_s: float,
        logs: Path,
        ended: Callable[[], str | None] = lambda: None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """`ended` says who of the run has ended that the harness had not ended, None as long as all run.

        `meanwhile` is done again and again by who waits.
        """
        self._timeout_s, self._logs, self.ended, self._meanwhile = timeout_s, logs, ended, meanwhile
        self._changed = threading.Condition()
        self._awaited: list[Callable[[], bool]] = []
        self._counts: Counter[tuple[Hop, str | None]] = Counter()
        self._asked: dict[tuple[object, object], str] = {}
        self._answers: Counter[tuple[str, str, bool]] = Counter()
        self._acknowledged: Counter[str] = Counter()
        self._passed: dict[Hop, Counter[str]] = {hop: Counter() for hop in Hop}
        self._came: dict[tuple[str | None, str], dict[str, None]] = {}
        self._owed: Counter[str] = Counter()
        self._given: Counter[str] = Counter()
        self._pages: dict[str, str] = {}
        self._gone: set[str] = set()
        self._away: set[str] = set()
        self._last_s = time.monotonic()
        self.members = 0
        """Connections of dashboards that came, since the server's last start."""
        self.departures = 0
        """Connections of all parties that ended."""
        self.refused: dict[str, str] = {}
        """Session, or CLI, to the first thing that was refused of it, and the answer."""
        self.rest_s = REST_S
        """How long nothing more is taken, when a CLI has ended, until what it had sent can't come any more."""
        self.moves = 0
        """Connections of all parties that began or ended, as a server tells it."""

    def take(self, record: Record) -> None:
        """Count one record."""
        with self._changed:
            if isinstance(record, Sighting):
                self._counts[(record.hop, record.event.session)] += 1
                self._passed[record.hop][_identity(record.event)] += 1
                if record.hop < Hop.ROUTED:
                    self._came.setdefault(_came_as(record), {})[_identity(record.event)] = None
                    self._last_s = time.monotonic()
                elif record.hop is Hop.ROUTED:
                    self._owed.update({*(record.recipients or ())} - {*record.detail.get("dropped", ())})
                elif record.hop is Hop.DELIVERED:
                    self._given[record.observer] += 1
            elif isinstance(record.body, PageConnected):
                self._pages[record.body.sid or ""] = record.observer
                self._away.discard(record.observer)
            elif isinstance(record.body, PageClosed):
                if BY_SERVER not in (record.body.reason or ""):
                    self._away.add(record.observer)
            elif isinstance(record.body, Acknowledged | ClientRefused):
                self._answer(record.observer, record.body)
            elif record.observer.startswith("server"):
                self._watch(record.body)
            self._tell()

    def _tell(self) -> None:
        """Wake the waiting thread only once its condition holds: waking it for every record means GIL contention."""
        if any(condition() for condition in self._awaited):
            self._changed.notify_all()

    def _watch(self, told: Body) -> None:
        """Keep openings and subscriptions with their answers, and connections that come and go."""
        self.moves += isinstance(told, Connected | Disconnected)
        match told:
            case Requested(args=[Mapping() as body, *_]) if "session" in body:
                self._asked[told.sid, told.id] = str(body["session"])
            case Answered() if (told.sid, told.id) in self._asked:
                session, answer = self._asked.pop((told.sid, told.id)), first_object(told.args)
                self._answers[str(told.name), session, answer.get("ok") is True] += 1
                if answer.get("ok") is False:
                    self._refuse(session, str(told.name), answer)
            case Connected(role="dashboard"):
                self.members += 1
            case Disconnected():
                self.departures += 1
                self._gone.add(told.sid)

    def _answer(self, cli: str, told: Acknowledged | ClientRefused) -> None:
        if isinstance(told, ClientRefused):
            self._refuse(cli, "its connection", told.error)
            return
        session = told.key.rpartition("/")[0]
        self._acknowledged[session] += told.ok
        if not told.ok:
            self._refuse(session, told.key, told.error)

    def _refuse(self, session: str, what: str, answer: Json) -> None:
        self.refused.setdefault(session, f"{what} was refused: {in_words(answer)[:200]}")

    def server_stopped(self) -> None:
        """Every connection to the server is gone."""
        with self._changed:
            self.members = 0

    def seen(self, hop: Hop, session: str) -> int:
        """How many sightings of a session there were at a hop."""
        return self._counts[(hop, session)]

    def any_seen(self, hop: Hop) -> bool:
        """Whether anything was seen at a hop."""
        return bool(self._passed[hop])

    def outstanding(self, taken: Hop, passed: Hop) -> int:
        """How many events were seen at the hop `taken` and not, or not as often, at a later one."""
        with self._changed:
            later = self._passed[passed]
            return sum(max(0, count - later[event]) for event, count in self._passed[taken].items())

    def is_held(self, sid: str | None, name: str) -> bool:
        """Whether a client's message of that name, or what was posted to that path, brought what is not routed yet."""
        with self._changed:
            taken, routed = self._passed[Hop.RECEIVED], self._passed[Hop.ROUTED]
            return any(taken[each] > routed[each] for each in self._came.get((sid, name), ()))

    def undelivered(self) -> int:
        """How many events were routed to pages and are not there yet; pages that lost a connection are not counted."""
        with self._changed:
            gone = {self._pages[sid] for sid in self._gone & self._pages.keys()}
            owed: Counter[str] = Counter()
            for sid, load in self._pages.items():
                owed[load] += self._owed[sid]
            return sum(max(0, count - self._given[load]) for load, count in owed.items() if load not in gone)

    def away(self) -> set[str]:
        """The pages that have lost their connection, and whose client makes another by itself: no server ended it."""
        with self._changed:
            return {*self._away}

    @property
    def last_taken_s(self) -> float:
        """When the last event was seen on its way to the server, in monotonic seconds."""
        return self._last_s

    def pause(self, timeout_s: float) -> None:
        """Wait until something awaited is so, or for that time."""
        with self._changed:
            self._changed.wait(timeout_s)

    def acknowledged(self, session: str) -> int:
        """How many events of a session were acknowledged to their producer."""
        return self._acknowledged[session]

    def answers(self, request: str, session: str) -> int:
        """How many requests of a name were answered for a session."""
        return self._answers[(request, session, True)] + self._answers[(request, session, False)]

    def opened(self, session: str) -> bool | None:
        """Whether the server accepted a session; None as long as it has not answered."""
        if self._answers[(OPEN, session, True)]:
            return True
        return False if self._answers[(OPEN, session, False)] else None

    def wait(self, condition: Callable[[], bool], what: str, by: Callable[[], str | None] = lambda: None) -> None:
        """Wait until that is so. Raises RunError at the deadline, and PartEnded where it can't come any more.

        `by` says who was to bring it about and has ended, None as long as it may: after that what it had on its way is
        waited for, as long as anything is taken.
        """
        deadline, looked, ended_s = time.monotonic() + self._timeout_s, 0, None
        logs = f"The logs are in {self._logs}."
        with self._changed:
            self._awaited.append(condition)
        try:
            while not self._is_so(condition, min(LOOK_S, deadline - time.monotonic())):
                self._meanwhile()
                if (who := self.ended()) is not None:
                    looked += 1  # what it had on its way may still come
                    if looked > 1:
                        raise PartEnded(f"{who} while {what} was waited for. {logs}")
                if (who := by()) is not None:
                    ended_s = ended_s or time.monotonic()
                    if time.monotonic() > max(ended_s, self._last_s) + self.rest_s:
                        raise PartEnded(f"{who} while {what} was waited for. {logs}")
                if time.monotonic() > deadline:
                    raise RunError(f"waited {self._timeout_s:g} s for {what}. {logs}")
        finally:
            with self._changed:
                self._awaited.remove(condition)

    def comes(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Whether it comes about within that time; nothing is wrong where it does not."""
        with self._changed:
            self._awaited.append(condition)
            try:
                return self._changed.wait_for(condition, timeout_s)
            finally:
                self._awaited.remove(condition)

    def _is_so(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Whether it comes about within that time; who waits for something else may wake this one, too."""
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)


def _came_as(taken: Sighting) -> tuple[str | None, str]:
    """The client and the name of the message that brought an event to the server, or the path that it was posted to."""
    told = taken.detail
    return told.get("sid"), str(told.get("path") or told.get("carrier") or taken.event.name)


def _identity(event: Event) -> str:
    """What tells events apart on both sides of a server: the number, or without one the name."""
    return event.key if event.seq is not None else f"{event.session}/{event.name}"
