"""What stands around a panel's values, and what stays as it is, reads as the target says."""

from __future__ import annotations

import pytest

from harness.model import Answer, Aspect, Hop, Panel, Shows
from harness.model.facts import ServerStarted
from tests.support.ledgers import Story

PANEL = Panel(
    "skills",
    ("*",),
    {"events": ("*",)},
    {
        "heading": Shows(reads="Skills"),
        "events": Shows(reads="1 event|[0-9]+ events"),
        "about": Shows(reads="session {session}"),
        "server": Shows(reads="at {server}"),
        "gap": Shows(only_after=("session:gap",), reads="[0-9]+ lost"),
        "empty": Shows(only_before=("execution:started",), reads="No skills yet"),
    },
)
GOOD = {"heading": "Skills", "events": "2 events", "about": "session one", "server": "at 127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, set()),
        ({"heading": "Files"}, {"heading"}),
        ({"heading": ""}, {"heading"}),
        ({"heading": "Skills of others"}, {"heading"}),
        ({"events": "2 failures"}, {"events"}),
        ({"about": "session one.two"}, {"about"}),
        ({"server": "at 127.0.0.1:8001"}, {"server"}),
        ({"heading": "x" * 100}, set()),  # it may have been cut on record
    ],
)
def test_a_text_that_is_another_one_is_told(values: dict[str, str], wrong: set[str]) -> None:
    story = Story("broadcast", declared=(), panels=(PANEL,)).open("A")
    story.fact(ServerStarted, "server", url="http://127.0.0.1:8000/")
    story.start("one").emit("one", "execution:started", "execution:completed").end("one")
    story.shows("A", panels={"skills": {"session": "one", "text": "", "values": GOOD | values}})
    verdict = story.verdict()
    found = [o for o in verdict.outcomes if o.finding.aspect is Aspect.PANEL_WORDS]
    assert {o.finding.field for o in found} == wrong
    assert {o.hop for o in found} <= {Hop.RENDERED}
    assert verdict.answer is (Answer.FAILED if wrong else Answer.PASSED)


def test_a_server_without_clients_has_no_address() -> None:
    story = Story("broadcast", declared=(), panels=(PANEL,)).open("A").start("one").emit("one", "a").end("one")
    story.shows("A", panels={"skills": {"session": "one", "text": "", "values": GOOD | {"server": "at "}}})
    assert any(o.finding.field == "server" for o in story.verdict().outcomes)


@pytest.mark.parametrize(
    ("event", "shown", "aspect"),
    [
        ("execution:waits", "No skills yet", None),
        ("execution:waits", "", None),  # a page may also show nothing at all
        ("execution:waits", "Nothing", Aspect.PANEL_WORDS),
        ("execution:started", "", None),
        ("execution:started", "No skills yet", Aspect.PANEL_VALUE),
    ],
)
def test_what_is_there_only_before_an_event_is_gone_after_it(event: str, shown: str, aspect: Aspect | None) -> None:
    story = Story("broadcast", declared=(), panels=(PANEL,), initial=(event,)).open("A")
    story.fact(ServerStarted, "server", url="http://127.0.0.1:8000/")
    story.start("one").emit("one", event, "execution:completed").end("one")
    story.shows("A", panels={"skills": {"session": "one", "text": "", "values": GOOD | {"empty": shown}}})
    found = [o.finding.aspect for o in story.verdict().outcomes if o.finding.field == "empty"]
    assert found == ([] if aspect is None else [aspect])
