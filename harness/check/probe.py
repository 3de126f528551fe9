"""Records and judges one task of a system: what `harness verify` would say, and what each key of its file found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.check.finding import Finding
from harness.check.findings import findings, singles
from harness.check.mends import mends
from harness.check.page_parts import LOOK, Parts, additions
from harness.check.vocabulary import Mend, reported
from harness.diagnosis import diagnose
from harness.judge.judge import judge_evidence
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.lib import lifeline
from harness.model import SERVER_SIDE, Answer, Hop, Verdict
from harness.record.evidence import Evidence
from harness.record.ledger import find, read
from harness.reporting import sentences
from harness.run.dashboard import Dashboard
from harness.run.run import Run
from harness.run.session_id import new_session_id
from harness.run.workloads.watched import watched
from harness.target.spec import Target
from harness.verify import contract_for

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

    @property
    def wrong(self) -> int:
        """How many keys found something wrong."""
        return sum(finding.ok is False for finding in self.findings)

    def is_as_good_as(self, other: Probed) -> bool:
        """Whether as much is understood, and no more is wrong, where the file says more than before."""
        return (bool(self.reported), -self.misfits, -self.wrong) >= (bool(other.reported), -other.misfits, -other.wrong)

    def is_better_than(self, other: Probed) -> bool:
        """Whether more is understood, or as much and less is wrong."""
        mine, theirs = ((bool(each.reported), -each.misfits, -each.wrong) for each in (self, other))
        return mine > theirs


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
            first = next(iter(run.dashboards.values()))
            matches = _counted(target, first)
            parts = Parts.of(first.page.evaluate(LOOK))
        logs = sorted((folder / "logs").glob("cli-*"))
        printed = [line for log in logs for line in log.read_text("utf-8", "replace").splitlines()]
        ledger = read(find(folder))
        evidence = Evidence(ledger)
        verdict = diagnose(evidence, judge_evidence(evidence))
        found = (*ready, *findings(target, evidence, printed, matches), *_judged(verdict))
        mended = tuple(mends(target, ledger, evidence, printed))
        parts_found = tuple(additions(target, evidence, workload.dashboards[0], parts))
        return Probed(found, mended, verdict, len(reported(evidence)), _misfits(target, evidence), parts_found)


def _misfits(target: Target, evidence: Evidence) -> int:
    known = set(reported(evidence))
    made, listed = evidence.made, target.listed
    hops = [set(evidence.once[hop]) for hop in SERVER_SIDE if hop in target.taps]
    hops += [
        {each.event.key for each in seen}
        for hop in (Hop.DELIVERED, Hop.APPLIED)
        for seen in evidence.page[hop].values()
    ]
    shown = {key for key in known | made if not listed or evidence.events[key].name in listed}
    rows = [{each.event.key for each in seen} for seen in evidence.page[Hop.RENDERED].values()]
    return sum(len(known ^ (seen - made)) for seen in hops) + sum(len(shown ^ seen) for seen in rows)


def _counted(target: Target, dashboard: Dashboard) -> Mapping[str, int]:
    """How many elements of the page each selector of a single element matches."""
    selectors = [selector for _, selector in singles(target)]
    return dict(zip(selectors, dashboard.page.evaluate(COUNT, selectors), strict=True))


def _judged(verdict: Verdict) -> Iterator[Finding]:
    """What the judge says of the same task: a file is right when a healthy system passes by it."""
    yield Finding(("strategy",), verdict.answer is Answer.PASSED, f"judged: {sentences.verdict(verdict)}")
