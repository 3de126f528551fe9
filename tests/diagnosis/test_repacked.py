"""Events whose data was delivered inside another message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import rules
from harness.diagnosis.engine import claims
from harness.diagnosis.repacked import DEEPEST
from harness.model import Event, Hop, Kind, Sighting
from harness.model.facts import Notice, NoticeRouted
from harness.record.digests import digest
from harness.record.evidence import Evidence
from tests.support.causes import told
from tests.support.explained import explained, outcome, paper
from tests.support.ledgers import Story
from tests.support.records import at


@pytest.mark.parametrize("deep", [0, 1, 2, 3, 4, 5])
def test_a_parcel_is_one_that_holds_the_data_of_the_event_down_to_four_levels(deep: int) -> None:
    story, payload = told(), {"number": 3}
    inside: Any = payload
    for level in range(deep):
        inside = [inside] if level % 2 else {"data": inside, "n": 1}
    lost = outcome(Kind.LOST, Hop.ROUTED)
    story.change(
        lambda r: isinstance(r, Sighting) and r.event.key == "main/3",
        lambda s: replace(s, event=replace(s.event, digest=digest(payload))),
    ).drop(at(Hop.ROUTED, "main/3"))
    assert explained("repacked", story, lost) == []
    story.fact(Notice, "dashboard:A.1", name="batch", payload=inside)
    story.fact(Notice, "dashboard:A.1", name="batch", payload=[{"number": 4}, {}, None, "text"])
    if deep > DEEPEST:
        assert explained("repacked", story, lost) == []
        return
    [blame] = explained("repacked", story, lost, outcome(Kind.LOST, Hop.ROUTED, "main/4"))
    assert blame.evidence == (
        "pages: 2 messages 'batch' delivered, the events' data inside",
        "server: 1 event received, 0 emitted under their own names",
    )
    assert blame.explains == (lost,)


@pytest.mark.parametrize(("price", "named"), [(4.5, ["main/3"]), (5.5, [])])
def test_a_parcel_may_hold_more_than_an_event_s_data(price: float, named: list[str]) -> None:
    """Ids and a stamp stand beside it where messages are flat; where a field differs it is another event's."""
    story, lost = told().drop(at(Hop.ROUTED, "main/3")), outcome(Kind.LOST, Hop.ROUTED)
    flat = {"shift": "s", "n": 3, "item": "tea", "price": price, "at": 17}
    story.fact(Notice, "dashboard:A.1", name="batch", payload=[["placed", [flat]]])
    known = Evidence(replace(story.ledger(), payloads={"digest-3": {"item": "tea", "price": 4.5}}))
    assert [o.key for each in claims(rules()["repacked"], known, [lost]) for o in each.explains] == named


@pytest.mark.parametrize("held", [["main/3"], ["main/3", "main/4"]])
def test_what_the_server_packed_while_pages_were_away_is_in_what_it_emitted(held: list[str]) -> None:
    """A history has what was routed under its own name as well: it does not say why one was not."""
    story, lost = told().drop(at(Hop.ROUTED, "main/3")), outcome(Kind.LOST, Hop.ROUTED)
    assert explained("repacked", story, lost) == []
    data = {key: {"item": key} for key in held}
    for key, payload in data.items():
        _says(story, key, payload)
    story.fact(NoticeRouted, "server", name="batch", payload=[*data.values()], recipients=[])
    blames = explained("repacked", story, lost)
    assert [blame.evidence for blame in blames] == (
        []
        if len(held) > 1
        else [
            (
                "server: 1 message 'batch' emitted, the events' data inside",
                "server: 1 event received, 0 emitted under their own names",
            )
        ]
    )


def _says(story: Story, key: str, payload: Any) -> None:
    story.change(
        lambda r: isinstance(r, Sighting) and r.event.key == key,
        lambda s: replace(s, event=replace(s.event, digest=digest(payload))),
    )


def test_what_was_routed_as_an_event_was_not_repacked() -> None:
    story = paper("repacked")
    lost = outcome(Kind.LOST, Hop.ROUTED)
    assert len(explained("repacked", story, lost)) == 1
    story.see(Hop.ROUTED, story.journal["main"][2], "server", ())
    assert explained("repacked", story, lost) == []


@pytest.mark.parametrize("name", ["placed", "position"])
@pytest.mark.parametrize(("payload", "named"), [([[{}]], []), ([{}], []), ([[{}, {"n": 4}]], ["main/3"])])
def test_one_event_that_is_wrapped_in_a_list_is_not_a_parcel(name: str, payload: list[Any], named: list[str]) -> None:
    """It is another shape of it: two causes would stand for one bug."""
    data = {"item": "tea"}
    inside = [[data, *each[1:]] if isinstance(each, list) else data for each in payload]
    story, lost = told().drop(at(Hop.ROUTED, "main/3")), outcome(Kind.LOST, Hop.ROUTED)
    story.change(
        lambda r: isinstance(r, Sighting) and r.event.key == "main/3",
        lambda s: replace(s, event=replace(s.event, name=name, digest=digest(data))),
    )
    story.fact(Notice, "dashboard:A.1", name=name, payload=inside)
    assert [o.key for each in explained("repacked", story, lost) for o in each.explains] == named


@pytest.mark.parametrize(
    ("carried", "is_parcel"),
    [
        ([["placed", ["tea with milk"]]], True),
        ([["placed", ["coffee, black"]]], False),
        ("tea with milk", False),  # no parcel: an event that is called otherwise
    ],
)
def test_a_parcel_may_be_an_event_of_the_target_s_words_that_no_cli_reported(carried: Any, is_parcel: bool) -> None:
    """Where any message is an event, the parcel is one, and its events' data may be a text."""
    made = Event("main/batch~1", "batch", "main", None, "digest-of-batch")
    story = told().drop(at(Hop.ROUTED, "main/3"))
    story.see(Hop.ROUTED, made, "server", ("A1", "B1")).see(Hop.DELIVERED, made, "dashboard:A.1")
    text = "tea with milk"
    story.change(
        lambda r: isinstance(r, Sighting) and r.event.key == "main/3",
        lambda s: replace(s, event=replace(s.event, digest=digest(text))),
    )
    payloads = {digest(text): text, "digest-of-batch": carried}
    known = Evidence(replace(story.ledger(), payloads=payloads))
    lost = outcome(Kind.LOST, Hop.ROUTED)
    phantom = outcome(Kind.PHANTOM, Hop.ROUTED, "main/batch~1")
    blames = claims(rules()["repacked"], known, [lost, phantom])
    assert [each.explains for each in blames] == ([(lost, phantom)] if is_parcel else [])


@pytest.mark.parametrize(("said", "is_parcel"), [({"who": "Ana"}, True), ({"who": "Bo"}, False)])
def test_a_message_that_says_what_other_events_say_too_is_no_parcel(said: dict[str, str], is_parcel: bool) -> None:
    """Who is typing is told of whoever speaks, and what they say comes under its own name."""
    story, lost = told().drop(at(Hop.ROUTED, "main/3")), outcome(Kind.LOST, Hop.ROUTED)
    for who in ({"who": "Ana"}, said):
        story.fact(Notice, "dashboard:A.1", name="typing", payload=who)
    payloads = {"digest-3": {"who": "Ana"}, "digest-4": {"who": "Bo"}}
    known = Evidence(replace(story.ledger(), payloads=payloads))
    assert bool([*claims(rules()["repacked"], known, [lost])]) is is_parcel
