"""A message has as many arguments as the target says; where it says nothing, what a server adds is not compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Aspect, Hop, Sighting
from harness.record.evidence import Evidence
from harness.reporting.compared import uncompared
from tests.support.ledgers import Story


@pytest.mark.parametrize(
    ("further", "said", "blamed"),
    [
        ({}, (1, 1), None),
        ({Hop.ROUTED: 1, Hop.DELIVERED: 1}, (1, 1), Hop.ROUTED),
        ({Hop.DELIVERED: 2}, (1, 1), Hop.DELIVERED),
        ({Hop.SENT: 1, Hop.RECEIVED: 1}, (1, 1), Hop.SENT),
        ({Hop.ROUTED: 1, Hop.DELIVERED: 1}, (1, 2), None),
        ({}, (1, 2), Hop.ROUTED),
        ({Hop.ROUTED: 1, Hop.DELIVERED: 1}, (None, None), None),
    ],
)
def test_arguments_that_are_not_described(
    further: dict[Hop, int], said: tuple[int | None, int | None], blamed: Hop | None
) -> None:
    story = Story("broadcast", declared=(), arguments=said).open("A").start("main")
    story.emit("main", "execution:started", "execution:completed").end("main")
    wire = (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED)
    story.records = [
        replace(r, detail={**r.detail, "rest": f"rest-{further.get(r.hop, 0)}"})
        if isinstance(r, Sighting) and r.hop in wire
        else r
        for r in story.records
    ]
    payloads = {f"rest-{count}": {"args": ["more"] * count} for count in (1, 2)} | {
        "rest-0": {},
        "digest-1": {},
        "digest-2": {},
    }
    ledger = replace(story.ledger(), payloads=payloads)
    verdict = verdict_of(ledger)
    found = [o for o in verdict.outcomes if o.finding.aspect is Aspect.ARGUMENTS]
    assert (min((o.hop for o in found if o.hop is not None), default=None)) == blamed
    assert verdict.answer is (Answer.PASSED if blamed is None else Answer.FAILED)
    lines = [each for each in uncompared(Evidence(ledger)) if each.startswith("further arguments")]
    assert len(lines) == (said == (None, None))
