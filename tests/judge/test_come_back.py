"""A server that makes events by itself, without ids, and pages that come back under their old id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.diagnosis._processes import emitted_elsewhere
from harness.model import Answer, Event, Hop, Kind, Verdict
from harness.model.facts import Connected, Joined, PageConnected, StatusShown, Unrouted
from harness.record.evidence import Evidence
from harness.record.ledger import Ledger
from tests.judge.test_columns_agree import agree
from tests.support.ledgers import Story
from tests.support.paper_pages import Page

PLACE = "ticker.js:4"


class Ticker(Story):
    """A run on paper whose server ticks, with or without clients. Each tick says another number."""

    def __init__(self) -> None:
        taps = (Hop.ROUTED, Hop.DELIVERED, Hop.RENDERED)
        super().__init__("broadcast", taps=taps, replays=False, terminal=(), terminal_ok=(), declared=(), panels=())
        self.contract = replace(self.contract, made=("tick",), own_events=(), windowed=True)
        self.count, self.kept = 0, dict[str, list[Event]]()

    def tick_to(self, *labels: str, lost: Sequence[str] = (), served: bool = True) -> Ticker:
        self.count += 1
        event = Event(f"/tick~{self.count}", "tick", None, None, f"{self.count}")
        there = [self.pages[label] for label in labels]
        detail = {"room": None, "where": PLACE, "served": served, "publishes": False, "process": "server:1"}
        self.see(Hop.ROUTED, event, self.server, tuple(page.sid for page in there), **detail)
        if not there:
            self.fact(Unrouted, self.server, key=event.key, where=PLACE)
        for page in there:
            if page.label not in lost:
                self._shown(page, event)
        for label, page in self.pages.items():
            if not page.connected:
                self.kept.setdefault(label, []).append(event)
        return self

    def _shown(self, page: Page, event: Event) -> None:
        self.see(Hop.DELIVERED, event, page.observer, transport="websocket")
        self.see(Hop.RENDERED, Event("/tick~", "tick", None, None, None), page.observer, via="row")

    def recover(self, label: str, *, lost: int = 0) -> Ticker:
        """A page comes back: the server sends it what it missed, before it says that it is there."""
        page = self.pages[label]
        missed = self.kept.pop(label, [])
        self.fact(Joined, self.server, sid=page.sid, room="ticks")
        for event in missed:
            self.see(Hop.ROUTED, event, self.server, (page.sid,), room=page.sid, where=None, served=True,
                     publishes=False, recovered=True, process="server:1")  # fmt: skip
        self.fact(Connected, self.server, sid=page.sid, transport="polling", process="server:1")
        for event in missed[lost:]:
            self._shown(page, event)
        self.fact(PageConnected, page.observer, sid=page.sid, transport="polling")
        self.fact(StatusShown, page.observer, text="Connected", connected=True)
        page.connected = True
        return self

    def ledger(self) -> Ledger:
        for label in self.pages:
            self.shows(label, rows=[], counter=None)
        made = super().ledger()
        of_process = [
            replace(f, body=replace(f.body, process="server:1")) if isinstance(f.body, Connected) else f
            for f in made.facts
        ]
        return replace(made, facts=tuple(of_process))


def healthy() -> Ticker:
    """One tick before any dashboard is there, one that A alone misses, one that both miss."""
    story = Ticker().tick_to(served=False)
    story.open("A", "B")
    story.tick_to("A", "B")
    story.disconnect("A")
    story.tick_to("B")
    story.disconnect("B")
    story.tick_to()
    story.recover("A").tick_to("A").recover("B")
    return story.tick_to("A", "B")


def losses(verdict: Verdict) -> set[tuple[str | None, Hop | None]]:
    return {(each.dashboard, each.hop) for each in verdict.outcomes if each.kind is Kind.LOST}


def test_what_was_missed_and_sent_again_is_one_event_and_no_loss() -> None:
    verdict = verdict_of(healthy().ledger())
    assert verdict.answer is Answer.PASSED, verdict
    assert verdict.hops[Hop.ROUTED] == 5, "one of six was made while no dashboard was there"
    assert {each.prop: each.checks for each in verdict.properties}["B2"] == 10, (
        "of 2 to 6 all, for no page chose to be away"
    )
    assert agree(healthy().ledger())


def test_a_loss_between_two_connections_of_one_id_is_seen() -> None:
    story = healthy().disconnect("A")
    assert isinstance(story, Ticker)
    story.recover("A").tick_to("A", "B", lost=["A"]).tick_to("A", "B")
    assert losses(verdict_of(story.ledger())) == {("A", Hop.DELIVERED)}


def test_who_is_there_and_left_out_is_seen_at_its_hop() -> None:
    assert losses(verdict_of(healthy().tick_to("A").ledger())) == {("B", Hop.ROUTED)}


@pytest.mark.parametrize("is_served", [True, False])
def test_an_emit_before_the_first_client_says_nothing_of_the_object(is_served: bool) -> None:
    """A tick before the first client is on an object without clients as yet; one after that, on one that never does."""
    story = Ticker().tick_to(served=False)
    story.open("A", "B")
    story.tick_to("A", "B").tick_to(served=is_served)
    verdict = verdict_of(story.ledger())
    assert not any(key.endswith("/1") for key in emitted_elsewhere(Evidence(story.ledger())))
    assert verdict.answer is Answer.FAILED
    assert ("wrong-process" in {blame.cause for blame in verdict.blame}) is not is_served
    assert {str(each.key)[-2:] for each in verdict.outcomes if each.kind is Kind.LOST} == {"/3"}
