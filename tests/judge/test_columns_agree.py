"""A ledger is judged alike from its columns and from its records as objects: two ways to the same verdict.

Stored ledgers are asked as columns (`record/evidence/stored_streams.py`), those in memory as objects, slowly.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bench.shapes import Shape
from harness.diagnosis import diagnose
from harness.judge.judge import judge_evidence
from harness.judge.strategies.owed import due_between
from harness.model import Event, Hop, Record, Sighting, Verdict
from harness.record.evidence import Evidence
from harness.record.evidence.stored_events import ByKey
from harness.record.ledger import FILE, Ledger, read
from harness.record.writer import LedgerWriter
from harness.selftest.defects.keeping import kept
from tests.support.stories import STORIES

SHAPES = (
    Shape("clean", 60),
    Shape("20 sessions × 50 dashboards", 6, dashboards=5, sessions=4),
    Shape("lost", 200, lost=0.05),
    Shape("lost in several sessions", 40, dashboards=2, sessions=3, lost=0.05),
    Shape("doubled and reordered", 200, doubled=0.2),
    Shape("no ids", 60, ids=False),
    Shape("no ids, and all of it", 200, lost=0.05, doubled=0.2, ids=False),
    Shape("all of it", 100, dashboards=2, sessions=2, lost=0.05, doubled=0.2),
)
LEDGERS = Path(__file__).parents[1] / "ledgers"
SEEDS = 12


@contextmanager
def stored(ledger: Ledger) -> Iterator[Ledger]:
    """The same ledger, written and read again."""
    with TemporaryDirectory(prefix="harness-columns-") as folder:
        path = Path(folder) / FILE
        with LedgerWriter(path, ledger.contract) as writer:
            for record in ledger.records():
                writer.write(record)
        yield replace(read(path), payloads=ledger.payloads, ending=ledger.ending)


def judged(evidence: Evidence) -> Verdict:
    return diagnose(evidence, judge_evidence(evidence))


def agree(ledger: Ledger) -> bool:
    """Whether both ways lead to one verdict; and that they are two."""
    with stored(ledger) as file:
        columns, objects = Evidence(file), Evidence(ledger)
        assert not isinstance(objects.events, ByKey)
        assert judged(columns) == judged(objects)
        for session in objects.sessions:
            assert due_between(columns, session) == due_between(objects, session)
        return isinstance(columns.events, ByKey)


@pytest.mark.parametrize("path", sorted(LEDGERS.glob("*.gz")), ids=lambda path: path.name.partition(".")[0])
def test_the_ledger_of_a_defect_is_judged_alike(path: Path) -> None:
    with TemporaryDirectory(prefix="harness-kept-") as folder:
        agree(kept(path, Path(folder)))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_run_of_each_shape_that_is_measured_is_judged_alike(shape: Shape) -> None:
    by_columns = agree(Ledger.of(shape.contract(), shape.records()))
    assert by_columns


@pytest.mark.parametrize("name", STORIES)
def test_a_record_that_is_disturbed_at_random_is_judged_alike(name: str) -> None:
    ledger = STORIES[name][0]().ledger()
    by_columns = 0
    for seed in range(SEEDS):
        chance = random.Random(f"{name} {seed}")  # a test, no secret
        by_columns += agree(Ledger.of(ledger.contract, disturbed([*ledger.records()], chance)))
    assert by_columns > SEEDS / 3


def test_a_record_without_ids_that_is_disturbed_at_random_is_judged_alike() -> None:
    shape, by_columns = Shape("no ids", 25, dashboards=2, lost=0.05, doubled=0.2, ids=False), 0
    for seed in range(3 * SEEDS):
        chance = random.Random(f"no ids {seed}")  # a test, no secret
        records = disturbed([*replace(shape, name=f"{seed}").records()], chance)
        by_columns += agree(Ledger.of(shape.contract(), records))
    assert by_columns > 2 * SEEDS


def test_a_record_whose_places_are_nanoseconds_is_asked_by_columns() -> None:
    """A proxy numbers what it sees by its clock: on a machine that has been up for a month, too."""
    shape, month_ns = Shape("no ids", 30, ids=False, lost=0.1), 30 * 24 * 3600 * 10**9
    records = [replace(record, n=record.n + month_ns) for record in shape.records()]
    assert agree(Ledger.of(shape.contract(), records))


def test_a_record_whose_places_no_column_takes_is_judged_alike() -> None:
    shape = Shape("no ids", 30, ids=False, lost=0.1)
    records = [replace(record, n=record.n + (1 << 60)) for record in shape.records()]
    assert not agree(Ledger.of(shape.contract(), records))


def disturbed(records: list[Record], chance: random.Random) -> list[Record]:
    """Some records lost, seen twice, in another place, of another time, or saying something else."""
    part = chance.choice((0.0, 0.02, 0.1, 0.3))
    kept = [record for record in records if chance.random() >= part / 2]
    for place, record in enumerate(kept):
        if isinstance(record, Sighting) and chance.random() < part:
            kept[place] = chance.choice(CHANGES)(record, chance)
    again = [record for record in kept if isinstance(record, Sighting) and chance.random() < part / 2]
    kept += [replace(record, n=record.n + chance.choice((0, 1, 40))) for record in again]
    if chance.random() < part:
        chance.shuffle(kept)
    return kept


def moved(sighting: Sighting, chance: random.Random) -> Sighting:
    return replace(sighting, n=max(0, sighting.n + chance.randrange(-9, 9)))


def late(sighting: Sighting, chance: random.Random) -> Sighting:
    return replace(sighting, at_ns=sighting.at_ns + chance.choice((1, 10**9, 10**11)))


def elsewhere(sighting: Sighting, chance: random.Random) -> Sighting:
    hop = chance.choice([hop for hop in Hop if (hop > Hop.ROUTED) == (sighting.hop > Hop.ROUTED)])
    return replace(sighting, hop=hop, recipients=sighting.recipients or ())


def unrouted(sighting: Sighting, chance: random.Random) -> Sighting:
    some = chance.choice(((), None, (*(sighting.recipients or ()), "stranger")))
    return replace(sighting, recipients=some if sighting.hop is Hop.ROUTED else None)


def other(sighting: Sighting, chance: random.Random) -> Sighting:
    event, number = sighting.event, chance.randrange(1, 9)
    found: Event = chance.choice(
        (
            replace(event, digest=f"{number:016x}"),
            replace(event, digest=None),
            replace(event, name="other"),
            replace(event, key=f"{event.session}/{number}", seq=number),
            replace(event, key=f"other/{number}", session="other", seq=number),
        )
    )
    return replace(sighting, event=found)


CHANGES = (moved, late, elsewhere, unrouted, other)
