"""What a page did that one of its payloads may have brought about: requests, dialogs, popups, markup that runs.

Playwright tells of a request before the page hands out the message that brought it about, so that each is judged once
everything that the page was given before it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from harness.model.facts import PageIntrusion, PageOwn
from harness.taps.page.carried import Carried
from harness.taps.page.values import public_url

_SCHEMES = {"ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A request (`url`), an element (`html`), or a dialog or popup; `load` is its page's, where the page says it."""

    at_ns: int
    what: str
    url: str | None = None
    html: str | None = None
    load: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a page did, in which load (None: the present one), and when."""

    body: PageIntrusion | PageOwn
    load: int | None
    at_ns: int


class Suspects:
    """Those of one page. It may ask `origins` beside its own; None means those of its Socket.IO connections.

    Times are on the clock of `now_ns`.
    """

    def __init__(self, origins: Collection[str] | None, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._is_learning = origins is None
        self._origins = {_origin(each) for each in origins or ()}
        self._carried = Carried()
        self._waiting: list[_Suspect] = []

    def add(self, what: str, url: str | None = None) -> None:
        """Note a request to `url`, or a dialog or popup, of this moment."""
        self._waiting.append(_Suspect(self._now_ns(), what, url))

    def learn(self, record: Mapping[str, Any], load: int, to_ns: Callable[[float], int]) -> None:
        """Take in a record of the page's: where it came from, what it was given, and what it noticed itself.

        `to_ns` puts the page's times on the clock.
        """
        kind = record["k"]
        if kind == "load" or (kind == "socket" and self._is_learning):
            self._origins.add(_origin(record["url"]))
        elif kind == "foreign":
            self.add(f"request (websocket) to {public_url(record['url'])}", record["url"])
        elif kind in ("event", "answer"):
            self._carried.take(record["text"])
        elif kind == "active":
            what = f"markup that runs, in {record['where']}: {record['text']}"
            self._waiting.append(_Suspect(to_ns(record["t"]), what, html=record["text"], load=load))

    def judged(self, until_ns: int) -> Iterator[Judged]:
        """What came up to the time of the last hand-out; the rest is judged with the next one.

        A page may do what it likes: only what a payload brought about is an intrusion, the rest is on record.
        """
        ready = [each for each in self._waiting if each.at_ns <= until_ns]
        self._waiting = [each for each in self._waiting if each.at_ns > until_ns]
        for each in ready:
            if each.url is None or _origin(each.url) not in self._origins:
                body = PageIntrusion(each.what) if self._is_brought_about(each) else PageOwn(each.what)
                yield Judged(body, each.load, each.at_ns)

    def _is_brought_about(self, suspect: _Suspect) -> bool:
        if suspect.url is not None:
            return self._carried.names(suspect.url)
        return self._carried.has_markup if suspect.html is None else self._carried.holds(suspect.html)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{_SCHEMES.get(parts.scheme, parts.scheme)}://{parts.netloc.rpartition('@')[2]}"
