"""From a target file that was checked to the target that the harness works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from harness.lib.patterns import in_python
from harness.model import Hop, SessionList
from harness.record.identity import ANY, Envelope, Recognized
from harness.taps.cli_output import Format
from harness.taps.page.spec import (
    CounterSpec,
    PageSpec,
    RowSpec,
    StatusSpec,
    StoreSpec,
    WindowSpec,
)
from harness.target import asyncapi
from harness.target.file import events as wire
from harness.target.file import pages, parts, starts
from harness.target.file.kinds import in_javascript
from harness.target.file.part import Do
from harness.target.file.schema import TargetFile
from harness.target.process import Step
from harness.target.spec import Target

SHARED = ("reroute", "origins", "zone")
"""What a further page has of the first one, unless it says otherwise."""


def build(said: TargetFile, path: Path) -> Target:
    """The target that a file at `path` describes, with what its pages have of their own."""
    return replace(_build(said, path), pages=_pages(said, path))


def _pages(said: TargetFile, path: Path) -> Mapping[str, Target]:
    """Each dashboard of a further page, and the target as it is for that: what is not of a page is the same in all."""
    found: dict[str, Target] = {}
    for name, page in said.pages.items():
        shared = {key: getattr(said.page, key) for key in SHARED if key not in page.model_fields_set}
        of_page = _build(said.model_copy(update={"page": page.model_copy(update=shared)}), path)
        found |= dict.fromkeys(pages.labels_of(name, page.dashboards), replace(of_page, page_name=name))
    return found


def _build(said: TargetFile, path: Path) -> Target:
    here = path.resolve().parent
    page = page_spec(said)
    return Target(
        name=said.name,
        strategies=said.strategies,
        processes=starts.of_processes(said, here),
        page_url=said.page.url,
        promised=tuple(said.page.events),
        do=starts.command(starts.acts(said, here), said.cli, here),
        pipe=None if said.cli.pipe is None else starts.command(said.cli.pipe, said.cli, here),
        output=_format(said),
        ingress=replace(_envelope(said.events.sent, said.events, here), keeps_added=bool(said.events.put_in())),
        egress=replace(_envelope(said.events.received, said.events, here), keeps_added=bool(said.events.put_in())),
        added=said.events.put_in(),
        replaced=tuple(said.events.replaced),
        described=said.events.described is not None,
        own_events=tuple(said.events.own) if said.page.count_has_own else (),
        declared=tuple(said.events.declared),
        made=tuple(said.events.made),
        time=said.events.time,
        zone=said.page.zone,
        row_says=() if said.page.items is None else tuple(said.page.items.says),
        listed=() if said.page.items is None else tuple(said.page.items.shows()),
        terminal=tuple(said.events.terminal),
        terminal_ok=tuple(said.events.terminal_ok),
        initial=tuple(said.events.initial),
        totals=parts.totals(said),
        state=parts.state_panels({} if said.page.store is None else said.page.store.values),
        notices={name: parts.notice(each) for name, each in said.events.notices.items()},
        panels=tuple(parts.panel(each) for each in said.page.panels),
        page=page,
        task=said.cli.task,
        items=_items(said, page),
        replays=said.replays,
        keeps=said.keeps,
        side_by_side=said.side_by_side,
        bound_ms=said.bounds.latency_ms,
        drawn_ms=said.bounds.drawn_ms,
        reloads=said.page.reloads,
        lists={name: SessionList(each.list, each.session) for name, each in said.events.lists.items()},
        ids=said.events.ids,
        arguments=(said.events.sent.arguments, said.events.received.arguments),
        ready_s=said.bounds.ready_s,
        run_s=said.bounds.run_s,
        quiet_ms=said.bounds.quiet_ms,
        blind=_blind(said),
        blind_because={Hop[hop.upper()]: why for hop, why in said.blind.items()}
        if isinstance(said.blind, dict)
        else {},
        cli_said_by=said.cli.said_by,
        cli_seen_by=said.cli.seen_by,
        cli_port=said.cli.port,
        reroute=tuple(said.page.reroute),
        origins=starts.origins(said, here),
        storage=None if said.page.storage is None else here / said.page.storage,
        opening=tuple(_step(step) for step in said.page.open),
        choosing=tuple(_step(step) for step in said.page.session),
        answers=said.protocol,
        secret_names=tuple(said.secrets.names),
        secret_patterns=tuple(said.secrets.patterns),
        passes=starts.command(said.access.command, said.access, here) if said.access.command else None,
    )


def _blind(said: TargetFile) -> tuple[Hop, ...]:
    """The hops that can't be observed: what does not come by Socket.IO, no handler of Socket.IO receives."""
    told = tuple(Hop[hop.upper()] for hop in said.blind)
    return (*told, Hop.RECEIVED) if said.cli.requests or said.cli.append is not None else told


