"""Hand-written ledgers: a small reference system on paper, of which a test takes something away, doubles or swaps it.

A `Story` is told step by step and keeps the records that the taps of a healthy run would have written:

    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main")
    story.lose("main/3", Hop.ROUTED, "A")
    verdict = story.verdict()

What a page shows at the end is worked out from what the records say that it applied, so that a loss is only a loss.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from harness.diagnosis import verdict_of
from harness.model import PAGE_SIDE, Event, Fact, Hop, Verdict
from harness.model.facts import (
    Acknowledged,
    ClientConnected,
    ClientDisconnected,
    CliExited,
    CliSession,
    CliStarted,
    Connected,
    Disconnected,
    Fence,
    InFlight,
    Joined,
    Left,
    Members,
    Notice,
    Still,
    View,
)
from harness.record.ledger import Ledger
from tests.support.facts import body_of
from tests.support.paper_pages import TAPS_OF_PAGE, Dashboards
from tests.support.records import at


class Story(Dashboards):
    """A run on paper. Every step returns the story."""

    # CLIs

    def start(self, session: str, /, cli: str | None = None, **answer: Any) -> Self:
        """A CLI starts a session; `answer` changes what the server says to it."""
        observer, sid = f"cli:{cli or session}", f"sid-{cli or session}"
        self.fact(CliStarted, observer, argv=["shannon"], cwd="/tmp/project")
        self._canaries(observer, "before", output=Hop.EMITTED, agent=Hop.SENT)
        self.fact(CliSession, observer, session=session)
        self.fact(ClientConnected, observer, url="http://127.0.0.1:1", transport="websocket")
        connected = {"sid": sid, "role": "producer", "origin": None, "transport": "websocket"}
        self.fact(Connected, self.server, **connected)
        told = answer or {"ok": True, "session": session, "seq": 0}
        self.ask(sid, "session:open", told, session=session)
        if told["ok"]:
            self.journal.setdefault(session, [])
            self.active.append(session)
            self._begin(session)
        return self

    def _begin(self, session: str) -> None:
        for page in self.pages.values():
            if page.connected and self.contract.strategy in ("broadcast", "single-session"):
                page.sessions[session] = 0
            if page.connected and self.contract.strategy in ("auto-discovery", "single-session"):
                self._announce(page, session)

    def emit(self, session: str, *names: str, data: str = "digest") -> Self:
        """The CLI reports events, and they pass every hop to the session's subscribers."""
        for name in names:
            seq = len(self.journal[session]) + 1
            event = Event(f"{session}/{seq}", name, session, seq, f"{data}-{seq}")
            self.journal[session].append(event)
            self.see(Hop.EMITTED, event, f"cli:{session}").see(Hop.SENT, event, f"cli:{session}")
            self.see(Hop.RECEIVED, event, self.server, sid=f"sid-{session}")
            audience = [page for page in self.pages.values() if page.connected and session in page.sessions]
            self.see(Hop.ROUTED, event, self.server, tuple(page.sid for page in audience), room=session)
            self.fact(Acknowledged, f"cli:{session}", key=event.key, ok=True, error=None)
            for page in audience:
                self._arrive(page, event)
        return self

    def end(self, session: str, status: int = 0, cli: str | None = None) -> Self:
        """The CLI closes its session and exits."""
        observer, sid = f"cli:{cli or session}", f"sid-{cli or session}"
        if session in self.active:
            self.ask(sid, "session:close", {"ok": True}, session=session, status="completed")
            self.active.remove(session)
            for page in self.pages.values():
                if page.connected and self.contract.strategy != "broadcast" and session in page.sessions:
                    self.fact(Notice, page.observer, name="session:ended", payload={"session": session})
        self.fact(ClientDisconnected, observer, reason="client disconnect")
        return self._gone(observer, sid, status=status, killed=False)

    def kill(self, session: str) -> Self:
        """The harness kills the CLI; the server sees the connection go."""
        self.active.remove(session)
        return self._gone(f"cli:{session}", f"sid-{session}", status=-9, killed=True)

    def _gone(self, observer: str, sid: str, **how: Any) -> Self:
        self.fact(Disconnected, self.server, sid=sid, reason="transport close")
        self.fact(CliExited, observer, **how)
        self._canaries(observer, "after", output=Hop.EMITTED, agent=Hop.SENT)
        return self

    def restart_server(self) -> Self:
        """The server ends and starts again: it knows no session, and every page comes back by itself."""
        connected = [page.label for page in self.pages.values() if page.connected]
        for label in connected:
            self.disconnect(label)
        self._canaries(self.server, "after", received=Hop.RECEIVED, routed=Hop.ROUTED)
        self.server = "server.2"
        self._canaries(self.server, "before", received=Hop.RECEIVED, routed=Hop.ROUTED)
        self.active.clear()
        for label in connected:
            self.connect(label)
        return self

    # Its end

    def settle(self) -> Self:
        """All that proves that nothing is on its way any more. Called by `ledger` unless the test did."""
        self._is_settled = True
        self._canaries(self.server, "after", received=Hop.RECEIVED, routed=Hop.ROUTED)
        self.fact(InFlight, self.server, count=0)
        members = [page.sid for page in self.pages.values() if page.connected]
        self.fact(Members, self.server, rooms=self._rooms(members), connected=members)
        for page in self.pages.values():
            channel = {"dashboard": page.label, "channel": "websocket"}
            self.fact(Fence, page.observer, **channel, back=True, waited_ms=1, means="wire", why=None)
            self.fact(Still, page.observer, dashboard=page.label, still=True, waited_ms=1, why=None)
            self._canaries(page.observer, "after", **TAPS_OF_PAGE)
        return self

    def _rooms(self, members: list[str]) -> dict[str, list[str]]:
        rooms: dict[str, dict[str, None]] = {}
        for record in self.records:
            if record.observer != self.server or not isinstance(record, Fact):
                continue
            if isinstance(record.body, Joined):
                rooms.setdefault(str(record.body.room), {})[record.body.sid] = None
            elif isinstance(record.body, Left):
                rooms.get(str(record.body.room), {}).pop(record.body.sid, None)
        left = {room: [sid for sid in sids if sid in members] for room, sids in rooms.items()}
        return {room: sids for room, sids in left.items() if sids}

    def ledger(self) -> Ledger:
        """The record of the story so far, settled, with what each page shows at the end."""
        if not self._is_settled:
            self.settle()
        views = [
            Fact(page.observer, 1 << 30, self.now_ns, body_of(View, **self._view(page))) for page in self.pages.values()
        ]
        told = Ledger.of(self.contract, [*self.records, *views])
        return replace(told, ending=self.ending, payloads={**told.payloads, **self.payloads})

    def verdict(self) -> Verdict:
        """The verdict with its causes."""
        return verdict_of(self.ledger())

    def lose(self, key: str, hop: Hop, *labels: str) -> Self:
        """An event is lost at a hop: for these dashboards, or for all where the hop is the server's."""
        mine = {self.pages[label].sid for label in labels or self.pages}
        for lost in (each for each in Hop if each >= hop):
            if lost in PAGE_SIDE:
                for label in labels or self.pages:
                    self.records = [r for r in self.records if not at(lost, key, label)(r)]
            elif lost is Hop.ROUTED and hop is Hop.ROUTED:
                self.change(
                    at(lost, key), lambda r: replace(r, recipients=tuple(s for s in r.recipients if s not in mine))
                )
            else:
                self.drop(at(lost, key))
        return self
