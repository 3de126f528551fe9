"""The tap on what a CLI prints."""

from __future__ import annotations

from harness.model import Fact, FactKind, Record, Sighting
from harness.taps.cli_output import CliOutput
from harness.target import reference


def read(*lines: str) -> list[Record]:
    written: list[Record] = []
    tap = CliOutput("cli:main", reference().output, written.append)
    for number, line in enumerate(lines):
        tap.line(line, number)
    return written


def test_the_documented_lines_are_read() -> None:
    found = read("Session ID: do_1", "Task: x", "Session: do_1", "", "Event: execution:started", "Event: skill:started")
    assert [f.data for f in found if isinstance(f, Fact)] == [{"session": "do_1"}]
    events = [s.event for s in found if isinstance(s, Sighting)]
    assert [(e.key, e.name, e.digest) for e in events] == [
        ("do_1/1", "execution:started", None),
        ("do_1/2", "skill:started", None),
    ]


def test_a_payload_behind_the_name_gives_identity_and_digest() -> None:
    [_, sighting] = read("Session ID: s", 'Event: a:b {"session": "s", "seq": 7, "data": {"x": 1}}')
    assert isinstance(sighting, Sighting)
    assert (sighting.event.key, sighting.event.seq) == ("s/7", 7)
    assert sighting.event.digest is not None


def test_a_broken_payload_is_still_an_event() -> None:
    [_, sighting] = read("Session ID: s", 'Event: a:b {"session": 5, "seq": "x"}')
    assert isinstance(sighting, Sighting)
    assert sighting.event.key == "s/1"


def test_text_that_looks_alike_is_no_event() -> None:
    assert read("An Event: a:b", "Eventually: a", "  Event: indented") == []


def test_the_canary_says_why_it_is_dead() -> None:
    written: list[Record] = []
    tap = CliOutput("cli:main", reference().output, written.append)
    tap.alive("before", 0)
    tap.alive("after", 1, "the pipe was closed")
    facts = [record for record in written if isinstance(record, Fact) and record.kind is FactKind.TAP]
    assert [(f.data["phase"], f.data["alive"]) for f in facts] == [("before", True), ("after", False)]
