"""Pages that load themselves again in the middle of a run: what a person saw there was gone for a while. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from harness.model import RELOAD, Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import ActionTaken, Faulted, PageLoaded, ServerStarted, ServerStopped
from harness.record.evidence import Evidence, label_of


def loaded_again(evidence: Evidence) -> Iterator[Outcome]:
    """Loads of a page that came after it had been given events, and that nothing called for.

    Whether a system is meant to do that is for its target file to say.
    """
    began = {fact.observer: fact.at_ns for fact in evidence.facts(PageLoaded)}
    for label in (each for each in evidence.contract.dashboards if not evidence.contract_of(each).reloads):
        for before, load in pairwise(evidence.loads_of(label)):
            given = evidence.page[Hop.DELIVERED].get(before, ())
            since_ns = min((each.at_ns for each in given), default=None)
            if since_ns is None or load not in began:
                continue
            was_asked = _was_asked(evidence, label, began.get(before, 0), began[load])
            if not was_asked and not _called_for(evidence, label, since_ns, began[load]):
                why = Finding(Aspect.LOADED_AGAIN, party=f"dashboard:{label_of(load)}", count=len(given))
                yield Outcome(Kind.UNDETERMINED, "P9", None, label, Hop.RENDERED, (Hop.RENDERED,), why)


def _was_asked(evidence: Evidence, label: str, since_ns: int, until_ns: int) -> bool:
    """Whether the harness loaded the page again, which takes as long as the page takes to leave."""
    acts = (fact for fact in evidence.facts(ActionTaken) if fact.body.dashboard == label and fact.body.name == RELOAD)
    return any(since_ns <= fact.at_ns <= until_ns for fact in acts)


def _called_for(evidence: Evidence, label: str, since_ns: int, until_ns: int) -> bool:
    """Whether the harness did anything to a page or to the system in between, or a server ended or came up."""
    acts = (fact.at_ns for fact in evidence.facts(ActionTaken) if fact.body.dashboard in (None, label))
    servers = (fact.at_ns for kind in (Faulted, ServerStopped, ServerStarted) for fact in evidence.facts(kind))
    return any(since_ns <= at_ns <= until_ns for at_ns in (*acts, *servers))
