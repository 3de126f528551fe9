"""What would mend the file of a system that calls its events otherwise than its producer's lines do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.check.mends import mends
from harness.check.vocabulary import Mend
from harness.model import Event, Hop, Sighting
from harness.model.facts import ClientConnected, CliExited, CliMessage
from harness.record.evidence import Evidence
from harness.record.identity import Envelope
from harness.taps.cli_output import Format
from harness.taps.page import PageSpec, RowSpec
from harness.target.reference import reference
from harness.target.spec import Target
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said

BARE = replace(
    reference(),
    ingress=Envelope(None, None, None, None, ""),
    egress=Envelope(None, None, None, None, ""),
    output=Format(None, r"^Event: (?P<name>\S+)"),
    declared=(),
    panels=(),
)
"""A target whose file says nothing yet of what is on the wire."""

SERVER_AND_PAGE = (Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)


def told() -> Story:
    return Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main")


def found(story: Story, target: Target = BARE, payloads: dict[str, Any] | None = None) -> dict[str, Mend]:
    ledger = replace(story.ledger(), payloads=payloads or {})
    return {".".join(each.key): each for each in mends(target, ledger, Evidence(ledger))}


def known_as(**event: Any) -> Callable[[Sighting], Sighting]:
    return lambda sighting: replace(sighting, event=replace(sighting.event, **event))


def test_lines_on_the_unread_stream_are_found() -> None:
    story = told().drop(at(Hop.EMITTED))
    assert "cli.output.stream" not in found(story)
    story.fact(CliMessage, "cli:main", text="Event: skill:started")
    assert found(story)["cli.output.stream"].value == "stderr"


def in_one_message(field: str) -> tuple[Story, dict[str, Any]]:
    story, payloads = told(), dict[str, Any]()
    for seq, name in enumerate(TASK, start=1):
        payloads[f"one-{seq}"] = {"n": seq, field: name, "kind": "event"}
        for hop in SERVER_AND_PAGE:
            story.change(at(hop, f"main/{seq}"), known_as(key=f"main/update~{seq}", name="update", digest=f"one-{seq}"))
    return story, payloads


def test_the_message_that_every_event_comes_in_is_found_by_the_names_in_it() -> None:
    story, payloads = in_one_message("step")
    mended = found(story, payloads=payloads)
    assert (mended["events.received.carrier"].value, mended["events.received.name"].value) == ("update", "step")
    payloads["one-2"]["step"] = TASK[0]
    assert "events.received.carrier" not in found(story, payloads=payloads), "a name that comes too often"


def test_the_message_that_several_events_come_in_is_found_by_the_names_in_its_list() -> None:
    story, payloads = in_one_message("step")
    for place, digest in enumerate([*payloads]):
        payloads[digest] = {"of": [payloads.pop(digest)] if place else []}
    payloads["one-1"]["of"] = [{"n": 1, "step": TASK[0], "kind": "event"}]
    mended = found(story, payloads=payloads)
    assert (mended["events.received.carrier"].value, mended["events.received.name"].value) == ("update", "step")
    assert mended["events.received.each"].value == "of"


def test_a_message_with_two_such_fields_leaves_a_doubt() -> None:
    story, payloads = in_one_message("step")
    for payload in payloads.values():
        payload["again"] = payload["step"]
    assert "events.received.carrier" not in found(story, payloads=payloads)


def renamed(*names: str, hops: Sequence[Hop] = (Hop.SENT, Hop.RECEIVED, *SERVER_AND_PAGE)) -> Story:
    story = told()
    for seq, name in enumerate(names, start=1):
        for hop in hops:
            story.change(at(hop, f"main/{seq}"), known_as(key=f"main/{name}~{seq}", name=name))
    return story


def test_other_names_in_the_same_order_are_those_of_the_lines() -> None:
    names = [f"so_{name}" for name in TASK]
    assert found(renamed(*names))["events.names"].value == dict(zip(names, TASK, strict=True))
    names[-1] = names[0]
    assert "events.names" not in found(renamed(*names)), "one name that is two on the lines"


def test_names_that_the_producer_alone_says_are_known_there_alone() -> None:
    """A server that hands on the producer's own word, in place of its own, is found by it."""
    names = [f"so_{name}" for name in TASK]
    mended = found(renamed(*names, hops=(Hop.SENT, Hop.RECEIVED)))
    assert mended["events.sent.names"].value == dict(zip(names, TASK, strict=True))
    assert "events.names" not in mended


