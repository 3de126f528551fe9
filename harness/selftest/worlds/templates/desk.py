"""The desk of a server: who watches, what came, and what is to be sent to whom. No Socket.IO in it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from typing import Any

from diary import Diary
from settings import WORLD, as_text, falsified, hits, is_in, mark, renamed, shift_of, stamped, unreported, with_note_of

EVERYONE = "watchers"
"""The room of all pages, where there is one room for all."""


@dataclass(frozen=True)
class Send:
    """One emission: to a room, to one connection, or (both None) to all."""

    name: str
    arguments: list[Any]
    room: str | None = None
    sid: str | None = None
    skip: str | None = None
    namespace: str = "/"
    wait_s: float = 0.0


class Desk:
    """What a server knows. Its caller calls one method at a time."""

    def __init__(self, name: str) -> None:
        self.diary = Diary(f"server-{name}")
        self.pages: dict[str, str] = {}
        """Connection to the name that the page gave itself."""
        self.members: dict[str, list[str]] = {}
        """Room to the connections in it."""
        self.journal: list[tuple[str, list[Any]]] = []
        self._held: list[tuple[str, list[Any]]] = []
        self._newest: str | None = None
        self._before: list[Any] | None = None
        self.producer: str | None = None

    # Who is there

    def page_came(self, sid: str, page: str) -> list[str]:
        """A page connected: the rooms that it is put in at once."""
        self.pages[sid] = page
        self._newest = sid
        self.diary("came", "", page)
        return [] if WORLD["contract"] in ("subscription", "auto-discovery") else [self._enter(EVERYONE, sid)]

    def page_asks(self, sid: str, shift: str) -> str:
        """A page wants a session: the room that it is put in."""
        self.diary("joined", "", [self.pages.get(sid, "?"), shift])
        return self._enter(self.room_of(shift), sid)

    def gone(self, sid: str) -> None:
        """A connection ended."""
        page = self.pages.pop(sid, None)
        for members in self.members.values():
            if sid in members:
                members.remove(sid)
        if page is not None:
            self.diary("went", "", page)

    def _enter(self, room: str, sid: str) -> str:
        members = self.members.setdefault(room, [])
        if sid not in members:
            members.append(sid)
        return room

    @staticmethod
    def room_of(shift: str) -> str:
        """The room in which a session's watchers are."""
        return f"shift-{shift}"

    # What comes

    def knows(self, name: str) -> bool:
        """Whether there is a handler for this name."""
        return name in WORLD["wire"] and not (is_in("name-unheard") and name == WORLD["names"][0])

    def took(self, name: str, arguments: list[Any]) -> None:
        """An event came in. May raise, as handlers do."""
        self.diary("took", mark(arguments), [name, arguments])
        if hits("handler-raises", arguments):
            raise KeyError("table")
        if hits("server-ends", arguments):
            sys.stdout.flush()
            os._exit(3)

    def sends(self, name: str, arguments: list[Any]) -> list[Send]:
        """What is sent on for an event, in order."""
        forgets = hits("handler-forgets", arguments) or hits("name-not-passed", arguments)
        if forgets or (is_in("worker-dies") and self._is_over("worker-dies", arguments)):
            return []
        if hits("held-back", arguments):
            self._held.append((name, arguments))
            return []
        arguments = self._changed(arguments)
        self.journal.append((name, arguments))
        found = self._sends(name, arguments)
        if hits("emits-twice", arguments):
            found = [*found, *found]
        if hits("invents", arguments):
            made_up = [replace(each, arguments=unreported(each.arguments)) for each in found]
            found = [*found, *made_up]
        if self._held and not hits("held-back", arguments):
            held, self._held = self._held, []
            found += [send for each in held for send in self._sends(*each)]
        return found

    def _changed(self, arguments: list[Any]) -> list[Any]:
        """The message as it is passed on."""
        if hits("server-falsifies", arguments):
            arguments = falsified(arguments)
        if hits("renames-field", arguments):
            arguments = renamed(arguments)
        if hits("stringifies", arguments):
            arguments = as_text(arguments)
        before, self._before = self._before, arguments
        if hits("mixes-notes", arguments) and before is not None:
            arguments = with_note_of(arguments, before)
        if WORLD["noise"] == "stamp":
            arguments = stamped(arguments)
        return arguments

    def _is_over(self, mechanism: str, arguments: list[Any]) -> bool:
        """Whether this event, or an earlier one, was the one that ended the worker."""
        if hits(mechanism, arguments):
            self.__dict__.setdefault("_over", set()).add(mechanism)
        return mechanism in self.__dict__.get("_over", ())

    def _sends(self, name: str, arguments: list[Any]) -> list[Send]:
        plain = Send(name, arguments)
        if hits("routes-late", arguments):
            plain = replace(plain, wait_s=WORLD["delay_s"])
        if hits("other-namespace", arguments):
            return [replace(plain, namespace="/staff")]
        own = WORLD["contract"] in ("subscription", "auto-discovery")
        room = self.room_of(shift_of(arguments)) if own else EVERYONE
        if hits("wrong-shift", arguments):
            plain = replace(plain, arguments=[{**arguments[0], "shift": f"{shift_of(arguments)}0"}])
        if hits("merges", arguments):
            return [Send("batch", [[[name, arguments]]], room=room)]
        if hits("to-sender", arguments):
            return [replace(plain, sid=self.producer)]
        if hits("other-room", arguments):
            return [replace(plain, room=f"{room}s")]
        members = self.members.get(room, []) if own else [*self.pages]
        first = members[0] if members else None
        if hits("newest-only", arguments):
            return [replace(plain, sid=self._newest)]
        if WORLD["to"] == "sid":
            skipped = first if hits("skips-one", arguments) else None
            return [replace(plain, sid=sid) for sid in members if sid != skipped]
        if hits("skips-one", arguments):
            plain = replace(plain, skip=first)
        return [plain if WORLD["to"] == "everyone" else replace(plain, room=room)]

    def recipients(self, send: Send) -> list[str]:
        """The names of the pages that an emission goes to; `*` where other servers have pages too."""
        if send.name == "batch":
            return []
        if WORLD["processes"] != "one" and send.sid is None and send.skip is None:
            return ["*"] if send.namespace == "/" and send.room in (None, EVERYONE) else []
        if send.namespace != "/":
            return []
        if send.sid is not None:
            sids = [send.sid]
        else:
            sids = [*self.pages] if send.room is None else self.members.get(send.room, [])
        return [self.pages[sid] for sid in sids if sid != send.skip and sid in self.pages]

    def gave(self, send: Send) -> None:
        """Note an emission."""
        self.diary("gave", mark(send.arguments), [send.name, send.arguments, self.recipients(send)])

    def kicked(self, arguments: list[Any]) -> str | None:
        """The connection that is ended before this event."""
        return next(iter(self.pages), None) if hits("kicks-page", arguments) else None

    def leaver(self, arguments: list[Any]) -> tuple[str, str] | None:
        """The connection that is taken out of its room before this event, and the room."""
        if not hits("leaves-room", arguments):
            return None
        own = WORLD["contract"] in ("subscription", "auto-discovery")
        room = self.room_of(shift_of(arguments)) if own else EVERYONE
        if not self.members.get(room):
            return None
        return self.members[room].pop(0), room
