"""What is like a cause in a CLI, and one step away from it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from harness.diagnosis.emit_after_close import LAG_MS
from harness.diagnosis.emit_while_reconnecting import _lost_connections
from harness.diagnosis.oversize_payload import FAR
from harness.model import Aspect, Body, Fact, Finding, Hop, Kind, Outcome
from harness.model.facts import (
    Acknowledged,
    ClientConnected,
    ClientDisconnected,
    ClientRefused,
    Connected,
    Disconnected,
    LateHandler,
    NoHandler,
    Refused,
    UnservedEmit,
)
from harness.reporting import sentences
from tests.support.causes import gone, told
from tests.support.causes_in_clis import ALL, BEHIND_SENT, EVENTS, unhandled
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said


def sizes(story: Story, **bytes_: int) -> Story:
    """Events by session and number, with how large they were when they were sent."""
    for name, size in bytes_.items():
        story.change(at(Hop.SENT, name.replace("_", "/")), partial(replace, detail={"bytes": size}))
    return story


def too_large(story: Story, *keys: str) -> list[str]:
    lost = [outcome(Kind.LOST, Hop.RECEIVED, key) for key in keys]
    return [sentences.line(blame.sentence).partition(" ")[0] for blame in explained("oversize-payload", story, *lost)]


def test_an_event_is_too_large_from_so_many_times_the_size_of_all_that_arrived() -> None:
    def story(largest: int, size: int) -> Story:
        return sizes(paper("oversize-payload"), **{f"main_{n}": largest for n in range(1, 8)} | {"main_4": size})

    assert too_large(story(200, 200 * FAR), "main/4") == ["main/4"]
    assert too_large(story(200, 200 * FAR - 1), "main/4") == []
    assert too_large(story(0, FAR), "main/4") == ["main/4"]
    assert too_large(story(0, FAR - 1), "main/4") == []


def test_an_unseen_sending_and_small_events_of_another_session_hide_no_large_one() -> None:
    story = paper("oversize-payload").start("small").emit("small", *TASK).end("small")
    story.start("unseen").emit("unseen", *TASK).end("unseen")
    story.drop(*(at(Hop.SENT, f"unseen/{n}") for n in range(1, 6)))
    gone(story, ("small/3", "unseen/3"), *BEHIND_SENT, acknowledged=True)
    assert too_large(story, "unseen/3", "small/3", "main/4") == ["main/4"]
    cut = said(Disconnected, "server", sid="sid-main")
    by_itself = paper("oversize-payload").change(cut, lambda f: other(f, reason="client disconnect"))
    by_itself.start("other").emit("other", *TASK).end("other")
    sizes(by_itself, other_1=10, other_2=10, other_3=100_000, other_4=10, other_5=10)
    gone(by_itself, ("other/3",), *BEHIND_SENT, acknowledged=True)
    assert too_large(by_itself, "main/4", "other/3") == ["other/3"]


def test_an_event_is_sent_again_when_it_was_sent_twice_from_one_place() -> None:
    again = outcome(Kind.DUPLICATED, Hop.SENT, "main/4", None)
    story = paper("retry-without-id")
    acknowledgement = said(Acknowledged, "main", key="main/4")
    numbers = [r.n for r in story.records if at(Hop.SENT, "main/4")(r)]
    story.change(
        lambda r: at(Hop.SENT, "main/4")(r) and r.n == max(numbers),
        lambda s: replace(s, at_ns=s.at_ns + 250_000_000_000),
    )
    assert explained("retry-without-id", story, again) == []  # it was acknowledged by then
    story.change(acknowledgement, lambda fact: replace(fact, at_ns=fact.at_ns + 250_000_000_000))
    [blame] = explained("retry-without-id", story, again)
    assert sentences.evidence(blame)[1].startswith("the second time came at least 250000.0 ms after the first")
    assert explained("retry-without-id", told(), again) == []
    assert explained("retry-without-id", paper("two-emit-paths"), again) == []


def test_what_is_emitted_twice_at_once_or_never_acknowledged_at_all_is_not_a_retry() -> None:
    again = outcome(Kind.DUPLICATED, Hop.SENT, "main/4", None)
    assert explained("retry-without-id", told().double(at(Hop.SENT, "main/4")), again) == []
    assert explained("retry-without-id", paper("retry-without-id").drop(said(Acknowledged)), again) == []


def turned_away(cli: str) -> Outcome:
    refused = Finding(Aspect.CLI_REFUSED, party=cli)
    return Outcome(Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), refused)


def test_who_was_not_let_in_lost_what_it_could_not_send_and_nothing_else() -> None:
    story = told().fact(ClientRefused, "cli:main", error="bad-token")
    out = Outcome(
        Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), Finding(Aspect.CLI_REFUSED, party="cli:main")
    )
    silenced = outcome(Kind.LOST, Hop.SENT, "main/3")
    others = [outcome(Kind.LOST, Hop.ROUTED, "main/4"), outcome(Kind.DUPLICATED, Hop.SENT, "main/5")]
    nobody_s = outcome(Kind.LOST, Hop.SENT, "other/1")
    [blame] = explained("refused", story, out, silenced, *others, nobody_s)
    assert blame.explains == (out, silenced)


def test_a_cli_that_was_connected_hides_no_other_that_never_was() -> None:
    story = paper("never-connected").start("other").emit("other", *TASK)
    lost = [outcome(Kind.LOST, Hop.SENT, key) for key in ("other/1", "main/1")]
    [blame] = explained("never-connected", story, *lost)
    assert blame.explains == (lost[1],)


def test_a_namespace_is_unknown_when_the_server_refuses_it_and_it_has_no_clients() -> None:
    def wrong(story: Story, *more: Outcome) -> list[str]:
        failed = [each for each in paper("cli-namespace").verdict().outcomes if each.kind is Kind.REFUSED]
        return [sentences.evidence(blame)[0] for blame in explained("cli-namespace", story, *failed, *more)]

    told_ = ["cli:main: /producers: Unable to connect"]
    assert wrong(paper("cli-namespace")) == told_
    shared = {"sid": "x", "role": "producer", "origin": None, "transport": "websocket", "namespace": "/producers"}
    assert wrong(paper("cli-namespace").fact(Connected, "server", **shared)) == []
    by_words = (
        paper("cli-namespace")
        .drop(said(ClientRefused))
        .fact(ClientRefused, "cli:main", error="which producer?", namespace="/producers")
    )
    assert wrong(by_words) == []  # a middleware of that namespace says so
    story = Story("broadcast")
    for observer in ("cli:early", "server"):
        kind = Refused if observer == "server" else ClientRefused
        story.fact(kind, observer, error="bad-token", reason="bad-token", namespace="/", sid=None, role="producer")
    story.records += paper("cli-namespace").records
    early = Outcome(
        Kind.REFUSED, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), Finding(Aspect.CLI_REFUSED, party="cli:early")
    )
    assert wrong(story, early) == told_
    assert wrong(story.drop(said(Connected)), early) == told_


def test_what_a_cli_reports_at_the_very_end_of_its_connection_is_not_after_it() -> None:
    story = paper("emit-after-close")
    lost = outcome(Kind.LOST, Hop.SENT, "main/3")
    assert len(explained("emit-after-close", story, lost)) == 1
    story.drop(lambda r: isinstance(r, Fact) and isinstance(r.body, Acknowledged) and not r.body.ok)
    [closed] = {r.at_ns for r in story.records if said(ClientDisconnected, "main")(r)}
    for late_ms, found in ((LAG_MS, 0), (LAG_MS + 1, 1)):
        late = partial(replace, at_ns=closed + int(late_ms * 1e6))
        story.change(at(Hop.EMITTED, "main/3"), late)
        assert len(explained("emit-after-close", story, lost)) == found, "a line is read after it is printed"


def test_an_emit_that_was_confirmed_did_not_fail_and_one_cli_s_luck_is_not_another_s() -> None:
    error = "not sent: dropped: the connection was disconnected"
    confirmed = said(Acknowledged, "main", key="main/4")
    story = paper("emit-while-reconnecting")
    lost = outcome(Kind.LOST, Hop.SENT, "main/4")
    assert len(explained("emit-while-reconnecting", story, lost)) == 1
    story.start("other").emit("other", *TASK)
    lucky = outcome(Kind.LOST, Hop.SENT, "other/1")
    [blame] = explained("emit-while-reconnecting", story, lucky, lost)
    assert blame.explains == (lost,)
    story.change(confirmed, lambda f: other(f, ok=True, error=error))
    assert explained("emit-while-reconnecting", story, lost) == []


@pytest.mark.parametrize("is_volatile", [True, False])
def test_what_a_client_drops_as_volatile_is_told_so(is_volatile: bool) -> None:
    """Nothing failed then that could have been swallowed."""
    story = paper("emit-while-reconnecting")
    why = "volatile, and the connection takes nothing" if is_volatile else "the connection was disconnected"
    story.change(said(Acknowledged, "main", ok=False), lambda f: other(f, error=f"not sent: dropped: {why}"))
    [blame] = explained("emit-while-reconnecting", story, outcome(Kind.LOST, Hop.SENT, "main/4"))
    assert ("volatile" in sentences.line(blame.sentence), "volatile" in blame.remedy) == (is_volatile, is_volatile)


def test_a_page_s_message_without_a_handler_is_not_why_a_cli_s_events_had_none() -> None:
    story = gone(told(), ("main/3",), *BEHIND_SENT)
    lost = outcome(Kind.LOST, Hop.RECEIVED)
    story.fact(NoHandler, "server", sid=story.pages["A"].sid, name="hello")
    assert explained("ingress-name", story, lost) == []
    assert len(explained("ingress-name", unhandled(told(), "main/3"), lost)) == 1


def test_a_handler_that_came_late_is_not_missing() -> None:
    lost, early = outcome(Kind.LOST, Hop.RECEIVED, "main/1"), paper("handler-too-late")
    [blame] = explained("handler-too-late", early, lost)
    assert "registered (server.js:10 listen), 61 ms after the first" in str(blame.evidence[0])
    assert explained("ingress-name", early, lost) == []
    never = unhandled(told(), "main/1", name="publsih").fact(
        LateHandler, "server", sid="sid-main", name="publish", missed=1
    )
    assert len(explained("ingress-name", never, lost)) == 1 and explained("handler-too-late", never, lost) == []


def test_a_handler_that_came_late_for_a_page_is_not_why_a_cli_s_events_were_lost() -> None:
    story = gone(told(), ("main/3",), *BEHIND_SENT)
    story.fact(LateHandler, "server", sid=story.pages["A"].sid, name="hello", missed=1, where=None)
    assert explained("handler-too-late", story, outcome(Kind.LOST, Hop.RECEIVED)) == []


def test_a_client_that_had_disconnected_is_not_a_missing_handler() -> None:
    story = gone(told(), ("main/3",), *BEHIND_SENT)
    story.fact(NoHandler, "server", sid="sid-main", name="publish", why="the client had disconnected")
    assert explained("ingress-name", story, outcome(Kind.LOST, Hop.RECEIVED)) == []


def test_what_was_kept_for_a_connection_that_never_was_is_not_connection_lost() -> None:
    lost = outcome(Kind.LOST, Hop.SENT, "main/4")
    kept = {"key": "main/4", "ok": False, "error": "not sent: kept for a connection that never came"}
    story = paper("emit-while-reconnecting").change(
        said(Acknowledged, "main", key="main/4"), lambda f: other(f, **kept)
    )
    story.drop(said(ClientConnected, "main"), said(ClientDisconnected, "main"))
    assert explained("emit-while-reconnecting", story, lost) == []
    story.fact(ClientConnected, "cli:main", url="http://x", transport="websocket")
    story.fact(ClientDisconnected, "cli:main", reason="transport close")
    assert len(explained("emit-while-reconnecting", story, lost)) == 1, "it had one, and lost it"
    story.fact(ClientDisconnected, "cli:main", reason="client disconnect")
    assert explained("emit-while-reconnecting", story, lost) == [], "it ended it itself"


def test_a_cli_that_only_kept_its_events_was_never_connected() -> None:
    lost = outcome(Kind.LOST, Hop.SENT, "main/4")
    story = paper("never-connected")
    error = "not sent: kept for a connection that never came"
    story.fact(Acknowledged, "cli:main", key="main/4", ok=False, error=error)
    assert len(explained("never-connected", story, lost)) == 1
    story.fact(Acknowledged, "cli:main", key="main/4", ok=False, error="not sent: BadNamespaceError")
    assert len(explained("never-connected", story, lost)) == 1
    story.fact(Acknowledged, "cli:main", key="main/4", ok=False, error="rejected: no-such-session")
    assert explained("never-connected", story, lost) == [], "it was answered"


def test_a_cli_that_the_harness_killed_was_killed_on_purpose() -> None:
    def incomplete(session: str) -> Outcome:
        open_end = Finding(Aspect.TERMINAL_COUNT, session=session, count=0)
        return Outcome(Kind.INCOMPLETE, "P7", None, None, Hop.EMITTED, (Hop.EMITTED,), open_end)

    story = paper("killed-mid-run")
    assert len(explained("killed-mid-run", story, incomplete("main"))) == 1
    assert explained("killed-mid-run", story, incomplete("other")) == []
    assert explained("killed-mid-run", paper("killed-mid-run").start("next").kill("next"), incomplete("next")) == []


def test_who_sees_the_wire_alone_does_not_know_what_was_never_emitted() -> None:
    by_wire = paper("emit-unreached").change(at(Hop.SENT), lambda s: replace(s, detail={"namespace": "/"}))
    assert "emit-unreached" not in {blame.cause for blame in by_wire.verdict().blame}
    in_it = by_wire.change(at(Hop.SENT), lambda s: replace(s, detail={"namespace": "/", "where": "a.py:3"}))
    assert "emit-unreached" in {blame.cause for blame in in_it.verdict().blame}


def test_a_cli_that_lost_its_connection_or_emits_elsewhere_did_not_forget_to_emit() -> None:
    failed = [each for each in paper("emit-unreached").verdict().outcomes if each.kind is Kind.LOST]

    def is_explained(kind: type[Body], cli: str, **data: Any) -> bool:
        return bool(explained("emit-unreached", paper("emit-unreached").fact(kind, cli, **data), *failed))

    elsewhere = {"event": "x", "key": "main/1", "where": "agent.py:7 report"}
    assert not is_explained(ClientDisconnected, "cli:main", reason="transport close")
    assert not is_explained(UnservedEmit, "cli:main", **elsewhere)
    assert is_explained(ClientDisconnected, "cli:other", reason="transport close")
    assert is_explained(UnservedEmit, "cli:other", **elsewhere)


def test_a_close_takes_nothing_from_a_cli_that_had_sent_nothing() -> None:
    """Lines are read a moment after they are printed: the last of them when the connection has ended."""

    def explained_of(*sent: str) -> list[str | None]:
        story = gone(told(), tuple(key for key in ALL if key not in sent), Hop.SENT, *BEHIND_SENT)
        [closed] = [r for r in story.records if said(ClientDisconnected, "main")(r)]
        for key in ALL[-2:]:
            story.change(at(Hop.EMITTED, key), lambda s: replace(s, at_ns=closed.at_ns + s.n))
        failed = [outcome(Kind.LOST, Hop.SENT, key) for key in ALL if key not in sent]
        return [each.key for blame in explained("emit-unreached", story, *failed) for each in blame.explains]

    assert explained_of() == [*ALL]
    assert explained_of("main/3") == [*ALL[:2]]


def test_a_connection_that_a_cli_had_again_is_not_lost() -> None:
    story = Story("broadcast").start("main").fact(ClientDisconnected, "cli:main", reason="transport close")
    assert [fact.body.reason for fact in _lost_connections(evidence(story), "cli:main")] == ["transport close"]
    story.fact(ClientConnected, "cli:main", url="http://127.0.0.1:1", transport="websocket")
    assert _lost_connections(evidence(story), "cli:main") == []
    assert _lost_connections(evidence(story), "cli:other") == []


def test_what_was_lost_before_something_that_was_not_is_not_a_lost_tail() -> None:
    def tail(*lost: str, acknowledged: tuple[str, ...] = (), elsewhere: tuple[str, ...] = ()) -> list[str | None]:
        story = told()
        for key in {f"main/{place + 1}" for place in range(len(EVENTS))} - {*acknowledged}:
            story.drop(said(Acknowledged, key=key))
        for key in lost:
            story.drop(at(Hop.RECEIVED, key))
        outcomes = [outcome(Kind.LOST, Hop.RECEIVED, key) for key in lost]
        outcomes += [outcome(Kind.LOST, Hop.ROUTED, key) for key in elsewhere]
        return [each.key for blame in explained("exit-before-ack", story, *outcomes) for each in blame.explains]

    assert tail("main/6", "main/7") == ["main/6", "main/7"]
    assert tail("main/5", "main/7") == ["main/7"]
    assert tail("main/5", "main/6") == []
    assert tail("main/6", "main/7", acknowledged=("main/7",)) == []
    assert tail("main/6", elsewhere=("main/7",)) == []


def status(aspect: Aspect, label: str, field: str | None = None) -> Outcome:
    """What a page says of its connection is not as the server has it."""
    return Outcome(Kind.MISRENDERED, "P15", None, label, Hop.RENDERED, (Hop.RENDERED,), Finding(aspect, field=field))


def test_a_page_whose_own_request_came_too_soon_waits_for_its_answer() -> None:
    lost, early = outcome(Kind.LOST, Hop.RECEIVED, "main/1"), paper("handler-too-late")
    early.fact(LateHandler, "server", sid=early.pages["A"].sid, name="watch", missed=1, where="server.js:8 listen")
    waits = [status(Aspect.STATUS, "A"), status(Aspect.STATE_VALUE, "A", "connection")]
    others = [status(Aspect.STATUS, "B"), status(Aspect.STATE_VALUE, "A", "count")]
    [blame] = explained("handler-too-late", early, lost, *waits, *others)
    assert blame.explains == (lost, *waits)
    assert blame.hop is Hop.RECEIVED
    assert explained("handler-too-late", early, *waits) == [], "no event was lost"