def answered_too() -> Story:
    """Each event comes again with its data under one name, and so does an answer to each page, before them."""
    story = told()
    for seq in range(1, len(TASK) + 1):
        for hop in (Hop.EMITTED, Hop.SENT, Hop.RECEIVED):
            story.change(at(hop, f"main/{seq}"), known_as(digest=f"d{seq}"))
        for hop in SERVER_AND_PAGE:
            again = known_as(key=f"main/told~{seq}", name=f"{TASK[seq - 1]} told", digest=f"d{seq}")
            story.change(at(hop, f"main/{seq}"), again)
    for number, name in enumerate(dict.fromkeys(TASK)):
        story.see(Hop.ROUTED, Event(f"main/hello~{number}", f"{name} told", "main", None, "hello"), "server")
    return story


def test_other_names_of_the_same_data_are_those_of_the_lines_though_more_is_sent() -> None:
    story = answered_too()
    assert found(story)["events.names"].value == {f"{name} told": name for name in dict.fromkeys(TASK)}
    story.change(at(Hop.ROUTED, "main/told~2"), known_as(digest="other"))
    assert "events.names" not in found(story), "data of one event that came under no name"


def test_a_producer_that_failed_has_shown_nothing_that_is_sure() -> None:
    story = answered_too()
    story.change(said(CliExited), lambda fact: replace(fact, body=replace(fact.body, status=1)))
    assert not found(story)


def by_http() -> Story:
    connected = lambda record: isinstance(getattr(record, "body", None), ClientConnected)  # noqa: E731
    return told().drop(at(Hop.SENT)).drop(at(Hop.RECEIVED)).drop(connected)


def test_hops_that_a_producer_passes_unseen_are_blind() -> None:
    assert {*found(by_http())["blind"].value} == {"sent", "received"}
    assert "blind" not in found(told())


@pytest.mark.parametrize("seen", ["connected", "lost"])
def test_a_producer_that_speaks_socket_io_or_lost_events_is_not_blind(seen: str) -> None:
    story = by_http()
    if seen == "connected":
        story.fact(ClientConnected, "cli:main", url="http://127.0.0.1:1")
    else:
        story.drop(at(Hop.ROUTED, "main/2"))
    assert "blind" not in found(story)


def test_what_every_dashboard_asks_is_not_an_event_of_the_producer() -> None:
    story, join = told(), Event("main/join~", "join", "main", None, None)
    story.see(Hop.SENT, join, "cli:main")
    for page in story.pages.values():
        story.see(Hop.RECEIVED, join, "server", sid=page.sid)
        asked = found(story)
        assert ("events.own" in asked) is (page.label == "B"), "one dashboard alone may act by itself"
    assert asked["events.own"].value == ["join"] and asked["events.own"].sure


def test_what_the_server_alone_sends_is_told_and_not_written() -> None:
    story = told()
    story.see(Hop.ROUTED, Event("main/sales~", "sales", "main", None, None), "server", (story.pages["A"].sid,))
    mended = found(story)["events.made"]
    assert mended.value == ["sales"] and not mended.sure
    assert "events.made" not in found(story, replace(BARE, made=("sales",)))


