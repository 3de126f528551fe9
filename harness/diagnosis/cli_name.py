"""CLI name: the CLI sends an event under another name than it reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._identities import is_changed
from harness.diagnosis._renamed import follow_from_it, renamed
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, of, of_kind, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class CliName(Rule):
    """Lost at sent, and the same CLI sent the very data under a name that it has reported nothing of."""

    head = Head(
        cause="cli-name",
        title="the CLI sends an event under another name than it reports",
        claims=(losses(Hop.SENT, exact=True), of(Kind.PHANTOM, Hop.SENT)),
        carries=(losses(Hop.RECEIVED, Hop.APPLIED), of(Kind.UNHANDLED)),
        by=per_run,
        taps=(Hop.EMITTED, Hop.SENT),
        strength=Strength.NAMED,
        against="what it sent has other data, or was reported as well, or has its own name and another session",
        remedy=(
            "Take the name that is reported and the one that is sent from one place. Where both are meant, say so in\n"
            "the target file: `events.names` leads from the one to the other."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if is_changed(evidence, outcome):
            return True
        pairs = renamed(evidence)
        return outcome.event_key not in pairs and all(s.event.key != outcome.key for s in pairs.values())

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [o for o in outcomes if not self.is_refuted(evidence, o) and o.hop is Hop.SENT]
        lost = {o.event_key for o in of_kind(mine, Kind.LOST)}
        pairs = {key: sent for key, sent in renamed(evidence).items() if key in lost}
        if pairs:
            called = dict.fromkeys((evidence.events[key].name, sent.event.name) for key, sent in pairs.items())
            places = [str(sent.detail.get("where") or UNKNOWN_PLACE) for sent in pairs.values()]
            yield self.blame(
                f"the CLI reports {names([f'{said!r} and sends {sent!r}' for said, sent in called])}.",
                [
                    f"{sent.observer}: reported {key} {evidence.events[key].name!r}, and sent its data as "
                    f"{sent.event.name!r} ({place})"
                    for (key, sent), place in [*zip(pairs.items(), places, strict=True)][:4]
                ],
                [*mine, *follow_from_it(evidence, outcomes)],
                at=mine,
                places=places,
            )


RULE = CliName()
