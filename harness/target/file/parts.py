"""What a target file says of panels, of the page's state, of notices and of totals, as the harness's own data."""

from __future__ import annotations

from collections.abc import Mapping

from harness.lib.patterns import in_python
from harness.model import Items, Panel, SessionNotice, Shows, Total
from harness.taps.page.spec import NamedPanel, PanelSpec
from harness.target.file import events as wire
from harness.target.file import pages
from harness.target.file import values as shown
from harness.target.file.schema import TargetFile


def panel_spec(panels: list[pages.PanelPart]) -> PanelSpec | None:
    """Where the page shows panels; None where none is described."""
    if not panels:
        return None
    named = (
        NamedPanel(
            panel.name,
            panel.selector,
            tuple(_place(name, value) for name, value in panel.values.items()),
            panel.session,
        )
        for panel in panels
    )
    return PanelSpec(", ".join(panel.selector for panel in panels), named=tuple(named))


def _place(name: str, value: shown.PanelValue) -> tuple[str, ...]:
    return (name, value.selector, *filter(None, [value.attribute]))


def panel(said: pages.PanelPart) -> Panel:
    """What a panel shows."""
    items = None if said.items is None else _panel_items(said.items)
    return Panel(
        said.name, tuple(said.events), *_values(said.values), items, said.each_session, said.order, said.newest
    )


def _panel_items(said: pages.PanelItems) -> Items:
    return Items(
        opens=said.opens,
        key=said.key,
        text=said.text,
        states=said.states,
        entities=said.entities,
        removes=tuple(said.removes),
        each=said.each,
        reads=tuple(said.reads),
        time=said.time,
        marks=said.marks,
        order=said.order,
        ends=tuple(said.ends),
        by=said.by,
        only=tuple(said.only),
    )


def notice(said: wire.SessionNotice) -> SessionNotice:
    """What a message tells of a session."""
    ended = {status: tuple(names) for status, names in said.ended.items()}
    return SessionNotice(said.session, said.status, ended, said.last, said.time)


def state_panels(values: Mapping[str, shown.StateValue]) -> tuple[Panel, ...]:
    """What the state holds of each session, and of none."""
    parts = {True: dict[str, shown.StateValue](), False: dict[str, shown.StateValue]()}
    for name, value in values.items():
        parts["{session}" in value.path.split(".")][name] = value
    return tuple(
        Panel("state", ("*",), *_values(mine), each_session=is_each) for is_each, mine in parts.items() if mine
    )


def _values(values: Mapping[str, shown.Value]) -> tuple[dict[str, tuple[str, ...]], dict[str, Shows]]:
    """Values that count events, and the others."""
    counted = {name: tuple(value.counts) for name, value in values.items() if value.counts and not value.less}
    others = {name: value for name, value in values.items() if name not in counted or value.reads is not None}
    return counted, {name: _other_value(value) for name, value in others.items()}


def totals(said: TargetFile) -> Mapping[str, Mapping[str, Total]]:
    """What numbers in events sum up."""
    return {
        name: {
            path: Total(tuple(each.counts), each.adds, each.lasts, each.tells, each.itself)
            for path, each in summed.items()
        }
        for name, summed in said.events.totals.items()
    }


def _other_value(value: shown.Value) -> Shows:
    return Shows(
        says=value.says,
        counts=tuple(value.counts) if value.less else (),
        less=tuple(value.less),
        lists=value.lists,
        by=value.by,
        share=tuple(value.share),
        total=value.total,
        full=tuple(value.full),
        tells=value.tells,
        statuses=value.statuses,
        adds=value.adds,
        lasts=value.lasts,
        is_session=value.is_session,
        sessions=value.sessions,
        active=value.active,
        only_after=tuple(value.only_after),
        only_before=tuple(value.only_before),
        reads=None if value.reads is None else in_python(value.reads),
        strategies=tuple(value.strategies),
    )
