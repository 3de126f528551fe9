"""Dashboards on paper: what they are sent, take in and show, as the taps of a healthy run would write it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from harness.model import Contract, Event, Fact, Hop, Panel, Sighting
from harness.model.facts import (
    ActionTaken,
    Answered,
    ClockCompared,
    Connected,
    Disconnected,
    Joined,
    Left,
    Notice,
    PageClosed,
    PageConnected,
    PageLoaded,
    PanelShown,
    Requested,
    ServerStarted,
    StatusShown,
    TapTried,
)
from harness.record.ledger import Ending
from tests.support.records import Records

TASK = ("execution:started", "checkpoint:created", "skill:started", "skill:completed", "execution:completed")
OWN = ("connection:established", "connection:routing")
PANELS = (
    Panel("overview", ("*",), {"events": ("*",)}),
    Panel("skills", ("skill:*",), {"started": ("skill:started",), "completed": ("skill:completed",)}),
)
TAPS_OF_PAGE = {"wire": Hop.DELIVERED, "store": Hop.APPLIED, "dom": Hop.RENDERED}


@dataclass
class Page:
    """One dashboard on paper."""

    label: str
    load: int = 1
    sid: str = ""
    connected: bool = False
    sessions: dict[str, int] = field(default_factory=dict)
    """Session that it follows to the last number that it was sent."""

    @property
    def observer(self) -> str:
        return f"dashboard:{self.label}.{self.load}"


class Dashboards(Records):
    """The pages of a run on paper. Every step returns the story."""

    def __init__(self, strategy: str, **contract: Any) -> None:
        healthy = Contract(
            target="paper",
            strategy=strategy,
            session="main",
            replays=True,
            bound_ms=2000.0,
            terminal=("execution:completed", "execution:failed"),
            terminal_ok=("execution:completed",),
            declared=TASK,
            own_events=OWN,
            panels=PANELS,
            taps=tuple(Hop),
            properties=(),
            dashboards=(),
        )
        self.contract = replace(healthy, **contract)
        super().__init__()
        self.pages: dict[str, Page] = {}
        self.journal: dict[str, list[Event]] = {}
        self.active: list[str] = []
        self.ending = Ending.COMPLETE
        self.server = "server"
        self.payloads: dict[str, Any] = {}
        """Digest to the data that it stands for, where a test reads them."""
        self._views: dict[str, dict[str, Any]] = {}
        self.last_id = 0
        self.answers_first = False
        """Whether a subscription is answered before what there was is sent again."""
        self._is_settled = False
        self.fact(ServerStarted, "server", pid=1, url="http://127.0.0.1:1")
        self._canaries("server", "before", received=Hop.RECEIVED, routed=Hop.ROUTED)

    def _canaries(self, observer: str, phase: str, **taps: Hop) -> None:
        for tap, hop in taps.items():
            self.fact(TapTried, observer, tap=tap, hops=[int(hop)], phase=phase, alive=True, why=None)

    def ask(self, sid: str, name: str, answer: Mapping[str, Any], by: str | None = None, **body: Any) -> Self:
        """A request and its answer, seen by the server and, where given, by who asks."""
        self._tell(Requested, sid, name, body, by)
        return self._tell(Answered, sid, name, answer, by)

    def _tell(
        self, kind: type[Requested | Answered], sid: str, name: str, body: Mapping[str, Any], by: str | None
    ) -> Self:
        self.last_id += kind is Requested
        for observer in (self.server, by):
            if observer is not None:
                self.fact(kind, observer, sid=sid, name=name, id=self.last_id, args=[dict(body)])
        return self

    # Dashboards

    def open(self, *labels: str) -> Self:
        """Open dashboards: they load, connect and are sent what is promised to them."""
        for label in labels:
            page = self.pages[label] = Page(label)
            if label not in self.contract.dashboards:
                self.contract = replace(self.contract, dashboards=(*self.contract.dashboards, label))
            self.load(page)
            self.connect(label)
        return self

    def load(self, page: Page) -> None:
        """A page comes up, and has not connected yet."""
        self.fact(ClockCompared, page.observer, offset_ns=0, error_ns=1_000_000)
        self._canaries(page.observer, "before", **TAPS_OF_PAGE)
        self.fact(PageLoaded, page.observer, dashboard=page.label, url="http://127.0.0.1:2/")
        for panel in self.contract.panels:
            self.fact(PanelShown, page.observer, panel=panel.name, session=None, text="idle", values={})

    def connect(self, label: str) -> Self:
        """A page connects, and the server hands over what it follows and missed."""
        page = self.pages[label]
        page.sid = f"sid-{label}-{self.tick()}"
        page.connected = True
        connected = {"sid": page.sid, "role": "dashboard", "origin": "http://127.0.0.1:2", "transport": "websocket"}
        if self.contract.strategy in ("broadcast", "single-session"):
            self.fact(Joined, self.server, sid=page.sid, room="dashboards")
            for session in self.active:
                page.sessions.setdefault(session, 0)
        self.fact(Connected, self.server, **connected)
        self.fact(PageConnected, page.observer, sid=page.sid, transport="websocket")
        self.fact(StatusShown, page.observer, text="Connected", connected=True)
        for name in OWN:
            self.fact(Notice, page.observer, name=name, payload={"session": None})
        for session in list(page.sessions):
            self._replay(page, session)
        if self.contract.strategy != "subscription":
            for session in self.active:
                self._announce(page, session)
        return self

    def disconnect(self, label: str) -> Self:
        """A page loses its connection."""
        page = self.pages[label]
        page.connected = False
        self.fact(Disconnected, self.server, sid=page.sid, reason="transport close")
        self.fact(PageClosed, page.observer, transport="websocket", reason="transport close")
        return self.fact(StatusShown, page.observer, text="Disconnected", connected=False)

    def reload(self, label: str, by_itself: bool = False) -> Self:
        """A page is loaded again, by the harness or by itself; it remembers the sessions, and nothing of them."""
        if not by_itself:
            self.fact(ActionTaken, self.pages[label].observer, name="reload", dashboard=label)
        self.disconnect(label)
        page = self.pages[label]
        page.load += 1
        page.sessions = dict.fromkeys(page.sessions, 0)
        self.load(page)
        return self.connect(label)

    def subscribe(self, label: str, session: str, /, **answer: Any) -> Self:
        """A page subscribes to a session; `answer` changes what the server says."""
        page = self.pages[label]
        known = session in self.journal
        good = {"ok": True, "session": session, "missed": 0}
        told = answer or (good if known else {"ok": False, "error": {"code": "unknown-session", "message": "?"}})
        asked = {"session": session, "after": page.sessions.get(session, 0)}
        self._tell(Requested, page.sid, "subscribe", asked, page.observer)
        if told["ok"]:
            page.sessions.setdefault(session, 0)
            if not self.answers_first:
                self._replay(page, session)
            self.fact(Joined, self.server, sid=page.sid, room=f"session:{session}")
        self._tell(Answered, page.sid, "subscribe", told, page.observer)
        if told["ok"]:
            self._replay(page, session)
        return self

    def choose(self, label: str, session: str) -> Self:
        """A person chooses a session in the page, and the page subscribes to it. The former one is left to itself."""
        action = {"name": "subscribe", "dashboard": label, "detail": session}
        return self.fact(ActionTaken, self.pages[label].observer, **action).subscribe(label, session)

    def unsubscribe(self, label: str, session: str) -> Self:
        """A page gives a session up."""
        page = self.pages[label]
        del page.sessions[session]
        self.fact(Left, self.server, sid=page.sid, room=f"session:{session}")
        self.ask(page.sid, "unsubscribe", {"ok": True}, page.observer, session=session)
        return self

    def _announce(self, page: Page, session: str) -> None:
        self.fact(Notice, page.observer, name="session:announced", payload={"session": session})
        if self.contract.strategy == "auto-discovery":
            self.subscribe(page.label, session)

    def _replay(self, page: Page, session: str) -> None:
        for event in self.journal.get(session, ()):
            if (event.seq or 0) > page.sessions[session]:
                self.see(Hop.ROUTED, event, self.server, (page.sid,))
                self._arrive(page, event)

    def _arrive(self, page: Page, event: Event) -> None:
        page.sessions[event.session or ""] = event.seq or 0
        self.see(Hop.DELIVERED, event, page.observer, transport="websocket")
        self.see(Hop.APPLIED, event, page.observer)
        self.see(Hop.RENDERED, replace(event, digest=None), page.observer, via="row")

    # What they show

    def shows(self, label: str, **view: Any) -> Self:
        """Change what a page shows at the end."""
        self._views.setdefault(label, {}).update(view)
        return self

    def _view(self, page: Page) -> dict[str, Any]:
        own = [
            r.body.name
            for r in self.records
            if r.observer == page.observer and isinstance(r, Fact) and isinstance(r.body, Notice) and r.body.name in OWN
        ]
        has_store = Hop.APPLIED in self.contract.taps
        applied = self._events(Hop.APPLIED if has_store else Hop.RENDERED, page.observer)
        state = [*own, *(event.key for event in applied)]
        last = applied[-1].session if applied else None
        status = {"text": "Connected" if page.connected else "Disconnected", "connected": page.connected}
        shown = {
            "counter": len(state),
            "status": status,
            "rows": state[::-1],
            "window": None,
            "state_events": state if has_store else None,
            "panels": {panel.name: self._panel(panel, last, applied) for panel in self.contract.panels},
        }
        return {**shown, **self._views.get(page.label, {})}

    def _panel(self, panel: Panel, session: str | None, applied: Iterable[Event]) -> dict[str, Any]:
        mine = [event.name for event in applied if event.session == session]
        values = {
            value: str(sum(1 for name in mine if name in counted or "*" in counted))
            for value, counted in panel.values.items()
        }
        return {"session": session, "text": f"busy {values}", "values": values}

    def _events(self, hop: Hop, observer: str) -> list[Event]:
        found = [r for r in self.records if isinstance(r, Sighting) and r.hop is hop and r.observer == observer]
        return list({each.event.key: each.event for each in sorted(found, key=lambda each: each.n)}.values())
