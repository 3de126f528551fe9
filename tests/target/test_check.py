"""What `harness target check` says of a recorded task: what is wrong, and what would mend the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.check import findings
from harness.check.mends import mends
from harness.model import Event, Hop, Items, Panel, Sighting
from harness.model.facts import PageError, TapTried, UnservedEmit
from harness.record.evidence import Evidence
from harness.target.process import BLOCK
from harness.target.reference import reference
from harness.target.spec import Target
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at


def wrong(story: Story) -> list[str]:
    """What is found wrong with `events.sent` and `events.received`."""
    found = findings(reference(), Evidence(story.ledger()), ["a line"])
    return [
        f"{'.'.join(map(str, each.key))}: {each.text}" for each in found if each.ok is False and "events" in each.key
    ]


def told() -> Story:
    return Story("broadcast").open("A").start("main").emit("main", *TASK).end("main")


def other(**event: Any) -> Callable[[Sighting], Sighting]:
    def changed(sighting: Sighting) -> Sighting:
        return replace(sighting, event=replace(sighting.event, **event))

    return changed


def test_nothing_is_wrong_with_what_is_the_same_everywhere() -> None:
    assert wrong(told()) == []


@pytest.mark.parametrize(("hop", "key"), [(Hop.SENT, "events.sent"), (Hop.DELIVERED, "events.received")])
def test_another_name_is_told_as_the_line_that_is_missing(hop: Hop, key: str) -> None:
    story = told().change(at(hop, "main/2"), other(name='so "it" is'))
    line = f'{key}: other names than the CLI\'s; say in [events] names = {{ "so \\"it\\" is" = "{TASK[1]}" }}'
    assert wrong(story) == [line]


def test_other_data_are_told_with_the_keys_that_say_why() -> None:
    [line] = wrong(told().change(at(Hop.DELIVERED, "main/2"), other(digest="another")))
    assert line.startswith(f"events.received: other data at delivered in 1 of {len(TASK)} events: events.added ")


def test_messages_without_numbers_are_told_with_the_keys_that_say_where_those_are() -> None:
    story = told()
    for seq, name in enumerate(TASK, start=1):
        story.change(at(Hop.SENT, f"main/{seq}"), other(key=f"/{name}~{seq}", digest=f"~{seq}"))
    assert any("; events.sent.session and events.sent.seq say which of their fields" in line for line in wrong(story))


def keys(story: Story, target: Target | None = None) -> dict[str, str]:
    """The keys that are wrong, with what is said."""
    found = findings(target or reference(), Evidence(story.ledger()), ["a line"])
    return {".".join(map(str, each.key)): each.text for each in found if each.ok is False}


def test_a_page_error_is_wrong() -> None:
    story = told().fact(PageError, "dashboard:A.1", text="x is not a function")
    assert keys(story)["page.url"] == "the page had an error: x is not a function"


def test_what_the_file_itself_blocks_is_not_an_error() -> None:
    failed = "console: Failed to load resource: net::ERR_BLOCKED_BY_CLIENT (https://cdn.example/x.css)"
    story = told().fact(PageError, "dashboard:A.1", text=failed)
    assert "page.url" in keys(story)
    assert "page.url" not in keys(story, replace(reference(), origins={"https://cdn.example": BLOCK}))
    assert "page.url" in keys(story, replace(reference(), origins={"https://cdn.exam": BLOCK}))


def test_an_emit_on_an_object_without_clients_is_wrong() -> None:
    story = told().fact(UnservedEmit, "cli:main", event="x", where="jobs.py:7")
    assert keys(story)["cli.command"].endswith("without clients in its process, at jobs.py:7")


def test_a_selector_that_matches_several_parts_is_wrong() -> None:
    target = reference()
    status = target.page.status
    assert status is not None
    found = {each.key: each for each in findings(target, Evidence(told().ledger()), [], {("page", "connection"): 2})}
    several = [
        each for each in findings(target, Evidence(told().ledger()), [], {("page", "connection"): 2}) if not each.ok
    ]
    assert found and any("matches 2 elements of the page" in each.text for each in several)


def test_the_session_of_a_subscription_is_not_chosen() -> None:
    target = replace(reference(), strategies=("subscription",), choosing=(), answers=False)
    assert "subscription promises pages the session that they choose" in keys(told(), target)["page.session"]
    assert "page.session" not in keys(told())


def test_an_item_that_was_not_understood_is_wrong() -> None:
    story = told()
    rows = [f"main/{seq}" for seq in range(1, len(TASK))]
    story.shows("A", rows=(*rows, "what#9"), texts=(*rows, "what is this"))
    assert "1 not understood: 'what is this'" in keys(story)["page.list"]


def test_an_element_that_is_there_and_empty_is_not_missing() -> None:
    found = keys(told().shows("A", counter=None, counter_text=""))
    assert found["page.count"] == "no number was found: the element is there, and empty"
    found = keys(told().shows("A", counter=None, counter_text=None))
    assert found["page.count"] == "no number was found: no element of the page matches"


def test_what_a_dead_tap_did_not_see_is_not_a_mistake_of_the_file() -> None:
    """One line says why it is dead; that nothing was seen there, and that the page shows more, follow from it."""
    why = "the page has a connection by protocol 3 of Engine.IO"
    story = told().drop(at(Hop.DELIVERED)).shows("A", counter=len(TASK))
    unseen = keys(story)
    assert {"events.received", "page.count"} <= unseen.keys()
    dead = {"hops": [int(Hop.DELIVERED)], "phase": "before", "alive": False, "why": why}
    found = keys(story.fact(TapTried, "dashboard:A.1", tap="wire", **dead))
    assert found["page.url"] == why
    assert found.keys() - {"page.url"} == unseen.keys() - {"events.received", "page.count"}


def mended(story: Story, payloads: dict[str, Any] | None = None, **envelope: Any) -> dict[str, Any]:
    target = reference()
    target = replace(target, egress=replace(target.egress, **envelope), ingress=replace(target.ingress, **envelope))
    ledger = replace(story.ledger(), payloads=payloads or {})
    return {".".join(each.key): each.value for each in mends(target, ledger, Evidence(ledger))}


def test_nothing_mends_what_is_right() -> None:
    assert mended(told()) == {}


def test_other_names_are_mended_where_all_agree() -> None:
    story = told().change(at(Hop.DELIVERED, "main/2"), other(name="two"))
    assert mended(story) == {"events.names": {"two": TASK[1]}}
    assert mended(story.change(at(Hop.DELIVERED, "main/1"), other(name="two"))) == {}


@pytest.mark.parametrize("has_data", [True, False], ids=["lines with data", "lines with names alone"])
def test_fields_that_are_added_or_renamed_are_mended(has_data: bool) -> None:
    story, payloads = told(), dict[str, Any]()
    if not has_data:
        story.change(at(Hop.EMITTED), other(digest=None))
    for seq in range(1, len(TASK) + 1):
        payloads[f"digest-{seq}"] = {"n": seq, "same": 1}
        payloads[f"other-{seq}"] = {"number": seq, "same": 1, "at": seq * 2}
        for hop in (Hop.ROUTED, Hop.DELIVERED):
            story.change(at(hop, f"main/{seq}"), other(digest=f"other-{seq}"))
    assert mended(story, payloads) == {"events.renamed": {"number": "n"}, "events.added": ["at"]}
    payloads["other-1"] = {"number": 99, "same": 1, "at": 2}
    assert mended(story, payloads) == {}, "a field with another value is not that field"


def test_messages_that_come_before_every_task_are_the_connections_own() -> None:
    story = Story("broadcast").open("A", "B")
    for page in story.pages.values():
        story.see(Hop.DELIVERED, Event("/hello~", "hello", None, None, None), page.observer)
    story.start("main").emit("main", *TASK)
    assert mended(story.end("main"))["events.own"] == ["hello"]
    story.see(Hop.DELIVERED, Event("/hello~", "hello", None, None, None), story.pages["A"].observer)
    assert "events.own" not in mended(story)


def test_a_counter_of_some_events_is_not_a_counter_of_all() -> None:
    assert "a panel's value that `counts` those" in keys(told().shows("A", counter=2))["page.count"]


def test_the_name_in_a_line_s_data_is_its_name() -> None:
    story = told()
    events = {r.event.key: r.event for r in story.records if isinstance(r, Sighting)}
    payloads: dict[str, Any] = {}
    for event in events.values():
        payloads |= {f"said-{event.seq}": {"kind": event.name, "n": event.seq}, f"came-{event.seq}": {"n": event.seq}}
        for hop in Hop:
            digest = f"{'came' if hop >= Hop.ROUTED else 'said'}-{event.seq}"
            story.change(at(hop, event.key), other(digest=digest))
    assert mended(story, payloads)["cli.output.fields.name"] == "kind"
    payloads["said-2"]["kind"] = "another"
    assert "cli.output.fields.name" not in mended(story, payloads)


def test_session_and_number_are_found_where_one_pair_of_fields_has_them() -> None:
    story, payloads = told(), dict[str, Any]()
    for seq, name in enumerate(TASK, start=1):
        payloads[f"~{seq}"] = {"run": "main", "n": seq, "count": 1}
        for hop in (Hop.SENT, Hop.RECEIVED):
            told_as = {"key": f"/{name}~{seq}", "session": None, "seq": None, "digest": f"~{seq}"}
            story.change(at(hop, f"main/{seq}"), other(**told_as))
    found = mended(story, payloads, session=None, seq=None)
    assert (found["events.sent.session"], found["events.sent.seq"]) == ("run", "n")
    for place, payload in enumerate(payloads.values(), 1):
        payload["again"] = place
    assert "events.sent.seq" not in mended(story, payloads, session=None, seq=None), "two fields might be it"


def test_the_items_of_a_panel_are_told_with_what_they_are_known_by() -> None:
    items = Items(TASK[0], "id", "title", {TASK[0]: "^$"})
    target = replace(reference(), panels=(Panel("todo", (TASK[0],), items=items),))
    story = told()
    digest = next(r.event.digest for r in story.records if isinstance(r, Sighting) and r.event.key == "main/1")
    for data, is_right in (({"id": 1, "title": "bread"}, True), ({"id": 1}, False), ({"title": "bread"}, False)):
        ledger = replace(story.shows("A").ledger(), payloads={digest or "": data})
        found = [f for f in findings(target, Evidence(ledger), ["a line"]) if f.key[-1] == "items"]
        assert [each.ok for each in found] == [is_right], found
