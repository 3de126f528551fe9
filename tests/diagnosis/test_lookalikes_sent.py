"""What looks like a cause in a CLI, a handler or a room and is not: on two systems that are not the reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Aspect, Fact, Finding, Hop, Kind, Outcome, Sighting, Strength
from harness.model.facts import (
    Acknowledged,
    ClientDisconnected,
    ClientRefused,
    CliExited,
    CliMessage,
    Connected,
    NoHandler,
    PageError,
    PageListens,
)
from harness.record.evidence import BY_CLIENT
from harness.reporting import sentences
from tests.support.causes_in_clis import unhandled
from tests.support.explained import evidence, explained, outcome
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost, warehouse
from tests.support.records import at, said

System = Callable[[], Story]


# ingress-name


@EACH
def test_a_message_that_is_not_an_event_and_has_no_handler_takes_no_event_with_it(system: System) -> None:
    """A heartbeat without a handler, and a tail that its CLI did not wait for."""
    story = system().drop(at(Hop.RECEIVED, "main/7"), at(Hop.ROUTED, "main/7"))
    for key in ("main/2", "main/6"):
        [after] = [r for r in story.records if at(Hop.RECEIVED, key)(r)]
        story.records.append(Fact(after.observer, after.n, after.at_ns, NoHandler("sid-main", "heartbeat")))
    story.fact(NoHandler, "server", sid="sid-main", name="heartbeat")
    assert keys(story, "ingress-name", *lost(story, Hop.RECEIVED, 7)) == []


@EACH
def test_each_message_without_a_handler_is_one_event_s(system: System) -> None:
    story = unhandled(system(), "main/2", "main/3", name="publish").drop(
        at(Hop.RECEIVED, "main/7"), at(Hop.ROUTED, "main/7")
    )
    assert keys(story, "ingress-name", *lost(story, Hop.RECEIVED, 2, 3, 7)) == ["main/2", "main/3"]


# handler-gone


@EACH
@pytest.mark.parametrize(("word", "is_gone"), [("", True), ("report", False)], ids=["its own name", "one for all"])
def test_a_name_that_was_handled_before_is_not_wrong(system: System, word: str, is_gone: bool) -> None:
    """Where one message carries all events, it is not known under which name those before it came."""
    story = system()
    name = next(r.event.name for r in story.records if isinstance(r, Sighting) and r.event.key == "main/6")
    unhandled(story, "main/6", name=word or name.rpartition(":")[2])
    mine = lost(story, Hop.RECEIVED, 6)
    assert keys(story, "handler-gone", *mine) == (["main/6"] if is_gone else [])
    assert keys(story, "ingress-name", *mine) == ([] if is_gone else ["main/6"])


@EACH
@pytest.mark.parametrize("before", ["report", "reports"])
def test_where_messages_and_events_have_other_names_the_message_s_had_a_handler(system: System, before: str) -> None:
    story = system()
    story.change(at(Hop.RECEIVED), lambda s: replace(s, detail={**s.detail, "carrier": before}))
    unhandled(story, "main/6", name="report")
    is_gone = before == "report"
    mine = lost(story, Hop.RECEIVED, 6)
    assert keys(story, "handler-gone", *mine) == (["main/6"] if is_gone else [])
    assert keys(story, "ingress-name", *mine) == ([] if is_gone else ["main/6"])


@EACH
@pytest.mark.parametrize("other", ["another connection", "all of the name"])
def test_a_handler_that_never_took_any_from_this_connection_is_not_gone(system: System, other: str) -> None:
    story = system()
    if other == "another connection":
        story.change(at(Hop.RECEIVED), lambda s: replace(s, detail={"sid": "another"}))
        unhandled(story, "main/6", name="goods:moved" if story.contract.target == "warehouse" else "cycle")
    else:
        mine = [r for r in story.records if isinstance(r, Sighting) and r.hop is Hop.RECEIVED]
        named = [r.event.key for r in mine if r.event.name in ("goods:moved", "cycle")]
        unhandled(story, *named, name=next(r.event.name for r in mine if r.event.key == named[0]))
    assert keys(story, "handler-gone", *lost(story, Hop.RECEIVED, 6)) == []
    assert keys(story, "ingress-name", *lost(story, Hop.RECEIVED, 6)) == ["main/6"]


# wrong-port, cli-namespace


def refused(system: System, error: str, url: str = "http://127.0.0.1:7", namespace: str | None = None) -> Story:
    return system().fact(ClientRefused, "cli:main", error=error, url=url, namespace=namespace)


def unreached() -> Outcome:
    finding = Finding(Aspect.CLI_UNREACHED, party="cli:main")
    return Outcome(Kind.REFUSED, "P14", None, None, Hop.SENT, (Hop.SENT,), finding)


@EACH
@pytest.mark.parametrize(
    ("error", "url", "is_it"),
    [
        ("Connection error", "http://127.0.0.1:7", True),
        ("xhr poll error", "http://127.0.0.1:7", True),
        ("xhr poll error", "http://127.0.0.1:1/live", False),
        ("Invalid namespace", "http://127.0.0.1:7", False),
        ("Unexpected status code 404 in server response", "http://127.0.0.1:7", False),
    ],
    ids=[
        "no client there",
        "no client there, on Node.js",
        "the server's own address",
        "told of a namespace",
        "told a status",
    ],
)
def test_who_answers_a_cli_is_there(system: System, error: str, url: str, is_it: bool) -> None:
    assert bool(explained("wrong-port", refused(system, error, url), unreached())) is is_it


@EACH
def test_a_namespace_that_node_does_not_have_is_told_to_the_client_alone(system: System) -> None:
    story = refused(system, "Invalid namespace", namespace="/tills")
    [blame] = explained("cli-namespace", story, unreached())
    assert "'/tills'" in sentences.line(blame.sentence)
    other_ = refused(system, "xhr poll error", namespace="/tills")
    assert explained("cli-namespace", other_, unreached()) == [], "nothing says that it is not there"


# emit-after-close, emit-while-reconnecting


@EACH
def test_an_emit_that_raises_for_its_namespace_was_not_made_after_the_end(system: System) -> None:
    """The lines are read at the very end, after the connection's: that says nothing of when they were printed."""
    story = system().drop(at(Hop.SENT, "main/3"))
    [closed] = [r for r in story.records if said(ClientDisconnected, "main")(r)]
    story.change(at(Hop.EMITTED, "main/3"), lambda s: replace(s, at_ns=closed.at_ns + 1_000_000))
    error = "not sent: BadNamespaceError: /probe is not a connected namespace."
    failed = Fact("cli:main", closed.n - 1, closed.at_ns - 1, Acknowledged("main/3", False, error))
    story.records = [r for r in story.records if not (r.observer == "cli:main" and r.n == closed.n - 1)] + [failed]
    assert keys(story, "emit-after-close", *lost(story, Hop.SENT, 3)) == []
    assert keys(story, "emit-raised", *lost(story, Hop.SENT, 3)) == ["main/3"]


