"""Runs as reporters get them, and a report as a code host would read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.diagnosis import diagnose
from harness.judge.judge import judge_evidence
from harness.model import Hop, Verdict
from harness.model.facts import Acknowledged, CliExited, PanelShown, Unrouted, View
from harness.record.evidence import Evidence
from harness.reporting.markdown import text
from tests.support.history import History, at, clean, event, from_hop, of_kind, send, sid, with_data
from tests.support.ledgers import Story

NASTY = "<script>alert(1)</script> ![x](http://evil) `a` ```b``` | [c](d) **e** \x1b[31m \u202e \x00 @all www.evil.test"
"""Text that would run, load, link, notify, colour, reverse and break tables, where a report let it."""


def judged(history: History | Story) -> tuple[Evidence, Verdict]:
    """Evidence and verdict with causes."""
    evidence = Evidence(history.ledger())
    return evidence, diagnose(evidence, judge_evidence(evidence))


def report(history: History, run_dir: Path = Path("nowhere")) -> str:
    """The Markdown of a run."""
    return text(*judged(history), run_dir)


def long_run(count: int) -> History:
    """A clean run of so many events."""
    history = clean().without(at(Hop.EMITTED)).without(from_hop(Hop.SENT)).without(of_kind(Acknowledged))
    end = next(i for i, record in enumerate(history.records) if of_kind(CliExited)(record))
    after, history.records = history.records[end:], history.records[:end]
    for seq in range(1, count + 1):
        name = "run:started" if seq == 1 else "run:completed" if seq == count else "step:done"
        send(history, event(seq, name=name), ("A", "B"))
    history.records += [replace(record, n=record.n + 10 * count) for record in after]
    keys, panels = [f"s/{seq}" for seq in range(1, count + 1)], {"steps": _steps(count - 2)}
    history.changed(of_kind(PanelShown, session="s"), with_data(**_steps(count - 2)))
    shown = with_data(counter=count, rows=keys, state_events=keys, panels=panels)
    return history.changed(of_kind(View), shown)


def _steps(done: int) -> dict[str, Any]:
    return {"session": "s", "text": f"{done} done", "values": {"done": str(done)}}


def mismatch(room: str = "s") -> History:
    """The documented bug: events are routed to an empty room."""
    history = clean().without(from_hop(Hop.DELIVERED))
    history.changed(at(Hop.ROUTED), lambda sighting: replace(sighting, recipients=(), detail={"room": room}))
    where = {"room": room, "where": "server/exchange.py:85 route"}
    for seq in range(1, 5):
        around = {"connected": [sid("A"), sid("B")], "rooms": {"dashboards": [sid("A")]}}
        history.tell(Unrouted, "server", key=f"s/{seq}", **where, **around)
    empty = {"session": "", "text": "none", "values": {"done": "0"}}
    history.without(of_kind(PanelShown)).without(of_kind(Acknowledged))
    shown = with_data(counter=0, rows=[], state_events=[], panels={"steps": empty})
    return history.changed(of_kind(View), shown)


def tokens(markdown: str) -> list[Token]:
    """All tokens, those within lines too. HTML and tables are on, as on a code host."""
    return list(_flat(MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)))


def _flat(listed: list[Token]) -> Iterator[Token]:
    for token in listed:
        yield token
        yield from _flat(token.children or [])


SCROLL = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  let frames = 0;
  for (const id of ['diagram', 'table']) {
    const box = document.getElementById(id);
    box.scrollIntoView();
    for (let step = 0; step <= 60; step += 1, frames += 1) {
      box.scrollTop = box.scrollHeight * step / 60;
      await frame();
    }
  }
  for (let y = 0; y < document.body.scrollHeight; y += 400, frames += 1) { scrollTo(0, y); await frame(); }
  await frame();
  return [frames, document.querySelector('#table .pane .row:last-child button').textContent, document.all.length];
}"""
"""Scrolls diagram, table and run page from end to end: frames, the last row, and how many elements there are."""
