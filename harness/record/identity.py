"""Which event a payload is: where a system keeps name, session, number and data, and the digest of the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from harness.lib.numbers import whole_number
from harness.lib.patterns import compiled
from harness.model import Event, Told
from harness.record.digests import canonical, digest_within_reason

ANY = "*"
"""The carrier where every message keeps its event's name inside."""

ARGUMENTS = "arguments"
"""In the rest of a message whose data are all of its arguments: how many. One list that holds the same has none."""

_MISSING = object()


def session_text(said: Any) -> str | None:
    """A session's id as a text: some systems number their sessions. None for what is not an id."""
    if isinstance(said, int) and not isinstance(said, bool):
        return str(said)
    return said if isinstance(said, str) else None


@dataclass(frozen=True, slots=True)
class Recognized:
    """Which event a message is, told by what it says: `where` are paths, each with a pattern of the text there.

    A value that is not a text is read as its JSON; the path "" is the payload. `message` is a pattern (fnmatch) of the
    name of the Socket.IO message.
    """

    name: str
    where: Mapping[str, str]
    message: str = "*"

    def fits(self, event: str, args: Sequence[Any]) -> bool:
        """Whether a message is such an event."""
        return fnmatchcase(event, self.message) and all(
            (said := _at(_item(args), path, args[0] if args else None)) is not _MISSING
            and compiled(pattern).search(said if isinstance(said, str) else canonical(said)) is not None
            for path, pattern in self.where.items()
        )


