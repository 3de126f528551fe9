"""What a person reads of a verdict, as text: a file a run in tests/readings, so that changed words show in a diff.

`python -m tests.support.readings` writes the files anew, from the stored ledgers and from the runs on paper that the
tests tell. Read the diff before you commit it: nothing else says whether the new words are true.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.diagnosis import diagnose
from harness.judge.judge import judge_evidence
from harness.judge.strategies import strategies
from harness.model import Blame, Hop, Kind, Outcome, Standing, Verdict
from harness.record.evidence import Evidence
from harness.record.ledger import Ledger
from harness.reporting import sentences
from harness.selftest.defects.keeping import kept
from tests.judge.test_outcomes import PATHOLOGIES
from tests.judge.test_properties import VIOLATIONS
from tests.judge.test_unknown import MISSING
from tests.support.causes import CAUSES
from tests.support.facts import without
from tests.support.ledgers import Story
from tests.support.stories import STORIES

TESTS = Path(__file__).parents[1]
LEDGERS, READINGS = TESTS / "ledgers", TESTS / "readings"

DETAILS = frozenset({"error", "origin", "reason", "text", "transport", "url", "where", "why"})
"""What a fact may say, and need not."""


def runs() -> dict[str, Callable[[], Ledger]]:
    """Every run that has a reading: `stored-ID` as it was recorded, all others as they are told on paper."""
    stored = {f"stored-{file.name.removesuffix('.jsonl.gz')}": file for file in sorted(LEDGERS.glob("*.gz"))}
    paper = {
        **{f"healthy-{name}": story for name, (story, _) in STORIES.items()},
        **{f"cause-{name}": story for name, (_, story) in CAUSES.items()},
        **{f"violates-{name}": story for name, story in VIOLATIONS.items()},
        **{f"pathology-{name.replace(' ', '-')}": found[0] for name, found in PATHOLOGIES.items()},
        **{f"missing-{name.replace(' ', '-')}": story for name, (story, _) in MISSING.items()},
    }
    return {
        **{name: partial(_unpacked, file) for name, file in stored.items()},
        **{name: partial(_told, story) for name, story in paper.items()},
        **{f"bare-{name}": partial(_bare, story) for name, (_, story) in CAUSES.items()},
    }


def _told(story: Callable[[], Story]) -> Ledger:
    return story().ledger()


def _unpacked(file: Path) -> Ledger:
    with TemporaryDirectory(prefix="harness-kept-") as folder:
        return kept(file, Path(folder))


def _bare(story: Callable[[], Story]) -> Ledger:
    """A run of which the taps could tell who, what and when, and nothing of where in the code and why."""
    ledger = story().ledger()
    facts = (without(fact, *DETAILS) for fact in ledger.facts)
    return replace(ledger, sightings=tuple(replace(each, detail={}) for each in ledger.sightings), facts=tuple(facts))


def reading(ledger: Ledger) -> str:
    """The verdict on a ledger as text: what was promised and why, where each property stands, and who is to blame."""
    evidence = Evidence(ledger)
    verdict = diagnose(evidence, judge_evidence(evidence))
    promised: dict[str, list[str]] = defaultdict(list)
    for each in strategies()[ledger.contract.strategy].expectations(evidence):
        at = f" in {each.observer}" if each.observer else ""
        promised[f"{each.dashboard} {each.level}{at}, {sentences.finding(each.why)}"] += each.keys
    lines = [*_head(verdict), "", *(f"{line}: {shortened(keys)}" for line, keys in promised.items())]
    lines += ["", *_standings(verdict)]
    for blame in verdict.blame:
        lines += ["", *_blame(blame)]
    return "\n".join(lines) + "\n"


def _head(verdict: Verdict) -> Iterator[str]:
    yield sentences.headline(verdict)
    yield f"matched by {verdict.identity}; absence proven by {verdict.confidence}"
    yield ", ".join(f"{hop.label} {'?' if count is None else count}" for hop, count in verdict.hops.items())
    yield from (f"unknown: {each}" for each in sentences.unknowns(verdict))
    yield from sentences.remarks(verdict)


def _standings(verdict: Verdict) -> Iterator[str]:
    for standing in Standing:
        mine = [result for result in verdict.properties if result.standing is standing]
        if mine:
            yield f"{standing}: {', '.join(f'{each.prop} by {each.checks}' for each in mine)}"
        for result in mine:
            if result.note:
                yield f"  {result.prop}: {result.note}"
            yield from (f"  {line}" for line in grouped(result.outcomes))


def _blame(blame: Blame) -> Iterator[str]:
    where = blame.hop.label if blame.hop is not None else "no one hop"
    yield f"cause {blame.cause} at {where} [{_places(blame.hops)}], evidence {blame.strength.name.lower()}"
    yield f"  {sentences.line(blame.sentence)}"
    yield from (f"  | {line}" for line in sentences.evidence(blame))
    yield from (f"  > {line}" for line in blame.remedy.splitlines())
    yield from (f"  {line}" for line in grouped(blame.explains))


def grouped(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Outcomes that differ in their event alone are one line; delivered ones are left out."""
    groups: dict[str, list[str]] = defaultdict(list)
    for each in outcomes:
        if each.kind is not Kind.DELIVERED:
            where = each.hop.label if each.hop is not None else "no one hop"
            at = f"{each.kind} at {where} [{_places(each.hops)}] {each.dashboard or '-'} {each.prop}"
            at += f", {sentences.outcome(each)}"
            groups[at].append(each.key or "-")
    yield from (f"{line}: {shortened(keys)}" for line, keys in groups.items())


def _places(hops: Iterable[Hop]) -> str:
    return " ".join(hop.label for hop in hops)


def shortened(keys: Iterable[str]) -> str:
    """Keys in their order, those of successive numbers as a range: `main/1..3 main/7`."""
    found: list[tuple[str, int, int]] = []
    for key in keys:
        session, _, number = key.rpartition("/")
        seq = int(number) if number.isdecimal() else -1
        if found and seq > 0 and found[-1][0] == session and found[-1][2] + 1 == seq:
            found[-1] = (session, found[-1][1], seq)
        else:
            found.append((session if seq >= 0 else key, seq, seq))
    return " ".join(
        session if low < 0 else f"{session}/{low}" + (f"..{high}" if high > low else "") for session, low, high in found
    )


def write(made: Mapping[str, Callable[[], Ledger]], folder: Path) -> None:
    """Write the reading of every run, and remove those of runs that there are no more."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.txt"):
        if old.stem not in made:
            old.unlink()
    for name, ledger in made.items():
        (folder / f"{name}.txt").write_text(reading(ledger()), "utf-8")


if __name__ == "__main__":
    write(runs(), READINGS)
    sys.exit(0)
