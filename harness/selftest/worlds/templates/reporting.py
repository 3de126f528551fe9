"""What every Python producer of this world does, whatever it sends with: says what it reports, and then reports it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from diary import Diary
from settings import WORLD, falsified, hits, is_in, mark, told, unreported, wrap


@dataclass(frozen=True)
class Event:
    """One thing that happens."""

    name: str
    shift: str
    number: int
    goods: dict[str, Any]


def events(shift: str) -> Iterator[Event]:
    """The events of a shift, in order."""
    for number, (name, goods) in enumerate(WORLD["script"], start=1):
        yield Event(name, shift, number, goods)


class Reporter:
    """Says what is reported on standard output, keeps the diary, and has the bugs of a producer."""

    def __init__(self) -> None:
        self.diary = Diary("producer")
        self._kept: list[tuple[str, list[Any]]] = []

    def sent(self, name: str, arguments: list[Any]) -> None:
        """Note that an event is handed to what sends it."""
        self.diary("sent", mark(arguments), [name, arguments])

    def say(self, event: Event) -> None:
        """The line that reports an event."""
        what = told(event.name, event.shift, event.number, event.goods)
        self.diary("said", mark(event.goods), wrap(event.name, event.shift, event.number, event.goods))
        if WORLD["lines"] == "json":
            print(json.dumps({"kind": event.name, **what}, ensure_ascii=False), flush=True)
        else:
            print(f"> {event.name} {json.dumps(what, ensure_ascii=False)}", flush=True)

    def report(self, event: Event, send: Callable[[str, list[Any]], None]) -> None:
        """Say it, and send it."""
        self.say(event)
        name, arguments = wrap(event.name, event.shift, event.number, event.goods)
        if hits("never-sent", arguments):
            return
        if hits("sent-falsified", arguments):
            arguments = falsified(arguments)
        if hits("sent-later", arguments):
            self._kept.append((name, arguments))
            return
        send(name, arguments)
        if hits("sent-twice", arguments):
            send(name, arguments)
        if hits("sends-unreported", arguments):
            send(name, unreported(arguments))
        for each in self._kept:
            send(*each)
        self._kept = []

    def status(self) -> int:
        """The exit status."""
        return 1 if is_in("wrong-status") else 0
