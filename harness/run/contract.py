"""What is promised for a run of a target, and of each of its pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.model import Contract, Hop, PageContract, Panel
from harness.target.spec import Target


def contract_for(
    target: Target,
    strategy: str,
    session: str,
    properties: Iterable[str],
    dashboards: Iterable[str],
    declared: Iterable[str] = (),
) -> Contract:
    """What is promised for a run of a target; `declared` are the event types that it must show."""
    labels = tuple(dashboards)
    of_first = _page_contract(target, strategy)
    pages = {label: _page_contract(target.of(label), strategy) for label in labels} if target.pages else {}
    return Contract(
        target=target.name,
        strategy=strategy,
        session=None if target.names_sessions else session,
        replays=target.replays,
        keeps=target.keeps,
        bound_ms=target.bound_ms,
        drawn_ms=target.drawn_ms,
        reloads=of_first.reloads,
        arguments=target.arguments,
        lists=target.lists,
        ids=target.ids,
        terminal=target.terminal,
        terminal_ok=target.terminal_ok,
        initial=target.initial,
        notices=target.notices,
        declared=tuple(declared),
        own_events=of_first.own_events,
        made=target.made,
        added=target.added,
        replaced=target.replaced,
        listed=of_first.listed,
        panels=of_first.panels,
        state=of_first.state,
        totals=target.totals,
        taps=tuple(hop for hop in Hop if any(hop in page.taps for page in (of_first, *pages.values()))),
        properties=tuple(properties),
        dashboards=labels,
        windowed=of_first.windowed,
        window=of_first.window,
        list_order=of_first.list_order,
        row_reads=of_first.row_reads,
        row_says=of_first.row_says,
        zone=of_first.zone,
        time=target.time,
        asks=target.answers,
        shared=target.is_shared,
        described=target.described,
        ends=of_first.ends,
        by_panels=of_first.by_panels,
        promised=of_first.promised,
        pages=pages,
    )


def _page_contract(target: Target, strategy: str) -> PageContract:
    """What is promised of one page."""
    row = target.page.row
    return PageContract(
        name=target.page_name,
        taps=target.taps,
        promised=target.promised,
        panels=tuple(_shown_under(strategy, panel) for panel in target.panels),
        state=tuple(_shown_under(strategy, panel) for panel in target.state),
        listed=target.listed,
        windowed=target.page.windowed,
        window=target.page.window_of,
        list_order=None if row is None else row.order,
        row_reads=None if row is None else row.reads,
        row_says=target.row_says,
        zone=target.zone,
        own_events=target.own_events,
        reloads=target.reloads,
        ends=target.ends,
        by_panels=target.by_panels,
    )


def _shown_under(strategy: str, panel: Panel) -> Panel:
    """A panel without the values that only other strategies show."""
    shows = {name: each for name, each in panel.shows.items() if strategy in (each.strategies or (strategy,))}
    return panel if len(shows) == len(panel.shows) else replace(panel, shows=shows)
