"""The tap on what a CLI prints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Fact, Record, Sighting
from harness.model.facts import CliSession, TapTried
from harness.record.identity import Envelope
from harness.taps.cli_output import CliOutput, Format
from harness.target.reference import reference

HOSTILE = [
    "#² a",
    '#1 a {"seq": "²"}',
    "#1 a " + "[" * 5000,
    '#1 a {"a": ' + "9" * 5000 + "}",
    '#1 a {"seq": 1e400}',
    "#1 a NaN",
]


def read(*lines: str) -> list[Record]:
    written: list[Record] = []
    tap = CliOutput("cli:main", reference().output, written.append)
    for number, line in enumerate(lines):
        tap.line(line, number)
    return written


def test_the_documented_lines_are_read() -> None:
    found = read("Session ID: do_1", "Task: x", "Session: do_1", "", "Event: execution:started", "Event: skill:started")
    assert [f.body for f in found if isinstance(f, Fact)] == [CliSession("do_1")]
    events = [s.event for s in found if isinstance(s, Sighting)]
    assert [(e.key, e.name, e.digest) for e in events] == [
        ("do_1/1", "execution:started", None),
        ("do_1/2", "skill:started", None),
    ]


def test_a_payload_after_the_name_gives_identity_and_digest() -> None:
    [_, sighting] = read("Session ID: s", 'Event: a:b {"session": "s", "seq": 7, "data": {"x": 1}}')
    assert isinstance(sighting, Sighting)
    assert (sighting.event.key, sighting.event.seq) == ("s/7", 7)
    assert sighting.event.digest is not None


def test_a_broken_payload_is_still_an_event() -> None:
    [_, sighting] = read("Session ID: s", 'Event: a:b {"session": 5, "seq": "x"}')
    assert isinstance(sighting, Sighting)
    assert sighting.event.key == "s/1"


def test_text_that_looks_alike_is_not_an_event() -> None:
    assert read("An Event: a:b", "Eventually: a", "  Event: indented") == []


def test_the_canary_says_why_it_is_dead() -> None:
    written: list[Record] = []
    tap = CliOutput("cli:main", reference().output, written.append)
    tap.alive("before", 0)
    tap.alive("after", 1, "the pipe was closed")
    tried = [record.body for record in written if isinstance(record, Fact) and isinstance(record.body, TapTried)]
    assert [(each.phase, each.alive) for each in tried] == [("before", True), ("after", False)]


def lines_of(form: Format, *lines: str, session: str | None = None) -> list[tuple[str, str, bool]]:
    written: list[Record] = []
    tap = CliOutput("cli:main", form, written.append, session)
    for number, line in enumerate(lines):
        tap.line(line, number)
    tap.flush()
    events = [each.event for each in written if isinstance(each, Sighting)]
    return [(event.key, event.name, event.digest is not None) for event in events]


def test_colour_codes_are_not_part_of_a_line() -> None:
    form = Format(None, r"^\* (?P<name>\w+)$")
    assert lines_of(form, "\x1b[32m*\x1b[0m boiled", "\x1b]0;title\x07* fried", session="s") == [
        ("s/1", "boiled", False), ("s/2", "fried", False),
    ]  # fmt: skip


def test_wrapped_lines_are_joined_and_the_last_one_is_not_forgotten() -> None:
    form = Format(None, r"^\* (?P<name>\w+) (?P<payload>\{.*\})$", continuation=r"\s+")
    assert lines_of(form, '* boiled {"data":', "  1}", "* fried {", '   "data":2}', session="s") == [
        ("s/1", "boiled", True), ("s/2", "fried", True),
    ]  # fmt: skip


def test_only_what_is_between_begin_and_end_is_an_event() -> None:
    form = Format(None, r"^(?P<name>\w+)$", begin="^---", end="^===")
    assert lines_of(form, "usage", "---", "boiled", "===", "bye", "---", "again", session="s") == [
        ("s/1", "boiled", False)
    ]


def test_lines_of_json_are_events_where_they_have_a_name() -> None:
    form = Format(None, None, Envelope(carrier="*", name="step", session="run", seq="n", data="with"))
    said = ('{"step": "built", "run": "r", "n": 4, "with": {"ok": true}}', '{"level": "info"}', "no JSON", "[1]")
    assert lines_of(form, *said) == [("r/4", "built", True)]


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5000])
def test_digits_that_are_not_a_number_give_an_event_its_place(number: str) -> None:
    form = Format(None, r"^#(?P<seq>\S+) (?P<name>\w+)$")
    assert lines_of(form, f"#{number} boiled", "#2 fried", session="s") == [
        ("s/1", "boiled", False), ("s/2", "fried", False),
    ]  # fmt: skip


@given(st.lists(st.text(max_size=40) | st.sampled_from(HOSTILE), max_size=8))
def test_no_line_breaks_the_tap(lines: list[str]) -> None:
    for form in (
        Format(None, r"^#(?P<seq>\S+) (?P<name>\S+)(?: (?P<payload>.*))?$", continuation=r"\s+"),
        Format(None, None),
    ):
        lines_of(form, *lines, session="s")
