"""Egress namespace: the server emits in a namespace that no dashboard is in, or that some are not in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from harness.diagnosis._parties import agreeing, dashboards
from harness.diagnosis._processes import published, title
from harness.diagnosis._rooms import namespaces
from harness.diagnosis.only_sender_told import sender_told
from harness.diagnosis.rule import Head, Rule, losses, of_kind, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Kind, Outcome, Sighting, Strength
from harness.record import rooms
from harness.record.evidence import Evidence, label_of, names


class EgressNamespace(Rule):
    """Recipients empty at routed, in another namespace than the dashboards'."""

    head = Head(
        cause="egress-namespace",
        title="the server emits in a namespace that a dashboard is not in",
        claims=(losses(Hop.RECEIVED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="a dashboard is connected in the namespace of the emit, or it went to the sender alone",
        remedy=(
            "Emit with the namespace that the dashboards connect to, or let them connect to this one:\n"
            "an emit knows nothing of the namespace of the handler that it stands in."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.hops[-1:] != (Hop.ROUTED,) or sender_told(evidence, outcome) is not None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        spaces, of_label = namespaces(evidence), _by_dashboard(evidence)
        by_space: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in of_kind(outcomes, Kind.LOST):
            mine = evidence.sids if outcome.dashboard is None else of_label.get(outcome.dashboard, ())
            theirs = {spaces.get(sid) for sid in mine} - {None}
            used = _used(evidence, outcome, spaces)
            if theirs and used and None not in used and not used & theirs:
                by_space[", ".join(sorted(map(str, used)))].append(outcome)
        for space, lost in by_space.items():
            how = _emitted(evidence, lost)
            without = sorted({o.label for o in lost})
            others = [label for label in evidence.pages if label not in without]
            is_some = any(spaces.get(sid) in space.split(", ") for each in others for sid in of_label.get(each, ()))
            made = self.blame(
                f"{how.by} emits in namespace {space!r}, and {dashboards(without)} "
                f"{agreeing(without, 'is', 'are')} not in it."
                if is_some
                else f"{how.by} emits in namespace {space!r}, and no dashboard is in it.",
                [
                    f"{how.by.removeprefix('the ')}: {amount(len({o.key for o in lost}), 'event')} emitted "
                    f"in {space!r} ({', '.join(sorted(how.places))})",
                    *(
                        f"connected: {sid} ({load}) in {spaces.get(sid)!r}"
                        for sid, load in list(evidence.sids.items())[:5]
                    ),
                ],
                lost,
                places=how.places,
            )
            yield replace(made, hop=Hop.ROUTED, hops=(Hop.ROUTED,)) if how.is_by_queue else made


@dataclass(frozen=True, slots=True)
class _Emitted:
    """Who emitted events, at which places, and whether that went by a message queue and no server took it up."""

    by: str
    places: Set[str]
    is_by_queue: bool


def _emitted(evidence: Evidence, lost: Sequence[Outcome]) -> _Emitted:
    """How events were emitted that are lost: by a server, or else by a process or a CLI that writes to a queue."""
    routed = {str(s.detail.get("where")) for o in lost for s in evidence.at(Hop.ROUTED, o.key)}
    if routed:
        return _Emitted("the server", routed, is_by_queue=False)
    put = [fact.body for o in lost for fact in published(evidence).get(o.event_key, ())]
    sent = [each for o in lost for each in _by_queue(evidence, o)]
    who = {title(evidence, each.process) for each in put if each.process}
    by = names(sorted(f"process {each}" for each in who)) or ("the CLI" if sent else "the server")
    places = {str(place) for place in (*(each.where for each in put), *(each.detail.get("where") for each in sent))}
    return _Emitted(by, places, is_by_queue=bool(put or sent))


def _used(evidence: Evidence, outcome: Outcome, spaces: Mapping[str, str | None]) -> set[str | None]:
    """The namespaces that an event was emitted in: what is sent again to one connection says nothing of the others."""
    routed = evidence.at(Hop.ROUTED, outcome.key)
    if routed:
        return {s.detail.get("namespace") for s in routed if not _is_to_one(s, spaces)}
    # no server has the namespace, and none reads what comes in it by a message queue
    put = {fact.body.namespace for fact in published(evidence).get(outcome.event_key, ())}
    return put | {each.detail.get("namespace") for each in _by_queue(evidence, outcome)}


def _by_queue(evidence: Evidence, outcome: Outcome) -> list[Sighting]:
    """The emits of a CLI that went by a message queue."""
    return [each for each in evidence.at(Hop.SENT, outcome.key) if each.detail.get("queue")]


def _is_to_one(routed: Sighting, known: Collection[str]) -> bool:
    """Whether an emit names single connections alone."""
    named = rooms.each(routed.detail.get("room"))
    return bool(named) and all(each in known for each in named)


def _by_dashboard(evidence: Evidence) -> Mapping[str, list[str]]:
    """Dashboard to its connections."""
    found: dict[str, list[str]] = defaultdict(list)
    for sid, load in evidence.sids.items():
        found[label_of(load)].append(sid)
    return found


RULE = EgressNamespace()
