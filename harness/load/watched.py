"""How a page connects, seen from its browser: that is how its clients connect, too."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harness.load.behaviour import SLOT, Behaviour
from harness.load.packet import CONNECT, EVENT, FENCE, parted

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, WebSocket

MESSAGE = "4"
RECORD_SEPARATOR = "\x1e"

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}

OF_A_CONNECTION = ("sid", "t", "transport")
"""Parameters of an address that are about one connection, or one request of it."""


class NothingSeen(Exception):
    """A page was not seen to connect; the message says what was wanted."""


class Watched:
    """Watches a page from before it is loaded. `passed`: its Socket.IO packets, each with whether the page sent it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._url: str | None = None
        self.passed: list[tuple[bool, str]] = []
        page.on("websocket", self._socket)
        page.on("request", self._request)

    def behaviour(self, session: str | None, insecure: bool) -> Behaviour:
        """What the page did so far; where it was opened for a session, the clients do it for theirs.

        Raises NothingSeen for a page that has no connection of Socket.IO.
        """
        said = [packet for is_sent, text in self.passed if is_sent and (packet := parted(text)) is not None]
        if self._url is None or not any(each.type == CONNECT for each in said):
            raise NothingSeen("the page was not seen to open a Socket.IO connection: there is nothing to multiply.")
        connects = dict.fromkeys(each.text for each in said if each.type == CONNECT)
        says = [each.text for each in said if each.type == EVENT]
        general = [text if session is None else text.replace(session, SLOT) for text in (*connects, *says)]
        return Behaviour(
            url=_plain(self._url),
            headers=self._headers(),
            connects=tuple(general[: len(connects)]),
            says=tuple(general[len(connects) :]),
            insecure=insecure,
        )

    def _headers(self) -> dict[str, str]:
        """What a server may look at: where the page is from, and what it was given to prove who it is."""
        parts = urlsplit(self._page.url)
        cookies = self._page.context.cookies(_plain(self._url or "").replace("ws", "http", 1))
        told = "; ".join(f"{each['name']}={each['value']}" for each in cookies if each["name"] != "io")
        return {"Origin": f"{parts.scheme}://{parts.netloc}", **({"Cookie": told} if told else {})}

    def _socket(self, socket: WebSocket) -> None:
        if "EIO=" not in socket.url:
            return
        self._begin(socket.url)
        socket.on("framesent", lambda frame: self._frame(True, frame))
        socket.on("framereceived", lambda frame: self._frame(False, frame))

    def _request(self, request: Request) -> None:
        if "EIO=" not in request.url or "transport=polling" not in request.url:
            return
        self._begin(request.url)
        for each in (request.post_data or "").split(RECORD_SEPARATOR) if request.method == "POST" else ():
            self._frame(True, each)

    def _begin(self, url: str) -> None:
        """A connection that has no id yet is a new one: what was said on the one before is over with it."""
        if "sid=" not in url:
            self.passed.clear()
        self._url = url

    def _frame(self, is_sent: bool, frame: str | bytes) -> None:
        if isinstance(frame, str) and frame[:1] == MESSAGE and FENCE not in frame[:20]:
            self.passed.append((is_sent, frame[1:]))


def _plain(url: str) -> str:
    """The address of a WebSocket to the same server, for a connection of its own."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, True) if name not in OF_A_CONNECTION]
    query.append(("transport", "websocket"))
    return urlunsplit((_SCHEMES[parts.scheme], parts.netloc, parts.path, urlencode(query), ""))
