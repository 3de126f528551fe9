"""What `harness target check` says of a recorded task: the file's next line, where something on the wire differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.check import findings
from harness.model import Hop, Sighting
from harness.record.evidence import Evidence
from harness.target.reference import reference
from tests.support.ledgers import TASK, Story
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
