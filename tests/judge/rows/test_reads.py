"""What stands in a row beside its event's data, where the target says how: name, session, number and time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.judge.rows.reads import compare
from harness.judge.rows.row import Looked, Row
from harness.model import Aspect, Hop
from harness.record.evidence import Evidence
from tests.support.history import clean, event, load
from tests.support.ledgers import Story

READS = r"^(?P<time>\S+) (?P<name>\S+) (?:(?P<session>\S+) )?#(?P<seq>\d+)"
ROWS = (
    "08:00:01.500 run:started #1",
    "08:00:02.000 step:done s #2",
    "08:00:03.250 step:done #3 x",
    "08:00:04 run:completed #4",
)
TIMES = (
    "2026-01-02T07:00:01.500+00:00",
    "2026-01-02T07:00:02+00:00",
    "2026-01-02T08:00:03.250+01:00",
    "2026-01-02T07:00:04.900Z",
)


def wrong(texts: tuple[str, ...] = ROWS) -> list[tuple[str | None, str | None]]:
    """Event and field of each row that reads otherwise."""
    history = clean().promising(row_reads=READS)

    def timed(record: Any) -> Any:
        return replace(record, detail={**record.detail, "rest": f"rest-{record.event.seq}"})

    history.changed(lambda record: getattr(record, "hop", None) is Hop.DELIVERED, timed)
    payloads = {f"rest-{seq}": {"fields": {"at": at}} for seq, at in enumerate(TIMES, 1)}
    looked, events = Looked(), [event(seq) for seq in range(1, 5)]
    rows = [Row(each.key, text, False) for each, text in zip(events, texts, strict=True)]
    evidence = Evidence(replace(history.ledger(), payloads=payloads))
    compare(looked, evidence, [*zip(events, rows, strict=True)], load("A"))
    assert looked.checks > 0
    assert {why.aspect for _, _, why in looked.wrong} <= {Aspect.ROW_TEXT}
    return [(key, why.field) for _, key, why in looked.wrong]


def test_rows_that_read_as_their_events_are_right() -> None:
    assert wrong() == []


@pytest.mark.parametrize(
    ("place", "text", "field"),
    [
        (0, "08:00:01.500 run:started #2", "seq"),
        (1, "08:00:02.000 step:done t #2", "session"),
        (1, "08:00:02.000 step:gone s #2", "name"),
        (2, "08:00:03.750 step:done #3", "time"),
        (2, "--:--:--.--- step:done #3", "time"),
        (3, "something else", "the whole"),
    ],
)
def test_a_row_that_reads_otherwise_is_named_with_its_field(place: int, text: str, field: str) -> None:
    texts = tuple(text if at == place else row for at, row in enumerate(ROWS))
    assert wrong(texts) == [(f"s/{place + 1}", field)]


def test_times_that_are_those_of_no_zone_are_all_wrong() -> None:
    assert len(wrong(tuple(row.replace("08:00:0", "08:07:0") for row in ROWS))) == 4


@pytest.mark.parametrize(
    ("group", "shown", "is_right"),
    [
        ("session", "do_20", True),
        ("session", "ab12", True),
        ("session_tail", "ab12", True),
        ("session_tail", "do_20", False),
        ("session_head", "do_20", True),
        ("session_head", "ab12", False),
    ],
)
def test_a_session_that_is_cut_is_cut_where_the_target_says(group: str, shown: str, is_right: bool) -> None:
    story = Story("broadcast", row_reads=rf"^(?P<{group}>\S+)$").open("A").start("do_20_ab12")
    story.emit("do_20_ab12", "run:started")
    first = story.journal["do_20_ab12"][0]
    looked = Looked()
    compare(looked, Evidence(story.ledger()), [(first, Row(first.key, shown, False))], load("A"))
    assert [why.field for _, _, why in looked.wrong] == ([] if is_right else [group])
