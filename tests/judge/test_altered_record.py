"""Whatever single record is taken from a passing ledger, doubled or changed, the answer is never "passed".

The records are numbered anew afterwards, as a forger would do: only what the rest of the ledger
says can tell. What is left out is named in `NO_EVIDENCE`, with the reason why nothing else can speak of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness.judge.consistency.parties import acknowledgements
from harness.judge.judge import judge
from harness.model import Answer, Fact, Hop, Record, Sighting, Standing
from harness.model.facts import (
    Acknowledged,
    Answered,
    ClientDisconnected,
    Disconnected,
    InFlight,
    Left,
    Members,
    Notice,
)
from harness.record.evidence import Evidence
from harness.record.ledger import Ledger
from tests.support import records
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.stories import STORIES

NO_EVIDENCE = {
    "client-disconnected": "the server tells who left it, and when",
    "notice": "no strategy promises each message other than events; those that one promises are compared",
    "page-closed": "the server tells who left it, and when",
    "panel": "what a panel showed for a moment; the last of it is compared with what it shows in the end",
    "server-started": "it says where the server was, and nothing of the run",
    "status": "what the page said for a moment; the last of it is compared with what it says in the end",
    "counter": "what the page counted for a moment; the last of it is compared with what it counts in the end",
}
"""Kinds of facts of which one can be missing unnoticed, and why."""

ONE_SIDED = {
    "acknowledged": "a producer that was killed may never have got it, or did not ask for any of that name",
    "answer": "what a producer asks and is answered is told by the server alone here",
    "cli-session": "a session without events",
    "client-connected": "a producer without events",
    "joined": "who has gone since is in no room at the end",
    "sighting at emitted": "a producer that was killed may not have printed it",
    "sighting at rendered": "a page that was loaded again may not have shown it any more",
}
"""Kinds of which some have nothing to be compared with in the small system on paper, and why."""


def passing(name: str) -> Ledger:
    ledger = STORIES[name][0]().ledger()
    assert judge(ledger).answer is Answer.PASSED
    return ledger


def kind(record: Record) -> str:
    return f"sighting at {record.hop.label}" if isinstance(record, Sighting) else record.kind


def moved(records: list[Record], of: Record, by: int) -> list[Record]:
    """The records, those of the same observer after it numbered anew."""
    return [replace(r, n=r.n + by) if r.observer == of.observer and r.n > of.n else r for r in records]


def without(ledger: Ledger) -> Iterator[tuple[Record, Ledger]]:
    records = [*ledger.records()]
    for place, record in enumerate(records):
        yield record, Ledger.of(ledger.contract, moved([*records[:place], *records[place + 1 :]], record, -1))


def with_another(ledger: Ledger) -> Iterator[tuple[Record, Ledger]]:
    records = [*ledger.records()]
    for record in records:
        yield record, Ledger.of(ledger.contract, [*moved(records, record, 1), replace(record, n=record.n + 1)])


def changed(ledger: Ledger) -> Iterator[tuple[Record, Ledger]]:
    """Each record that says which event, client or room it is about says another one."""
    records = [*ledger.records()]
    for place, record in enumerate(records):
        for said in _others(record):
            yield record, Ledger.of(ledger.contract, [*records[:place], said, *records[place + 1 :]])


def _others(record: Record) -> Iterator[Record]:
    if isinstance(record, Sighting):
        event = record.event
        yield replace(record, event=replace(event, name=f"{event.name}x"))
        yield replace(record, event=replace(event, key=f"{event.session}/700", seq=700))
        yield replace(record, event=replace(event, key=f"x/{event.seq}", session="x"))
        if event.digest is not None:
            yield replace(record, event=replace(event, digest="another"))
        if record.recipients is not None:
            yield replace(record, recipients=(*record.recipients, "stranger"))
    elif isinstance(record, Fact) and record.kind in ("acknowledged", "connected", "disconnected", "page-connected"):
        yield other(record, **{name: "x" for name in ("key", "sid") if hasattr(record.body, name)})


def silent(altered: Iterator[tuple[Record, Ledger]]) -> Counter[str]:
    return Counter(kind(record) for record, ledger in altered if judge(ledger).answer is Answer.PASSED)


@pytest.mark.parametrize("name", STORIES)
def test_a_record_that_is_doubled_is_noticed(name: str) -> None:
    """But a message other than an event: a page takes many alike at one instant, a heartbeat for example."""
    assert {*silent(with_another(passing(name)))} <= {"notice"}


def test_what_a_plain_system_says_beside_its_events_contradicts_nothing() -> None:
    """Its producer says hello and goodbye with an answer, of which only the server tells; a page hears many heartbeats
    in one answer.
    """
    story = Story("broadcast").open("A").start("main").emit("main", *TASK)
    for number, name in enumerate(TASK, start=100):
        story.fact(Answered, "server", sid="sid-main", name=name, id=number, args=["ok"])
    story.end("main").fact(Notice, "dashboard:A.1", name="connection:routing", payload={})
    tick = story.records[-1]
    story.records.append(replace(tick, n=tick.n + 1))
    [consistency] = [each for each in story.verdict().properties if each.prop == "P16"]
    assert consistency.standing is Standing.PROVEN, consistency.outcomes


@pytest.mark.parametrize("name", STORIES)
def test_a_missing_record_is_noticed_or_is_not_evidence(name: str) -> None:
    found = silent(without(passing(name)))
    assert {*found} <= {*NO_EVIDENCE, *ONE_SIDED}
    assert all(found[kind] <= 6 for kind in ONE_SIDED)


@pytest.mark.parametrize("name", STORIES)
def test_a_record_that_says_something_else_is_noticed(name: str) -> None:
    found = silent(changed(passing(name)))
    assert found == {}


def test_a_client_that_was_there_before_the_run_contradicts_nothing() -> None:
    """A second server, say, that listens to the first."""
    story = Story("broadcast")
    story.fact(Members, "server", rooms={"dashboards": ["bridge"]}, connected=["bridge"])
    story.open("A").start("main").emit("main", *TASK).end("main").settle()
    sids = ["bridge", story.pages["A"].sid]
    story.change(records.at(Hop.ROUTED), lambda r: replace(r, recipients=("bridge", *r.recipients)))
    story.change(
        records.said(Members, rooms={"dashboards": sids[1:]}),
        lambda f: other(f, rooms={"dashboards": sids}, connected=sids),
    )
    assert story.verdict().answer is Answer.PASSED


def test_a_client_of_a_run_before_that_is_still_in_its_room_contradicts_nothing() -> None:
    """A server that is kept for the next run resolves pages of the last one until they are gone."""
    story = Story("broadcast")
    story.fact(Members, "server", rooms={"dashboards": ["former"]}, connected=["former"])
    story.open("A").start("main").emit("main", *TASK).end("main")
    story.fact(Left, "server", sid="former", room="dashboards").fact(Disconnected, "server", sid="former").settle()
    former = ("former", story.pages["A"].sid)
    story.change(
        records.at(Hop.ROUTED, "main/1"),
        lambda r: replace(r, recipients=former, detail={**r.detail, "room": "dashboards"}),
    )
    assert story.verdict().answer is Answer.PASSED, story.verdict().unknowns


def test_a_client_that_was_leaving_when_the_run_began_contradicts_nothing() -> None:
    """A server that is kept for the next run tells of it in that one, and has no such member any more."""
    story = Story("broadcast").fact(Disconnected, "server", sid="former", reason="transport close")
    story.fact(Members, "server")
    story.open("A").start("main").emit("main", *TASK).end("main").settle()
    assert story.verdict().answer is Answer.PASSED, story.verdict().unknowns


def test_a_client_that_is_leaving_when_the_run_ends_contradicts_nothing() -> None:
    """The server tells of it before its own handler has run; until that has ended, the client is a member."""
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).end("main")
    story.fact(Disconnected, "server", sid="sid-main", reason="transport close").settle()
    sids = ["sid-main", story.pages["A"].sid]
    story.change(records.said(Members, rooms={"dashboards": sids[1:]}), lambda f: other(f, connected=sids))
    assert story.verdict().answer is Answer.PASSED, story.verdict().unknowns


def test_a_producer_that_asks_for_no_answer_to_its_last_event_contradicts_nothing() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).end("main").settle()
    story.drop(records.said(Acknowledged, "main", key=f"main/{len(TASK)}"))
    assert story.verdict().answer is Answer.PASSED, story.verdict().unknowns


def test_a_producer_that_ends_without_closing_has_no_answers_to_what_it_sent_last() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).end("main").settle()
    last = f"main/{len(TASK)}"
    name = TASK[-2]  # others of its name were answered
    story.change(
        lambda r: getattr(getattr(r, "event", None), "key", None) == last,
        lambda s: replace(s, event=replace(s.event, name=name)),
    )
    story.drop(records.said(Acknowledged, "main", key=last))
    assert [*acknowledgements(Evidence(story.ledger()))]
    story.drop(records.said(ClientDisconnected, "main"))
    assert not [*acknowledgements(Evidence(story.ledger()))]


def test_what_is_passed_on_after_the_last_look_at_a_server_does_not_contradict_it() -> None:
    """That look is as late as the canaries of the end, and the pages' fences follow. An earlier one does not count."""
    story = STORIES["broadcast"][0]().settle()
    looked = max(r.at_ns for r in story.records if isinstance(r, Fact) and isinstance(r.body, InFlight))
    story.change(
        lambda r: isinstance(r, Sighting) and r.event.key == "main/5" and r.hop >= Hop.ROUTED,
        lambda s: replace(s, at_ns=looked + 1_000 * (1 + s.hop)),
    )
    assert story.verdict().answer is Answer.PASSED
    story.drop(lambda r: isinstance(r, Fact) and isinstance(r.body, InFlight) and r.at_ns == looked)
    assert story.verdict().answer is Answer.UNKNOWN
