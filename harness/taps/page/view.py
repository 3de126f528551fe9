"""What a page shows at quiescence, read freshly, as a `view` fact's data. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.taps.page.translate import Translator


def read_view(view: Mapping[str, Any], translator: Translator) -> dict[str, Any]:
    """The data of a `view` fact.

    `rows` and `state_events` are keys, in the order of the page; what has no key (the connection's own events) is
    listed by its type. `texts` are those of the rows, None for those in the middle of a very long list; `hidden` are
    the places of rows that a person can't see. `panels` maps names to `{session, text, values}`; a second panel of a
    name has its session behind the name.
    """
    counter, state = view["counter"] or {}, view["state"] or {}
    rows, events = view["rows"], state.get("events")
    return {
        "counter": counter.get("value"),
        "counter_text": counter.get("text"),
        "status": view["status"],
        "rows": None if rows is None else _keys(rows, translator),
        "texts": None if rows is None else [row.get("text") for row in rows],
        "hidden": None if rows is None else [place for place, row in enumerate(rows) if row.get("hidden")],
        "rows_numbered": translator.has_numbered_rows,
        "panels": _by_name(view["panels"] or ()),
        "window": view["window"] or translator.assumed_window,
        "state_events": None if events is None else _keys(events, translator),
        "state_connection": state.get("connection"),
    }


def _keys(items: Sequence[Mapping[str, Any]], translator: Translator) -> list[str]:
    events = [(item, translator.identify_row(item)) for item in items]
    return [str(item.get("type")) if event is None else event.key for item, event in events]


def _by_name(panels: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    named: dict[str, dict[str, Any]] = {}
    for panel in panels:
        name = panel["panel"] if panel["panel"] not in named else f"{panel['panel']} {panel['session']}"
        named[name] = {key: panel[key] for key in ("session", "text", "values")}
    return named
