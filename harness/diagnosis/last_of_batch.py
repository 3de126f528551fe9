"""Last of batch: the page processes only the newest of several events that come close together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from harness.diagnosis.rule import Head, Rule, losses, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Sighting, Strength
from harness.record.evidence import Evidence, names

MANY = 3
"""So many in a row are a batch; one alone that is missing may be anything."""

TOGETHER_MS = 100
"""What comes so close together a busy page may take in at once."""


class LastOfBatch(Rule):
    """Lost at applied: of each batch that the page took in together, only the last event is in its state."""

    head = Head(
        cause="last-of-batch",
        title="the page processes only the newest of several events that come close together",
        claims=(losses(Hop.APPLIED),),
        by=per_run,
        taps=(
            Hop.DELIVERED,
            Hop.APPLIED,
        ),
        strength=Strength.AROUND,
        against=(
            "an event that arrived alone is lost, or the last of a batch is; or from one event on what is lost has\n"
            "names of its own; or the page took the one before each batch too, which came as close: it takes the first"
        ),
        remedy=(
            "Process every event that came, not the latest: an effect runs once for all that arrive in one frame.\n"
            "Keep a queue, or reduce each event into the state where it arrives."
        ),
    )

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        return not _batches(evidence, outcomes)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lines, batches = list[str](), _batches(evidence, outcomes)
        for label, runs in batches.items():
            longest = [each.event.key for each in max(runs, key=len)]
            lines.append(
                f"dashboard {label}: {amount(len(runs), 'batch', 'batches')} of up to {amount(len(longest), 'event')}, "
                "and of each the "
                f"last alone is applied: {longest[-1]} after {names(longest[:-1])}"
            )
        yield self.blame(
            "the page processes only the newest of a batch of events.",
            lines,
            [outcome for label in batches for outcome in outcomes if outcome.label == label],
        )


def _batches(evidence: Evidence, outcomes: Sequence[Outcome]) -> dict[str, list[list[Sighting]]]:
    """Dashboard to the runs of events that it lost, of those that lost nothing but all of a batch up to its last."""
    lost: dict[str, set[str]] = defaultdict(set)
    for outcome in outcomes:
        lost[outcome.label].add(outcome.event_key)
    found: dict[str, list[list[Sighting]]] = {}
    for label, keys in lost.items():
        runs = [run for load in evidence.loads_of(label) for run in _runs(evidence, load, keys)]
        are_batches = max(map(len, runs), default=0) > MANY and all(map(_is_batch, runs))
        are_batches = are_batches and not _takes_the_first(evidence, label, runs)
        if are_batches and not _by_name(evidence, label, keys, len(runs)):
            found[label] = runs
    return found


def _runs(evidence: Evidence, load: str, lost: set[str]) -> Iterator[list[Sighting]]:
    """Events that were lost one after the other, each run with the event after it that was not."""
    stream, seen = evidence.shown[Hop.DELIVERED].get(load), evidence.on_page(Hop.DELIVERED, load)
    keys = [] if stream is None else stream.listed_keys
    first: int | None = None
    for at in (place for place, key in enumerate(keys) if key in lost):
        first = at if first is None else first
        if at + 1 == len(keys):
            yield [seen[at]]  # nothing after them is in the state: not the last of them either
        elif keys[at + 1] not in lost:
            yield [*seen[first : at + 2]]
            first = None


def _by_name(evidence: Evidence, label: str, lost: set[str], runs: int) -> bool:
    """Whether from the first that is lost on the page takes in none of their names, and everything else.

    Of a name that it took in before, one run says nothing: all in between may have been called alike.
    """
    given = [key for load in evidence.loads_of(label) for key in evidence.keys_on_page(Hop.DELIVERED, load)]
    named = {key: evidence.events[key].name for key in [*given, *lost] if key in evidence.events}
    names = {named[key] for key in lost if key in named}
    held = {named.get(key) for load in evidence.loads_of(label) for key in evidence.counted(Hop.APPLIED, load)}
    if runs < 2 and not held.isdisjoint(names):
        return False
    after = given[next((place for place, key in enumerate(given) if key in lost), 0) :]
    return all((named.get(key) in names) is (key in lost) for key in after)


def _takes_the_first(evidence: Evidence, label: str, runs: Sequence[Sequence[Sighting]]) -> bool:
    """Whether before each run one came that the page took, of the same name and as close as those of the run are.

    It belongs to the batch then, and is not its last: such a page takes one event and is deaf for a while.
    """
    came = [each for load in evidence.loads_of(label) for each in evidence.on_page(Hop.DELIVERED, load)]
    place = {each.event.key: at for at, each in enumerate(came)}
    for run in runs:
        at = place[run[0].event.key]
        before = came[at - 1] if at else None
        if before is None or before.event.name != run[0].event.name:
            return False
        if run[0].at_ns - before.at_ns > max(b.at_ns - a.at_ns for a, b in pairwise(run)):
            return False
    return True


def _is_batch(run: Sequence[Sighting]) -> bool:
    """Whether the newest of a run came so close after the one before it that the page met both at once."""
    return len(run) > 1 and (run[-1].at_ns - run[-2].at_ns) / 1e6 <= TOGETHER_MS


RULE = LastOfBatch()
