"""What a page shows at quiescence, read freshly, as the body of a `view` fact. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.model import Event
from harness.model.facts import PanelPart, StatusShown, View
from harness.taps.page.translate import Translator
from harness.taps.page.values import MOST, read_window, whole


def read_view(view: Mapping[str, Any], translator: Translator) -> View:
    """What the page handed out. A state of the connection that is not a text is told as JSON."""
    counter, state, status = view["counter"] or {}, view["state"] or {}, view["status"]
    rows, events, connection = view["rows"], state.get("events"), state.get("connection")
    return View(
        counter=whole(counter.get("value")),
        counter_text=counter.get("text"),
        status=None if status is None else StatusShown(status["text"], status["connected"]),
        rows=None if rows is None else _keys(rows, translator.items.in_row),
        texts=None if rows is None else tuple(row.get("text") for row in rows),
        hidden=None if rows is None else tuple(place for place, row in enumerate(rows) if row.get("hidden")),
        rows_numbered=translator.has_numbered_rows,
        lists=_lists(rows or ()),
        panels=_by_name(view["panels"] or ()),
        window=translator.assumed_window if view["window"] is None else read_window(view["window"]),
        state_events=None if events is None else _keys(events, translator.items.at_end),
        state_connection=None if connection is None else _text(connection),
        unseen=tuple(map(str, view.get("unseen") or ())),
        state=_by_session(state.get("values")),
        labels=_beside(rows or (), "label"),
        marks=_beside(rows or (), "marks"),
        places=_places(rows or ()),
        nothing=view.get("nothing"),
        unread=_beside(rows or (), "unread"),
        room=_room(view.get("room")),
        state_connected=_means(connection, translator.connected),
    )


def _room(rows: object) -> float | None:
    return float(rows) if isinstance(rows, int | float) and 0 < rows < MOST else None


def _means(connection: Any, connected: str | None) -> bool | None:
    """Whether what a state says of its connection means connected; None where the target does not say which does."""
    return None if connection is None or connected is None else re.fullmatch(connected, _text(connection)) is not None


def _text(connection: Any) -> str:
    return connection if isinstance(connection, str) else json.dumps(connection)


def _keys(items: Sequence[Mapping[str, Any]], identify: Callable[[Mapping[str, Any]], Event | None]) -> tuple[str, ...]:
    events = ((item, identify(item)) for item in items)
    return tuple(str(item.get("type")) if event is None else event.key for item, event in events)


def _lists(rows: Sequence[Mapping[str, Any]]) -> tuple[int, ...] | None:
    """Which list each row is in; None where all are in one."""
    numbers = tuple(int(row.get("list", 0)) for row in rows)
    return numbers if len({*numbers}) > 1 else None


def _beside(rows: Sequence[Mapping[str, Any]], what: str) -> tuple[str, ...] | None:
    """What each row says beside its text; None where none does."""
    found = tuple(str(row.get(what) or "") for row in rows)
    return found if any(found) else None


def _places(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[int | None, int | None] | None, ...] | None:
    """Which place of how many each row says that it has; None where none says any."""
    found = tuple(None if row.get("place") is None else (row["place"][0], row["place"][1]) for row in rows)
    return found if any(found) else None


def _by_session(values: Sequence[Sequence[Any]] | None) -> dict[str, dict[str, str]] | None:
    if values is None:
        return None
    found: dict[str, dict[str, str]] = {}
    for session, name, text in values:
        found.setdefault("" if session is None else str(session), {})[str(name)] = str(text)
    return found


def _by_name(panels: Sequence[Mapping[str, Any]]) -> dict[str, PanelPart]:
    named: dict[str, PanelPart] = {}
    for panel in panels:
        name = panel["panel"] if panel["panel"] not in named else f"{panel['panel']} {panel['session']}"
        items = tuple((str(text), str(marks)) for text, marks in panel.get("items") or ())
        named[name] = PanelPart(panel["session"], panel["text"], panel["values"], items, panel.get("nothing"))
    return named