@dataclass(frozen=True, slots=True)
class Envelope:
    """How events are wrapped on one side of the server, or in an item or a line.

    `each` is the path of a list, where one message has several events: each member is read as a message of its own,
    with what stands around the list. `carrier` is the Socket.IO event that carries every event (its own name is
    then in the field `name`), or None where the Socket.IO event's name is the event's name. The next four are the
    payload's fields, by dots where they lie deeper; a system without sessions or numbers has None for them, and
    `data` "" is the whole payload but for the other fields. The payload is the first argument; `args.1.value` is a
    field of the second. Where `parts` are given the data are an object of them, name to path. The first of `kinds`
    that fits a message names it. `names` leads from names here to the CLI's, `renamed` from data fields here to the
    CLI's; `added` are data fields that are not compared with what was said before; with `keeps_added` they are told
    beside the data. Of messages without ids `own` ones are not events, nor those that are not `include`d (patterns;
    empty means all). Where the payload or its data is a text, the groups of the pattern `text` are the fields.
    """

    carrier: str | None = None
    name: str | None = "type"
    session: str | None = "session"
    seq: str | None = "seq"
    data: str = "data"
    names: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[Recognized, ...] = ()
    why_invalid: Callable[[str, Any], str | None] | None = field(default=None, compare=False)
    """Says where the payload of a message is not as it is described; by the name of its event, here."""
    text: str | None = None
    keeps_added: bool = False
    each: str | None = None
    by_arguments: bool = field(init=False, default=False)
    """Whether any of its paths is into a certain argument."""
    in_list: bool = field(init=False, default=False)
    """Whether any of its paths begins at a place of a list: the payload is one then, as a row of a database."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "in_list", any(path.partition(".")[0].isdecimal() for path in self._paths))
        object.__setattr__(self, "by_arguments", any(path.startswith("args.") for path in self._paths))

    @property
    def _paths(self) -> tuple[str, ...]:
        return tuple(path for path in (self.name, self.session, self.seq, self.data, *self.parts.values()) if path)

    def read(self, event: str, args: Sequence[Any]) -> Event | None:
        """The event that a Socket.IO message carries, or None when it is not an event (a request, a notice)."""
        if self.carrier not in (None, event, ANY):
            return None
        name = event if self.carrier is None or self.name is None else None
        name = next((each.name for each in self.kinds if each.fits(event, args)), name)
        payload = args[0] if args else None
        if self.text is not None and args:
            found = self._event_in([self.fields_in(payload), *args[1:]], self.fields_in(payload), name)
            found = found and self._with_outside(found, payload)
        else:
            found = self._event_in(args, payload, name)
        if self.why_invalid is None or found is None or found.told is None:
            return found
        called = (found.name, *(wire for wire, cli in self.names.items() if cli == found.name))
        why = next((why for each in called if (why := self.why_invalid(each, payload)) is not None), None)
        return found if why is None else replace(found, told=replace(found.told, invalid=why))

    __call__ = read

    def spread(self, event: str, args: Sequence[Any]) -> list[Sequence[Any]]:
        """The arguments of each message that a message stands for: its own, or one for each member of its list."""
        if self.each is None or self.carrier not in (None, event, ANY):
            return [args]
        found = _at(_item(args), self.each, args[0] if args else None)
        if not isinstance(found, list):
            return [args]
        argument, _, inside = (self.each if self.each.startswith("args.") else f"args.0.{self.each}")[5:].partition(".")
        place, around = int(argument), args[int(argument)]
        shared = {key: value for key, value in around.items() if key != inside.partition(".")[0]} if inside else {}
        members = [{**shared, **each} if isinstance(each, Mapping) else each for each in found]
        return [[*args[:place], each, *args[place + 1 :]] for each in members]

    def known_as(self, event: str) -> str | None:
        """The event that messages of a name are; ANY where the name carries every event, None where it carries none."""
        called = self.names.get(event, event)
        if self.carrier is not None:
            return ANY if self.carrier in (event, ANY) else None
        if {event, called} & {*self.own} or self.kinds:
            return None
        is_included = any(fnmatchcase(each, how) for each in (event, called) for how in self.include)
        return called if is_included or not self.include else None

    def _event_in(self, args: Sequence[Any], payload: Any, name: str | None) -> Event | None:
        if self.by_arguments:
            return self._read(_item(args), name, self._unread(args))
        if self.in_list and isinstance(payload, list):
            payload = {str(place): each for place, each in enumerate(payload)}
        if isinstance(payload, Mapping):
            return self._read(payload, name, self._rest(payload, args[1:]))
        if (
            isinstance(payload, list)
            and len(payload) > 1 == len(args)
            and (self.session is not None or self.seq is not None)
        ):
            return self._listed(payload, name)
        if name is None or self.session is not None or self.seq is not None or self.data or self.parts:
            return None
        if len(args) < 2:
            return self._event(name, None, None, payload)
        return self._event(name, None, None, list(args), {ARGUMENTS: len(args)})

    def _listed(self, payload: Sequence[Any], name: str | None) -> Event | None:
        """The event of a message whose arguments came as one list, all of them its data; None for a list of events."""
        first, *further = (each if isinstance(each, Mapping) else None for each in payload)
        event = None if first is None else self._read(first, name, None)
        if event is None or event.told is None or any(each and self._read(each, name, None) for each in further):
            return None
        data = [event.told.data, *payload[1:]]
        return replace(event, digest=digest_within_reason(data), told=Told(data, None, None))

    def read_item(self, item: Mapping[str, Any], name: str | None = None) -> Event | None:
        """The event in a payload or in an item of the page's state; its name is in the item unless given."""
        return self._read(item, name, None)

    def _read(self, item: Mapping[str, Any], name: str | None, rest: Mapping[str, Any] | None) -> Event | None:
        called = _at(item, self.name) if name is None else name
        session = None if self.session is None else _at(item, self.session)
        seq = None if self.seq is None else _at(item, self.seq)
        data = self._data(item)
        if not isinstance(called, str) or data is _MISSING:
            return None  # a notice may name a session and a number too; only an event has data
        if self.session is not None and (session := session_text(session)) is None:
            return None
        if self.seq is not None and (not isinstance(seq, int) or isinstance(seq, bool)):
            return None
        return self._event(called, session, seq, data, rest)

    def _rest(self, item: Mapping[str, Any], args: Sequence[Any]) -> dict[str, Any] | None:
        """What a message holds besides the event: further arguments, and fields beside the one with the data."""
        found: dict[str, Any] = {"args": list(args)} if args else {}
        if self.data or self.parts:
            known = {path.partition(".")[0] for path in self._paths}
            if len(item) > len(known) or not known.issuperset(item):
                fields = {key: value for key, value in item.items() if key not in known}
                found |= {"fields": fields} if fields else {}
        return found or None

    def _unread(self, args: Sequence[Any]) -> dict[str, Any] | None:
        """The arguments that no path of this goes into, by their place."""
        read = {path.split(".")[1] if path.startswith("args.") else "0" for path in self._paths}
        read |= set() if self.data or self.parts else {"0"}
        unread = {str(place): each for place, each in enumerate(args) if str(place) not in read}
        return {"args": unread} if unread else None

    def _with_outside(self, event: Event, payload: Any) -> Event:
        """The event with what stands in its text around the fields: the rest of its message, under its pattern."""
        text = payload if isinstance(payload, str) else _at(_item([payload]), self.data)
        pattern = compiled(str(self.text))
        found = pattern.search(text) if isinstance(text, str) else None
        if found is None or event.told is None:
            return event
        around, end = "", 0
        for start, stop in sorted({found.span(group) for group in pattern.groupindex.values()} - {(-1, -1)}):
            around, end = f"{around}{text[end:start]}\0", max(end, stop)
        rest = {**(event.told.rest or {}), "text": {self.text: around + text[end:]}}
        return replace(event, told=replace(event.told, rest=rest, rest_digest=digest_within_reason(rest)))

    def fields_in(self, payload: Any) -> Any:
        """The fields of a payload that is a text, where a pattern finds them; any other payload as it is."""
        found = compiled(self.text).search(payload) if self.text is not None and isinstance(payload, str) else None
        if found is None:
            return payload
        said: dict[str, Any] = {name: value for name, value in found.groupdict().items() if value is not None}
        if self.seq in said and (number := whole_number(said[self.seq])) is not None:
            said[self.seq] = number
        return said

    def plain(self, data: Any) -> Any:
        """Data as it is compared: fields under the CLI's names, without those that were added on the way."""
        if not (self.renamed or self.added) or not isinstance(data, Mapping):
            return data
        return {self.renamed.get(key, key): value for key, value in data.items() if key not in self.added}

    def at(self, item: Mapping[str, Any], path: str | None) -> Any:
        """The value at a path of a payload, None where there is none."""
        found = _at(item, path)
        return None if found is _MISSING else found

    def data_of(self, item: Mapping[str, Any]) -> Any:
        """The data of a payload, None where there is none."""
        found = self._data(item)
        return None if found is _MISSING else found

    def _data(self, item: Mapping[str, Any]) -> Any:
        """What is compared, without the fields that say which event it is. _MISSING where there is none."""
        if self.parts:
            found = {name: _at(item, path) for name, path in self.parts.items()}
            return {name: value for name, value in found.items() if value is not _MISSING} or _MISSING
        path = self.data or ("args.0" if self.by_arguments else "")
        data = item if not path else self.fields_in(_at(item, path))
        if not isinstance(data, Mapping):
            return data
        inside = f"{path}." if path else ""
        known: tuple[str | None, ...] = (
            self.session,
            self.seq,
            self.name if self.carrier is not None or not self.data else None,
        )
        if self.by_arguments:  # a path that names no argument is into the first
            known = tuple(each if each is None or each.startswith("args.") else f"args.0.{each}" for each in known)
        ids = [each.removeprefix(inside) for each in known if each is not None and each.startswith(inside)]
        if not any(each in data for each in ids):
            return data
        return {key: value for key, value in data.items() if key not in ids}

    def _event(
        self, name: str, session: str | None, seq: Any, data: Any, rest: Mapping[str, Any] | None = None
    ) -> Event | None:
        called = self.names.get(name, name)
        if name in self.own or called in self.own:
            return None
        if self.include and not any(fnmatchcase(each, how) for each in (name, called) for how in self.include):
            return None
        if self.keeps_added and isinstance(data, Mapping) and (put_in := {k: data[k] for k in self.added if k in data}):
            rest = {**(rest or {}), "added": put_in}
        plain = self.plain(data)
        known = digest_within_reason(plain)
        key = key_of(session, seq) if session is not None and seq is not None else None
        key = unnumbered_key(called, session, seq, known) if key is None else key
        told = Told(plain, rest, None if rest is None else digest_within_reason(rest))
        return Event(key, called, session, seq, known, told)


