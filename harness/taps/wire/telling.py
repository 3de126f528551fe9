"""From what passes the proxy to sightings and facts: what may be claimed of a hop, and no more.

- *sent*: the packet of an event came from the producer; it has left that process. Certain.
- *received*: its handler got the event. Certain once the server has answered it (Socket.IO acknowledgement, HTTP 2xx).
  What is never answered may have been received or not: the hop's tap is one-sided, its silence proves nothing.
- *routed*: whom the server resolves is not to be seen from outside; the hop stays blind.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.model import Body, Event, Fact, Hop, Sighting, Write
from harness.model.facts import (
    Acknowledged,
    Answered,
    ClientConnected,
    ClientDisconnected,
    ClientRefused,
    Connected,
    Disconnected,
    Refused,
    Requested,
)
from harness.record.identity import events_of
from harness.taps.agent.redacted import REDACTED, has_redacted
from harness.taps.agent.site._harness_agent.encode import value
from harness.taps.agent.site._harness_agent.serving import FENCE
from harness.taps.agent.translate import Identify
from harness.taps.answers import Answers, words
from harness.taps.wire.session import Link


@dataclass(slots=True)
class _Open:
    """A message that the server has not answered. `event` None is a request, not an event."""

    name: str
    events: tuple[Event, ...]
    forwarded: int
    producer: str
    args: list[Any]


@dataclass(slots=True)
class Telling:
    """Writes what is heard. Not thread-safe: it belongs to the proxy's thread.

    `server` names the server's observer now (`server.2` after a restart). `producer` names the CLI behind a door and
    a session, None where it is not the run's. What an agent tells already is not told twice: `of_clients` and
    `of_server` say for whom the proxy reports.
    """

    write: Write
    ingress: Identify
    server: Callable[[], str]
    producer: Callable[[str, str | None], str | None]
    of_clients: bool = True
    of_server: bool = True
    open: dict[tuple[str | None, str, int], _Open] = field(default_factory=dict)
    members: dict[str, Link] = field(default_factory=dict)
    """Clients that the server let in and that neither side has left, by Socket.IO id."""
    passed: int = 0
    """Messages so far, of any kind: as long as it grows it is not quiet."""
    troubles: list[str] = field(default_factory=list)
    canaries: set[str] = field(default_factory=set)
    answers: Answers = field(default_factory=Answers)
    _numbers: Counter[str] = field(default_factory=Counter)

    # Socket.IO

    def connected(self, link: Link, at_ns: int) -> None:
        """The server has accepted a client."""
        self.members[str(link.sid)] = link
        sid, space = str(link.sid), link.namespace
        self._server_fact(Connected(sid, link.role, link.origin, link.transport, space), at_ns)
        self._cli_fact(link, ClientConnected(link.url, link.transport, space), at_ns)

    def refused(self, link: Link, data: Any, at_ns: int) -> None:
        """The server has refused a client."""
        plain = _plain(data, value(data))
        reason = plain.get("message") if isinstance(plain, Mapping) else plain
        space = link.namespace
        self._server_fact(Refused(str(reason), link.origin, role=link.role, data=plain, namespace=space), at_ns)
        self._cli_fact(link, ClientRefused(plain, link.url, space), at_ns)

    def disconnected(self, link: Link, reason: str, at_ns: int) -> None:
        """A client's connection to a namespace has ended, by this reason."""
        self.members.pop(str(link.sid), None)
        self._server_fact(Disconnected(str(link.sid), reason, link.namespace), at_ns)
        self._cli_fact(link, ClientDisconnected(reason, link.namespace), at_ns)
        for key in [key for key in self.open if key[:2] == (link.sid, link.namespace)]:
            del self.open[key]  # no client is left to be answered

    def asked(self, link: Link, name: str, args: list[Any], number: int | None, at_ns: int) -> None:
        """A client's message has been passed on to the server."""
        text = value(args)
        plain = _plain(args, text)
        events = () if is_dashboard(link) else self._events(name, plain, text)
        producer = self.producer(link.door, events[0].session if events else None)
        forwarded = self._sent(events, producer, {"namespace": link.namespace, "bytes": len(text)}, at_ns)
        if not events:
            self._server_fact(Requested(name, plain, number, link.sid, link.namespace), at_ns)
        if number is not None:
            self.open[link.sid, link.namespace, number] = _Open(name, events, forwarded, producer or "", plain)

    def answered(self, link: Link, number: int, args: list[Any], at_ns: int) -> None:
        """The server has acknowledged a message, which its handler therefore had."""
        known = self.open.pop((link.sid, link.namespace, number), None)
        if known is None:
            return
        plain = _plain(args, value(args))
        error = self.answers.refusal(known.name, plain, known.args)
        says = words(plain) if error is None else None
        self._confirmed(known, error, {"sid": link.sid, "namespace": link.namespace}, at_ns, says=says)
        self._server_fact(Answered(known.name, plain, number, link.sid, link.namespace), at_ns)

    # Plain HTTP

    def posted(self, door: str, path: str, bodies: list[Any], at_ns: int) -> list[_Open] | None:
        """JSON was posted: events whose carrier is the path. None when none of it is an event."""
        found = []
        for body in bodies:
            text = value([body])
            events = self._events(path, _plain([body], text), text)
            if events:
                producer = self.producer(door, events[0].session)
                forwarded = self._sent(events, producer, {"path": path, "bytes": len(text)}, at_ns)
                found.append(_Open(path, events, forwarded, producer or "", [body]))
        for each in found:
            self.open[None, path, id(each)] = each
        return found or None

    def responded(self, token: list[_Open], status: int, body: Any, at_ns: int) -> None:
        """The server has answered what was posted. Only a 2xx says that a handler of it had it."""
        for each in token:
            self.open.pop((None, each.name, id(each)), None)
            error = self.answers.refusal(each.name, [body], each.args) if status < 300 else f"HTTP {status}"
            detail = {"sid": None, "path": each.name}
            self._confirmed(each, error, detail, at_ns, None if status < 300 else status)

    def turned_away(self, origin: str | None, status: int, at_ns: int) -> None:
        """Engine.IO refused a handshake."""
        reason = "bad-origin" if origin else "refused by Engine.IO"
        self._server_fact(Refused(reason, origin, status=status), at_ns)

    # The proxy itself

    def canary(self, path: str) -> None:
        """The proxy's own request has come back."""
        self.canaries.add(path)

    def trouble(self, why: str) -> None:
        """Something was passed on and could not be read."""
        if why not in self.troubles:
            self.troubles.append(why)

    def _events(self, name: str, args: Sequence[Any], text: str) -> tuple[Event, ...]:
        is_secret = REDACTED in text and has_redacted(args)
        found = events_of(self.ingress, name, args)
        return tuple(replace(each, digest=None, told=None) if is_secret else each for each in found)

    def _sent(self, events: Sequence[Event], producer: str | None, detail: Mapping[str, Any], at_ns: int) -> int:
        """The number in the server's record after which the server may have the message."""
        self.passed += 1
        for event in events if producer is not None and self.of_clients else ():
            told = {**detail, **event.rest}
            self.write(Sighting(Hop.SENT, event, str(producer), self._next(str(producer)), at_ns, None, told))
        return self._numbers[self.server()] + 1

    def _confirmed(
        self,
        known: _Open,
        error: str | None,
        detail: dict[str, Any],
        at_ns: int,
        status: int | None = None,
        says: str | None = None,
    ) -> None:
        """It was answered; over plain HTTP with a `status`, where that is not one of success."""
        self.passed += 1
        observer = self.server()
        for event in known.events:
            if status is None and self.of_server:
                told = {**detail, "forwarded": known.forwarded, **event.rest}
                self.write(Sighting(Hop.RECEIVED, event, observer, self._next(observer), at_ns, None, told))
            if known.producer and self.of_clients:
                said = Acknowledged(event.key, error is None, error, status=status, says=says)
                self.write(Fact(known.producer, self._next(known.producer), at_ns, said))

    def _server_fact(self, body: Body, at_ns: int) -> None:
        self.passed += 1
        if self.of_server:
            observer = self.server()
            self.write(Fact(observer, self._next(observer), at_ns, body))

    def _cli_fact(self, link: Link, body: Body, at_ns: int) -> None:
        """What befalls a producer; not what befalls the fence in its page, which is the harness's."""
        is_ours = is_dashboard(link) or (link.namespace or "").startswith(FENCE)
        producer = None if is_ours else self.producer(link.door, None)
        if producer is not None and self.of_clients:
            self.write(Fact(producer, self._next(producer), at_ns, body))

    def _next(self, observer: str) -> int:
        self._numbers[observer] += 1
        return self._numbers[observer]


def is_dashboard(link: Link) -> bool:
    """Whether a client is a page that watches: one that came in by a CLI's own door is that CLI, a page or not."""
    return link.is_page and not link.door.startswith("cli:")


def _plain(received: Any, text: str) -> Any:
    """As the agent tells it (`text`): bytes described and secrets out, so that digests agree with any tap's.

    What has neither is what was received, and need not be read a second time.
    """
    return json.loads(text) if REDACTED in text or '"_bytes":' in text else received
