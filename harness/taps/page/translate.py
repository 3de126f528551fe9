"""From what the script in the page recorded to the harness's own records. Pure: no page, no clock.

The script leaves JSON as text; it is read outside of the page (values.py). All of it is hostile: what can't be read is
a notice, and what breaks the reading all the same makes the tap dead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from harness.lib.secrets import redact
from harness.model import PAGE_SIDE, B, Event, Fact, Hop, Record, Sighting
from harness.model.facts import (
    Answered,
    CounterShown,
    FrameUnread,
    Notice,
    PageClosed,
    PageConnected,
    PageError,
    PageListens,
    PageLoaded,
    PageRefused,
    PanelShown,
    Requested,
    RowAgain,
    StatusShown,
    TapTried,
    WindowShown,
)
from harness.record.identity import Envelope, unnumbered_key, with_fields
from harness.taps.page.items import IdentifyItem, Items, data_of
from harness.taps.page.loads import Load, differences
from harness.taps.page.spec import PageSpec, StoreSpec
from harness.taps.page.values import AFTER_UNREAD, public_url, read_event, read_json, read_window, whole, why_no_json

Identify: TypeAlias = Callable[[str, Sequence[Any]], Event | None]
"""The event that a Socket.IO message is, from its name and its arguments; None when it is not an event."""

KnownAs: TypeAlias = Callable[[str], str | None]
"""The event that messages of a name are, as far as the target says."""


class Translator:
    """Translates the records of one dashboard, load by load, in the order in which they are handed in."""

    def __init__(
        self,
        dashboard: str,
        spec: PageSpec,
        identify: Identify,
        identify_state: IdentifyItem,
        known_as: KnownAs = lambda name: None,
    ) -> None:
        self.dashboard = dashboard
        self._spec = spec
        self.items = Items(spec.store or StoreSpec(""), identify_state)
        self._identify = identify
        self._known_as = known_as
        self._loads: dict[int, Load] = {}

    @property
    def assumed_window(self) -> WindowShown | None:
        """The note of a list that is a window by its target, and that has no note of its own."""
        is_said = self._spec.windowed and self._spec.counter_shows
        return WindowShown("(the target says so)") if is_said else None

    @property
    def connected(self) -> str | None:
        """Pattern of what the page's state says of its connection while it is connected."""
        return self.items.names.connected

    @property
    def has_numbered_rows(self) -> bool:
        """Whether a row says which event it shows."""
        return self._spec.row is None or self._spec.row.is_numbered

    def load(self, number: int) -> Load:
        """The state of one load."""
        if number not in self._loads:
            self._loads[number] = Load(f"dashboard:{self.dashboard}.{number}")
        return self._loads[number]

    def fact(self, number: int, body: B, at_ns: int) -> Fact[B]:
        """A fact in the record of one load."""
        return self._told(self.load(number), body, at_ns)

    def translate(
        self, number: int, records: Sequence[Mapping[str, Any]], harness_ns: Callable[[float], int]
    ) -> Iterator[Record]:
        """The harness's records for those of one load; `harness_ns` maps page milliseconds to the harness's clock."""
        load = self.load(number)
        for record in records:
            translate = _TRANSLATIONS.get(record["k"])
            if translate is not None:
                at_ns = harness_ns(record["t"])
                try:
                    yield from translate(self, load, record, at_ns)
                except Exception as error:  # noqa: BLE001  # what a page says may break a reader, never blame the page
                    what = f"a record of it, {str(record['k'])[:40]!r}, could not be read: {error!r:.200}"
                    yield self._told(load, dead(what), at_ns)

    # Delivered

    def _open(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        load.sids[record["c"], record["ns"]] = record["sid"]
        yield self._told(load, PageConnected(record["sid"], record["transport"]), at_ns)

    def _closed(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        body = PageClosed(record["sid"], record["transport"], record["code"], record["reason"])
        yield self._told(load, body, at_ns)

    def _refused(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        body = PageRefused(record["text"], record.get("status"), record.get("isForeign", False), record.get("ns"))
        yield self._told(load, body, at_ns)

    def _event(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        name, args = read_event(record)
        found = [(each, self._identify(name, each)) for each in self._spread(name, args)]
        messages = [(each, event) for each, event in found if event is not None]
        event = messages[0][1] if messages else None
        is_after = record["c"] in load.unread
        wrong = AFTER_UNREAD if is_after else why_no_json(record["text"])
        if wrong is not None:
            if event is None and is_after:
                return
            load.unread.add(record["c"])
            sid = load.sids.get((record["c"], record["ns"]))
            told = FrameUnread(wrong, sid)
            if event is not None:
                key = None if event.seq is None else event.key
                told = FrameUnread(wrong, sid, event.name, event.digest, key)
            yield self._told(load, told, at_ns)
            return
        for each, event in messages:
            yield from self._delivered(load, record, name, each, event, at_ns)
        if not messages:
            yield self._told(load, Notice(name, redact(args[0]) if args else None, self._known_as(name)), at_ns)

    def _spread(self, name: str, args: Sequence[Any]) -> list[Sequence[Any]]:
        return self._identify.spread(name, args) if isinstance(self._identify, Envelope) else [args]

    def _delivered(
        self, load: Load, record: Mapping[str, Any], name: str, args: Sequence[Any], event: Event, at_ns: int
    ) -> Iterator[Record]:
        if self._spec.store is not None and args and isinstance(args[0], Mapping):
            load.unapplied[event.key] = (event, args[0].get(self.items.names.data))
        detail = {"transport": record["transport"], **event.rest}
        if name != event.name:
            detail["carrier"] = name
        if len(load.sids) > 1:  # which of its connections brought it
            detail["sid"] = load.sids.get((record["c"], record["ns"]))
        load.delivered.append(event)
        if event.seq is not None:
            load.given.update((event.key, unnumbered_key(event.name, None, event.seq, None)))
        yield Sighting(Hop.DELIVERED, event, load.observer, load.next_n(), at_ns, detail=detail)
        if self._spec.store is None:
            yield from self._reached(load, at_ns)

    def _listens(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        is_once = record.get("isOnce", False)
        body = PageListens(record["s"], record["name"], record["count"], record["ns"], record["where"], is_once)
        yield self._told(load, body, at_ns)

    def _request(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        name, args = read_event(record)
        if record["id"] is not None:
            load.requests[record["c"], record["ns"], record["id"]] = name
        sid = load.sids.get((record["c"], record["ns"]))
        yield self._told(load, Requested(name, redact(args), record["id"], sid), at_ns)

    def _answer(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        found = read_json(record["text"], record["bytes"])
        args = found if isinstance(found, list) else []
        name = load.requests.pop((record["c"], record["ns"], record["id"]), None)
        sid = load.sids.get((record["c"], record["ns"]))
        yield self._told(load, Answered(name, redact(args), record["id"], sid), at_ns)

    # Applied

    def _applied(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        data = data_of(record)
        event = self.items.read(record, data)
        if event is not None and record.get("rest") is not None:
            event = with_fields(event, read_json(record["rest"]))
        load.applied.append(event)
        if event is not None:
            differs = differences(event, data, load.unapplied.pop(event.key, None))
            detail = {"index": record["index"], **event.rest, **differs}
            yield Sighting(Hop.APPLIED, event, load.observer, load.next_n(), at_ns, detail=detail)
        yield from self._reached(load, at_ns)

    # Rendered

    def _row(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        event = self.items.in_row(record)
        if event is None:
            return
        is_twin = record["k"] == "row_twice"
        if event.seq is None and load.ahead[event.key] > 0:
            load.ahead[event.key] -= 1  # the counter has stood for it
            return
        if is_twin or event.seq is None or event.key not in load.rendered:
            detail = {"via": "row", "twice": True} if is_twin else {"via": "row"}
            yield _rendered(load, event, at_ns, detail)
        elif event.seq is not None and load.given[event.key] > load.rendered[event.key]:
            load.rendered[event.key] += 1
            yield self._told(load, RowAgain(event.key, event.name, event.seq, event.session), at_ns)

    def _counter(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        value = whole(record.get("value"))
        load.counter = value or 0
        if not record.get("gone"):
            yield self._told(load, CounterShown(value, record["text"]), at_ns)
        yield from self._reached(load, at_ns)

    def _window(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        load.is_windowed = not record.get("gone")
        if load.is_windowed:
            yield self._told(load, read_window(record), at_ns)
        yield from self._reached(load, at_ns)

    def _reached(self, load: Load, at_ns: int) -> Iterator[Record]:
        """Events outside of the window that the counter has reached: it stands for as many as had no row."""
        spec = self._spec
        if not (spec.counter_shows or (spec.windowed and load.is_windowed)):
            return
        held = load.delivered if spec.store is None else load.applied
        while load.counted < len(held) and max(load.counted, load.shown) < load.counter:
            event = held[load.counted]
            load.counted += 1
            if event is None or not self._is_unseen(load, event):
                continue
            if self.has_numbered_rows:
                yield _rendered(load, event, at_ns, {"via": "counter"})
                load.rendered[unnumbered_key(event.name, None, event.seq, None)] += 1
            else:
                known = replace(event, key=self._row_key(event), seq=None, digest=None)
                load.ahead[known.key] += 1
                yield _rendered(load, known, at_ns, {"via": "counter"})

    def _is_unseen(self, load: Load, event: Event) -> bool:
        """Whether no row showed the event; of events without numbers rows can't be told apart, and they alone count.

        A row that says no session shows the number alone. One that says no number shows the next event of its name.
        """
        if event.seq is None:
            return self._spec.row is None
        if not self.has_numbered_rows:
            key = self._row_key(event)
            load.looked[key] += 1
            return load.looked[key] > load.rendered[key]
        return not any(load.rendered[key] for key in (event.key, unnumbered_key(event.name, None, event.seq, None)))

    def _row_key(self, event: Event) -> str:
        """How a row without a number is known that shows an event."""
        row = self._spec.row
        says_session = row is not None and (row.session is not None or "(?<session>" in (row.pattern or ""))
        return unnumbered_key(event.name, event.session if says_session else None, None, None)

    def _status(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        text, connected = ("", False) if record.get("gone") else (record["text"], record["connected"])
        yield self._told(load, StatusShown(text, connected), at_ns)

    def _panel(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        body = PanelShown(record["panel"], record["session"], record["text"], record["values"])
        yield self._told(load, body, at_ns)

    # The rest

    def _loaded(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        url = public_url(record["url"])
        yield self._told(load, PageLoaded(self.dashboard, url), at_ns)

    def _error(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        yield self._told(load, PageError(record["text"]), at_ns)

    def _fault(self, load: Load, record: Mapping[str, Any], at_ns: int) -> Iterator[Record]:
        why = f"the tap itself failed in the page: {record['text']}"
        yield self._told(load, dead(why), at_ns)

    def _told(self, load: Load, body: B, at_ns: int) -> Fact[B]:
        return Fact(load.observer, load.next_n(), at_ns, body)


def _rendered(load: Load, event: Event, at_ns: int, detail: Mapping[str, Any]) -> Sighting:
    load.rendered[event.key] += 1
    load.shown += 1
    return Sighting(Hop.RENDERED, event, load.observer, load.next_n(), at_ns, detail=detail)


_Translation: TypeAlias = Callable[[Translator, Load, Mapping[str, Any], int], Iterator[Record]]

_TRANSLATIONS: dict[str, _Translation] = {
    "load": Translator._loaded,
    "open": Translator._open,
    "connect_error": Translator._refused,
    "refused": Translator._refused,
    "closed": Translator._closed,
    "event": Translator._event,
    "listens": Translator._listens,
    "request": Translator._request,
    "answer": Translator._answer,
    "applied": Translator._applied,
    "row": Translator._row,
    "row_twice": Translator._row,
    "counter": Translator._counter,
    "window": Translator._window,
    "status": Translator._status,
    "panel": Translator._panel,
    "error": Translator._error,
    "fault": Translator._fault,
}


def dead(why: str) -> TapTried:
    """What this page's tap did not see can't be believed."""
    return TapTried("page", PAGE_SIDE, "after", False, why)
