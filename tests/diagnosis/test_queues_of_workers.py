"""Workers that write events to a message queue: for another one than servers listen to, or for a namespace of none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.model import Blame, Event, Hop, Kind, Outcome
from harness.model.facts import Connected, Listens, Published
from harness.reporting import sentences
from tests.support.causes_in_routing import connected_to
from tests.support.explained import explained, outcome
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.other_systems import EACH
from tests.support.records import at, said

REDIS = "redis://127.0.0.1:6379"
System = Callable[[], Story]


def written(system: System, channel: str = "socket.io", namespace: str = "/") -> Story:
    """A worker puts `main/3` into a channel of Redis; no process resolved it. A is connected to north, B to south."""
    story = connected_to(system(), A="north:1", B="south:2")
    story.change(said(Connected), lambda f: other(f, namespace="/")).drop(at(Hop.ROUTED, "main/3"))
    about = {"where": "ingest.js:33 announce", "process": "ingest:3", "namespace": namespace}
    return story.fact(Published, "process:ingest", key="main/3", queue=REDIS, channel=channel, **about)


def listening(story: Story, *labels: str) -> Story:
    """The processes of these dashboards listen to the usual channel."""
    for label in labels:
        story.fact(Listens, "server", queue=REDIS, channel="socket.io", connected=[story.pages[label].sid])
    return story


def lost(label: str, *hops: Hop) -> Outcome:
    range_ = hops or (Hop.RECEIVED, Hop.ROUTED)
    one = range_[0] if len(range_) == 1 else None
    return replace(outcome(Kind.LOST, range_[0], "main/3", label), hop=one, hops=range_)


def says(blame: Blame) -> str:
    return sentences.line(blame.sentence)


@EACH
@pytest.mark.parametrize("hops", [(), (Hop.ROUTED,)], ids=["received is blind", "received is seen"])
def test_a_worker_that_writes_to_another_channel_is_named(system: System, hops: tuple[Hop, ...]) -> None:
    story = listening(written(system, channel="fleet.io"), "A", "B")
    [blame] = explained("queue-mismatch", story, lost("A", *hops), lost("B", *hops))
    assert (blame.hop, blame.places) == (Hop.ROUTED, ("ingest.js:33 announce",))
    assert says(blame).startswith("process ingest writes to another message queue than the server of dashboard A, B")
    assert blame.evidence[0] == f"ingest: wrote 1 event to channel 'fleet.io' at {REDIS}"


@EACH
def test_a_server_that_listens_to_no_queue_is_told_where_others_do(system: System) -> None:
    story = listening(written(system), "A")
    [blame] = explained("queue-mismatch", story, lost("B"))
    assert says(blame) == ("process ingest writes to a message queue, and the server of dashboard B listens to none.")
    assert explained("queue-mismatch", story, lost("A")) == [], "its server listens to that very queue"


@EACH
def test_what_listens_is_not_known_where_none_is_told_of(system: System) -> None:
    assert explained("queue-mismatch", written(system), lost("B")) == []
    assert explained("queue-mismatch", listening(written(system, channel="fleet.io"), "A"), lost("B")) == []


@EACH
def test_a_process_that_resolved_the_event_has_read_it(system: System) -> None:
    story = listening(written(system), "A").see(
        Hop.ROUTED, Event("main/3", "cycle", "main", 3, "d"), "server", (), process="south:2", publishes=True
    )
    assert explained("queue-mismatch", story, lost("B", Hop.ROUTED)) == []


@EACH
def test_a_worker_that_writes_for_a_namespace_of_no_page_is_named(system: System) -> None:
    story = listening(written(system, namespace="/fleet"), "A", "B")
    [blame] = explained("egress-namespace", story, lost("A"), lost("B"))
    assert blame.hop is Hop.ROUTED
    assert says(blame) == "process ingest emits in namespace '/fleet', and no dashboard is in it."
    assert blame.evidence[0] == "process ingest: 1 event emitted in '/fleet' (ingest.js:33 announce)"


@EACH
def test_a_cli_that_writes_for_a_namespace_of_no_page_is_named(system: System) -> None:
    story = system().change(said(Connected), lambda f: other(f, namespace="/")).drop(at(Hop.ROUTED, "main/3"))
    sent = {"queue": REDIS, "channel": "socket.io", "namespace": "/fleet", "where": "courier.js:22"}
    story.change(at(Hop.SENT, "main/3"), lambda s: replace(s, detail=sent))
    [blame] = explained("egress-namespace", story, lost("A"))
    assert says(blame) == "the CLI emits in namespace '/fleet', and no dashboard is in it."
    story.change(at(Hop.SENT, "main/3"), lambda s: replace(s, detail={**sent, "namespace": "/"}))
    assert explained("egress-namespace", story, lost("A")) == []
    story.change(at(Hop.SENT, "main/3"), lambda s: replace(s, detail={"namespace": "/fleet"}))
    assert explained("egress-namespace", story, lost("A")) == [], "a handler of the server may have been in that"


@EACH
def test_a_worker_that_writes_for_the_namespace_of_the_pages_is_not_it(system: System) -> None:
    assert explained("egress-namespace", listening(written(system), "A", "B"), lost("A"), lost("B")) == []