def _format(said: TargetFile) -> Format:
    output = said.cli.output
    if output is None and said.cli.requests and any(each.event for each in said.cli.requests):
        return Format(None, None, Envelope(ANY, "event", None, None, "data", added=said.events.put_in()))
    if output is None:
        return Format(None, None, silent=True)
    data, parts = _data(output.fields)
    patterns = (output.session, output.event, output.begin, output.end, output.continuation)
    session, event, begin, end, continuation = (None if each is None else in_python(each) for each in patterns)
    fields = Envelope(
        None if output.event is not None and output.fields.name is None else ANY,
        output.fields.name,
        output.fields.session,
        output.fields.seq,
        data,
        added=said.events.put_in(),
        parts=parts,
        text=_text(output.fields),
    )
    return Format(session, event, fields, begin, end, continuation, output.stream == "stderr", called=output.called)


def _envelope(message: wire.Message, events: wire.Events, here: Path) -> Envelope:
    data, parts = _data(message)
    checker = None if events.described is None else asyncapi.read(here / events.described).checker()
    return Envelope(
        message.carrier if message.carrier is not None or message.name is None else ANY,
        message.name,
        message.session,
        message.seq,
        data,
        {**events.names, **message.names},
        events.renamed,
        events.put_in(),
        tuple(events.own),
        tuple(events.include),
        parts,
        tuple(Recognized(kind.name, kind.where, kind.message) for kind in message.kinds),
        checker,
        _text(message),
        each=message.each,
    )


def _data(fields: wire.Fields) -> tuple[str, Mapping[str, str]]:
    """The path of the data, or where they are several, name to path."""
    return (fields.data, {}) if isinstance(fields.data, str) else ("", fields.data)


def _text(fields: wire.Fields) -> str | None:
    return None if fields.text is None else in_python(fields.text)


def page_spec(said: TargetFile) -> PageSpec:
    """Where the page shows what."""
    page, items, note = said.page, said.page.items, None
    if items is not None and items.note is not None:
        note = WindowSpec(items.note.selector, items.note.shown, items.note.total)
    is_window = items is not None and items.window is not False
    return PageSpec(
        row=None if items is None else _row(items),
        counter=None if page.count is None else CounterSpec(page.count.selector, page.count.attribute),
        status=None if page.connection is None else _status(page.connection),
        panel=parts.panel_spec(page.panels),
        window=note,
        store=None if page.store is None else _store(page.store),
        windowed=is_window,
        window_of=items.window if items is not None and isinstance(items.window, str) else None,
        counter_shows=items is None or (is_window and note is None),
    )


def _row(items: pages.Items) -> RowSpec:
    pattern = None if items.pattern is None else in_javascript(items.pattern).replace("(?<name>", "(?<type>")
    return RowSpec(
        items.selector,
        items.name,
        items.session,
        items.seq,
        items.index,
        pattern,
        items.called,
        items.order,
        None if items.reads is None else in_python(items.reads),
        items.lines,
    )


def _status(connection: pages.Connection) -> StatusSpec:
    return StatusSpec(connection.selector, connection.attribute, in_javascript(connection.connected))


def _store(store: pages.Store) -> StoreSpec:
    return StoreSpec(
        store.object,
        store.get,
        store.subscribe,
        store.events,
        store.name,
        store.session or "session",
        store.seq or "seq",
        store.data,
        store.connection,
        None if store.connected is None else in_python(store.connected),
        tuple(store.fields),
        tuple((name, value.path) for name, value in store.values.items()),
    )


def _items(said: TargetFile, page: PageSpec) -> Envelope:
    """How an item of the list or of the state is identified, in the words that the tap gives it."""
    store, items, message = said.page.store, said.page.items, said.events.received
    words = page.store or StoreSpec("")
    has_session = store.session if store is not None else items is not None and _shows(items, "session")
    has_seq = store.seq if store is not None else items is not None and _shows(items, "seq")
    return Envelope(
        None,
        words.type,
        words.session if has_session else None,
        words.seq if has_seq else None,
        words.data or "data",
        {**said.events.names, **message.names},
        said.events.renamed,
        (*said.events.put_in(), *((message.session or "", message.seq or "") if message.text is not None else ())),
        tuple(said.events.own),
        tuple(said.events.include),
        text=_text(message),
    )


def _shows(items: pages.Items, what: str) -> bool:
    return getattr(items, what) is not None or f"<{what}>" in (items.pattern or "")


def _step(step: Do) -> Step:
    if step.fill is not None:
        return Step("fill", step.fill, step.with_text)
    if step.click is not None:
        return Step("click", step.click)
    return Step("press", "", step.press) if step.press is not None else Step("wait", step.wait or "")