def made_anew(**dropped: Any) -> dict[str, Mend]:
    story, payloads = told().drop(at(Hop.EMITTED)), dict[str, Any]()
    for seq in range(1, len(TASK) + 1):
        payloads[f"sent-{seq}"] = {"user": "ann", "text": f"{seq}", "room": "lobby"}
        payloads[f"made-{seq}"] = {"user": "ann", "text": f"{seq}", "at": seq} | dropped
        for hop in (Hop.SENT, Hop.RECEIVED):
            story.change(at(hop, f"main/{seq}"), known_as(digest=f"sent-{seq}"))
        for hop in SERVER_AND_PAGE:
            story.change(at(hop, f"main/{seq}"), known_as(digest=f"made-{seq}"))
    contract = tuple(hop for hop in Hop if hop is not Hop.EMITTED)
    ledger = replace(story.ledger(), payloads=payloads)
    ledger = replace(ledger, contract=replace(ledger.contract, taps=contract))
    return {".".join(each.key): each for each in mends(BARE, ledger, Evidence(ledger))}


def test_fields_that_outlive_the_server_are_the_data() -> None:
    for side in ("sent", "received"):
        assert made_anew()[f"events.{side}.data"].value == {"text": "text", "user": "user"}
        assert made_anew(text="other")[f"events.{side}.data"].value == {"user": "user"}
        assert f"events.{side}.data" not in made_anew(room="lobby"), "nothing is left out: what is added says so"


def test_a_row_that_has_the_name_somewhere_in_it_is_found() -> None:
    story, page = told(), PageSpec(row=RowSpec("li", pattern="^(?<type>none)$"))
    texts = tuple(f"10:04 {name} done" for name in TASK)
    story.shows("A", rows=("?",) * len(TASK), texts=texts).shows("B", rows=("?",) * len(TASK), texts=texts)
    pattern = found(story, replace(BARE, page=page))["page.list.pattern"].value
    assert pattern.startswith(r"(?:^|\s)(?P<name>") and pattern.endswith(r")(?:\s|$)")


def held_in(*fields: str, name: str = "item") -> dict[str, Mend]:
    story, payloads = told(), dict[str, Any]()
    for seq in range(1, len(TASK) + 1):
        payloads[f"said-{seq}"] = {"item": "tea", "count": seq}
        payloads[f"held-{seq}"] = {"at": seq} | {field: {name: "tea", "count": seq} for field in fields}
        story.change(at(Hop.EMITTED, f"main/{seq}"), known_as(digest=f"said-{seq}"))
        for hop in SERVER_AND_PAGE:
            story.change(at(hop, f"main/{seq}"), known_as(digest=f"held-{seq}"))
    return found(story, payloads=payloads)


def test_the_field_that_holds_the_data_is_found() -> None:
    assert held_in("order")["events.received.data"].value == "order"
    renamed = held_in("order", name="what")
    assert renamed["events.received.data"].value == "order" and renamed["events.renamed"].value == {"what": "item"}
    assert "events.received.data" not in held_in("order", "copy"), "two fields might be it"
    assert "events.received.data" not in held_in()


def in_words(*texts: str, words: str = "robot: {}") -> dict[str, Mend]:
    story, payloads = told(), dict[str, Any]()
    for seq, text in zip(range(1, len(TASK) + 1), [*texts, *texts, *texts], strict=False):
        payloads[f"said-{seq}"], payloads[f"told-{seq}"] = {"msg": text}, {"line": words.format(text, seq), "at": seq}
        story.change(at(Hop.SENT, f"main/{seq}"), known_as(digest=f"said-{seq}"))
        story.change(at(Hop.EMITTED, f"main/{seq}"), known_as(digest=None))
        for hop in SERVER_AND_PAGE:
            story.change(at(hop, f"main/{seq}"), known_as(digest=f"told-{seq}"))
    return found(story, payloads=payloads)


def test_the_text_that_has_the_data_in_it_is_found_with_the_words_around_them() -> None:
    mended = in_words("tea", "two (hot) cakes")
    assert mended["events.received.data"].value == "line"
    assert mended["events.received.text"].value == "^robot: (?P<msg>.*)$"
    assert in_words("tea", "soup", words="[a.b] {}!")["events.received.text"].value == r"^\[a\.b\] (?P<msg>.*)!$"
    assert "events.received.text" not in in_words("tea", "soup", words="{1}: {0}"), "other words each time"
    assert "events.received.text" not in in_words("tea", "soup", words="{}"), "no words around it"
    assert "events.received.text" not in in_words("tea"), "one text says nothing of what is around it"