@EACH
def test_who_hangs_up_by_itself_has_lost_no_connection(system: System) -> None:
    story = system().drop(at(Hop.SENT, "main/3"))
    dropped = "not sent: dropped: the connection was disconnected"
    story.fact(Acknowledged, "cli:main", key="main/3", ok=False, error=dropped)
    assert keys(story, "emit-after-close", *lost(story, Hop.SENT, 3)) == ["main/3"]
    assert keys(story, "emit-while-reconnecting", *lost(story, Hop.SENT, 3)) == []
    story.change(said(ClientDisconnected, "main", reason=BY_CLIENT), lambda f: other(f, reason="transport close"))
    assert keys(story, "emit-after-close", *lost(story, Hop.SENT, 3)) == []
    assert keys(story, "emit-while-reconnecting", *lost(story, Hop.SENT, 3)) == ["main/3"]


@EACH
def test_what_was_reported_before_the_connection_was_lost_is_not_lost_with_it(system: System) -> None:
    story = system().drop(at(Hop.SENT, "main/3"))
    story.change(said(ClientDisconnected, "main"), lambda f: other(f, reason="transport close"))
    assert keys(story, "emit-while-reconnecting", *lost(story, Hop.SENT, 3)) == []


# cli-name


def sent_as(system: System, name: str, digest: str) -> Story:
    story = system()
    [sent] = [r for r in story.records if at(Hop.SENT, "main/3")(r)]
    story.drop(at(Hop.SENT, "main/3"))
    named: Any = replace(sent.event, key=f"/{name}~3", name=name, session=None, seq=None, digest=digest)  # type: ignore[union-attr]
    return story.see(Hop.SENT, named, "cli:main")