def events_of(read: Callable[[str, Sequence[Any]], Event | None], event: str, args: Sequence[Any]) -> list[Event]:
    """The events that a message carries, in their order: one, several where an envelope spreads it, or none."""
    if not isinstance(read, Envelope) or read.each is None:
        return [] if (found := read(event, args)) is None else [found]
    return [found for each in read.spread(event, args) if (found := read(event, each)) is not None]


def with_fields(event: Event, fields: Any) -> Event:
    """An event with what an item of a page's state says of its message beside the data."""
    if event.told is None or not isinstance(fields, Mapping) or not fields:
        return event
    rest = {"fields": dict(fields)}
    return replace(event, told=replace(event.told, rest=rest, rest_digest=digest_within_reason(rest)))


def key_of(session: str, seq: int) -> str:
    """The identity of an event at every hop."""
    return f"{session}/{seq}"


def unnumbered_key(name: str, session: str | None, seq: int | None, told: str | None) -> str:
    """What stands for an event of a system without ids until it is matched with what the CLI reported."""
    return f"{session or ''}/{name}~{told or ''}" if seq is None else f"/{seq}"


def _item(args: Sequence[Any]) -> Mapping[str, Any]:
    """A message as paths see it: the fields of its first argument, and all arguments as `args`."""
    payload = args[0] if args else None
    return {**(payload if isinstance(payload, Mapping) else {}), "args": args}


def _at(item: Mapping[str, Any], path: str | None, whole: Any = _MISSING) -> Any:
    """The value at a path by dots, into lists by numbers from 0; `whole` for "", _MISSING where there is none."""
    if path is None or path == "":
        return _MISSING if path is None or whole is _MISSING else whole
    if path in item:
        return item[path]
    here: Any = item
    for part in path.split("."):
        if isinstance(here, list | tuple) and (place := whole_number(part)) is not None and place < len(here):
            here = here[place]
        elif isinstance(here, Mapping) and part in here:
            here = here[part]
        else:
            return _MISSING
    return here
