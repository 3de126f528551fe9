"""Records and judges one task of a system: what `harness verify` would say, and what each key of its file found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from harness.check.finding import Finding
from harness.check.findings import findings, other_fields
from harness.check.mends import mends
from harness.check.page_parts import LOOK, Parts, additions
from harness.check.pages import Key, pages_of, singles
from harness.check.vocabulary import Mend, reported
from harness.diagnosis import diagnose
from harness.judge.judge import judge_evidence
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.lib import lifeline
from harness.model import PAGE_SIDE, SERVER_SIDE, Answer, Hop, Verdict
from harness.record.evidence import Evidence
from harness.record.ledger import find, read
from harness.reporting import sentences
from harness.run.contract import contract_for
from harness.run.run import Run
from harness.run.session_id import new_session_id
from harness.run.workloads.watched import watched
from harness.target.spec import Target

COUNT = "selectors => selectors.map((selector) => document.querySelectorAll(selector).length)"


@dataclass(frozen=True, slots=True)
class Probed:
    """What a task of a system showed of its file: what each key found, what would mend it, and the verdict."""

    findings: tuple[Finding, ...]
    mends: tuple[Mend, ...]
    verdict: Verdict
    reported: int
    """How many events the producer reported, as far as the file understands its lines."""
    misfits: int
    """How often an event that it reported was not known again at a hop, or something else was taken for an event."""
    additions: tuple[Mend, ...] = ()
    """Parts of the page that the file does not name, and that would fit."""
    other_fields: int = 0
    """In how many fields data are others than the producer's, hop by hop."""

    @property
    def wrong(self) -> int:
        """How many keys found something wrong."""
        return sum(finding.ok is False for finding in self.findings)

    def is_as_good_as(self, other: Probed) -> bool:
        """Whether as much is understood, and no more is wrong, where the file says more than before."""
        return self._rank[:3] >= other._rank[:3]

    def is_better_than(self, other: Probed) -> bool:
        """Whether more is understood, or as much and less is wrong."""
        return self._rank > other._rank

    @property
    def _rank(self) -> tuple[bool, int, int, int]:
        return bool(self.reported), -self.misfits, -self.wrong, -self.other_fields


def probe(target: Target) -> Probed:
    """Start the system, have dashboards watch one task, judge it. Raises what a run raises."""
    strategy = target.strategies[0]
    workload = watched(target, strategy)
    with (
        lifeline.temporary("harness-check-") as temporary,
        Resources() as resources,
        Stack(target, strategy, resources).start(lambda: resources.browser) as stack,
    ):
        ready = [
            Finding(("process", name), True, f"is ready at {address}" if address else "is ready")
            for name, address in stack.children.addresses.items()
        ]
        folder = temporary / "run"
        session, declared = new_session_id(), target.declared
        contract = contract_for(target, strategy, session, workload.properties, workload.dashboards, declared)
        with Run(stack, contract, folder, target.run_s) as run:
            workload.perform(run)
            run.settle()
            matches, parts = dict[Key, int](), dict[str, Parts]()
            for label, at in pages_of(target):
                page = run.dashboards[label].page
                selectors = dict(singles(target.of(label), at))
                counts = page.evaluate(COUNT, [*selectors.values()])
                matches |= dict(zip(selectors, counts, strict=True))
                parts[label] = Parts.of(page.evaluate(LOOK))
        logs = sorted((folder / "logs").glob("cli-*"))
        printed = [line for log in logs for line in log.read_text("utf-8", "replace").splitlines()]
        ledger = read(find(folder))
        evidence = Evidence(ledger)
        verdict = diagnose(evidence, judge_evidence(evidence))
        found = (*ready, *findings(target, evidence, printed, matches), *_judged(verdict))
        mended = tuple(mends(target, ledger, evidence, printed))
        parts_found = tuple(
            replace(mend, key=(*map(str, at), *mend.key[1:]))
            for label, at in pages_of(target)
            for mend in additions(target.of(label), evidence, label, parts[label])
        )
        misfits, differing = _misfits(target, evidence), other_fields(target, evidence)
        return Probed(found, mended, verdict, len(reported(evidence)), misfits, parts_found, differing)


def _misfits(target: Target, evidence: Evidence) -> int:
    known, made = set(reported(evidence)), evidence.made
    hops = [set(evidence.once[hop]) for hop in SERVER_SIDE if hop in target.taps]
    apart = sum(len(known ^ (seen - made)) for seen in hops)
    for hop in PAGE_SIDE:
        for load, sightings in evidence.page[hop].items():
            contract, seen = evidence.contract_at(load), {each.event.key for each in sightings}
            owed = _named(evidence, known | made, contract.promised)
            if hop is Hop.RENDERED:
                apart += len(_named(evidence, owed, contract.listed) ^ seen)
            else:
                apart += len((owed - made) ^ (seen - made))
    return apart


def _named(evidence: Evidence, keys: set[str], names: Sequence[str]) -> set[str]:
    """Those of these names; all where none is named."""
    return {key for key in keys if evidence.events[key].name in names} if names else keys


def _judged(verdict: Verdict) -> Iterator[Finding]:
    """What the judge says of the same task: a file is right when a healthy system passes by it."""
    yield Finding(("strategy",), verdict.answer is Answer.PASSED, f"judged: {sentences.verdict(verdict)}")