@EACH
def test_what_a_cli_sent_instead_has_the_same_data(system: System) -> None:
    def failed(story: Story) -> list[Outcome]:
        strange = [key for key in evidence(story).once[Hop.SENT] if key not in evidence(story).once[Hop.EMITTED]]
        return [*lost(story, Hop.SENT, 3), *(outcome(Kind.PHANTOM, Hop.SENT, key, None) for key in strange)]

    same, another = sent_as(system, "alert", "digest-3"), sent_as(system, "alert", "digest-9")
    [blame] = explained("cli-name", same, *failed(same))
    assert list(blame.explains) == failed(same) and len(blame.explains) == 2
    assert explained("made-up", same, *failed(same)) == [] and explained("emit-unreached", same, *failed(same)) == []
    assert explained("cli-name", another, *failed(another)) == []
    assert len(explained("made-up", another, *failed(another))) == 1


# cli-failed


@EACH
def test_a_cli_that_gives_up_over_what_is_lost_has_not_failed_by_itself(system: System) -> None:
    story = system().fact(CliMessage, "cli:main", text="TimeoutError: no answer")
    story.change(said(CliExited), lambda f: other(f, status=1))
    finding = Finding(Aspect.TERMINAL_COUNT, session="main", count=0)
    end = Outcome(Kind.INCOMPLETE, "P13", None, None, Hop.EMITTED, (Hop.EMITTED,), finding)
    [blame] = explained("cli-failed", story, end)
    assert "TimeoutError: no answer" in sentences.line(blame.sentence)
    assert explained("cli-failed", story, end, *lost(story, Hop.RECEIVED, 7)) == []


# egress-namespace


@EACH
def test_what_goes_to_the_sender_in_its_namespace_is_not_for_another_namespace(system: System) -> None:
    story = system().change(said(Connected), lambda f: other(f, namespace="/watch"))
    story.change(said(Connected, sid="sid-main"), lambda f: other(f, namespace="/probes"))
    told = {"namespace": "/probes", "room": "sid-main"}
    story.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, recipients=("sid-main",), detail={**s.detail, **told}))
    assert keys(story, "egress-namespace", *lost(story, Hop.ROUTED, 3)) == []
    assert keys(story, "only-sender-told", *lost(story, Hop.ROUTED, 3)) == ["main/3"]


# listener-twice, page-error


def listens(story: Story, name: str, *counts: int) -> Story:
    """What dashboard A tells of its listeners for a name, all of it before its first event."""
    first = min(r.n for r in story.records if at(Hop.DELIVERED, party="A")(r))
    for place, count in enumerate(counts, start=1):
        told = PageListens(socket=1, name=name, count=count, where="/page.js:3")
        story.records.append(Fact("dashboard:A.1", first - 100 + place, place, told))
    return story


@EACH
def test_a_page_with_one_listener_takes_an_event_twice_for_another_reason(system: System) -> None:
    story = system()
    name = next(r.event.name for r in story.records if at(Hop.DELIVERED, "main/3", "A")(r))  # type: ignore[union-attr]
    twice = outcome(Kind.DUPLICATED, Hop.APPLIED, "main/3")
    assert explained("listener-twice", listens(system(), name, 1), twice) == []
    [blame] = explained("listener-twice", listens(system(), name, 1, 2), twice)
    assert "2 listeners" in sentences.evidence(blame)[0] and blame.places == ("/page.js:3",)
    assert explained("listener-twice", listens(system(), name, 1, 2, 1), twice) == []


@EACH
def test_the_same_name_lost_again_after_its_error_is_the_error_s(system: System) -> None:
    """A page tells of an error when it can: that of the second event may come after a third event's delivery."""
    story = system()
    [first] = [r for r in story.records if at(Hop.DELIVERED, "main/2", "A")(r)]
    story.records.append(Fact("dashboard:A.1", first.n, first.at_ns, PageError("TypeError: no order")))
    [blame] = explained("page-error", story, *lost(story, Hop.APPLIED, 2, 3))
    assert [o.key for o in blame.explains] == ["main/2", "main/3"] and blame.strength is Strength.NAMED
    [named, around] = explained("page-error", story, *lost(story, Hop.APPLIED, 2, 7 if system is warehouse else 5))
    assert (named.strength, around.strength) == (Strength.NAMED, Strength.AROUND)


# retry-without-id and two-emit-paths

SLOW_NS, PATIENCE_NS = 400_000_000, 250_000_000


def sent_again(system: System, *numbers: int, slow: tuple[int, ...]) -> Story:
    """Events that another place in the code sends again after a quarter of a second; `slow` ones are answered later."""
    story = system()
    story.change(at(Hop.SENT), lambda s: replace(s, detail={"where": "till.py:7"}))
    for number in numbers:
        [first] = [r for r in story.records if at(Hop.SENT, f"main/{number}")(r)]
        detail = {"where": "till.py:12"}
        story.records.append(
            Sighting(
                Hop.SENT,
                evidence(system()).events[f"main/{number}"],
                first.observer,
                1 << 20 | number,
                first.at_ns + PATIENCE_NS,
                None,
                detail,
            )
        )
    for number in slow:
        story.change(said(Acknowledged, key=f"main/{number}"), lambda f: replace(f, at_ns=f.at_ns + SLOW_NS))
    return story


def twice(*numbers: int) -> list[Outcome]:
    return [outcome(Kind.DUPLICATED, Hop.SENT, f"main/{number}", None) for number in numbers]


@EACH
def test_just_what_had_no_answer_by_then_is_sent_again_for_want_of_it(system: System) -> None:
    story = sent_again(system, 2, 5, slow=(2, 5))
    assert keys(story, "retry-without-id", *twice(2, 5)) == ["main/2", "main/5"]
    assert keys(story, "two-emit-paths", *twice(2, 5)) == []


@EACH
@pytest.mark.parametrize(
    ("again", "slow"),
    [((2, 5), (2,)), ((2,), (2, 5)), ((2, 5), ()), ((2,), (2,)), (tuple(range(1, 8)), tuple(range(1, 8)))],
)
def test_two_places_that_send_it_whatever_is_answered_are_two_emit_paths(
    system: System, again: tuple[int, ...], slow: tuple[int, ...]
) -> None:
    story = sent_again(system, *again, slow=slow)
    assert keys(story, "retry-without-id", *twice(*again)) == []
    assert keys(story, "two-emit-paths", *twice(*again)) == [f"main/{number}" for number in again]


def posted(system: Callable[[], Story], apart_ms: float, *paths: str) -> Story:
    """`main/4` posted twice, from unknown places; every other answer took a millisecond."""
    story = system().double(at(Hop.SENT, "main/4"))
    sent = sorted(r.n for r in story.records if at(Hop.SENT, "main/4")(r))
    ways = dict(zip(sent, paths, strict=True))
    first_ns = {r.event.key: r.at_ns for r in story.records if isinstance(r, Sighting) and r.hop is Hop.SENT}

    def later(sighting: Any) -> Any:
        wait_ns = 0 if sighting.n == sent[0] else int(apart_ms * 1e6)
        return replace(sighting, at_ns=first_ns["main/4"] + wait_ns, detail={"path": ways[sighting.n]})

    def answer(fact: Any) -> Any:
        took_ns = int((apart_ms + 20) * 1e6) if fact.body.key == "main/4" else 1_000_000
        return replace(fact, at_ns=first_ns[fact.body.key] + took_ns)

    return story.change(at(Hop.SENT, "main/4"), later).change(said(Acknowledged), answer)


@EACH
def test_a_post_that_waited_far_longer_than_others_was_made_again_for_that(system: Callable[[], Story]) -> None:
    story = posted(system, 250, "/hooks", "/hooks")
    [blame] = explained("retry-without-id", story, *twice(4))
    assert blame.evidence == (
        "cli:main: 1 event sent again to /hooks",
        "the second time came at least 250.0 ms after the first",
    )
    assert blame.places == ()


@EACH
@pytest.mark.parametrize(("apart_ms", "again"), [(3.5, "/hooks"), (250, "/other")], ids=["too soon", "elsewhere"])
def test_two_posts_at_once_or_to_two_places_are_no_retry(
    system: Callable[[], Story], apart_ms: float, again: str
) -> None:
    assert explained("retry-without-id", posted(system, apart_ms, "/hooks", again), *twice(4)) == []
