"""CLI name: the CLI sends an event under another name than it reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, of, of_kind, per_run
from harness.model import Blame, Hop, Kind, Outcome, Sighting, Strength
from harness.record.evidence import Evidence, names


class CliName(Rule):
    """Lost at sent, and the same CLI sent the very data under a name that it has reported nothing of."""

    head = Head(
        cause="cli-name",
        title="the CLI sends an event under another name than it reports",
        claims=(losses(Hop.SENT, exact=True), of(Kind.PHANTOM, Hop.SENT)),
        by=per_run,
        taps=(Hop.EMITTED, Hop.SENT),
        strength=Strength.NAMED,
        against="what it sent has other data, or was reported as well",
        remedy=(
            "Take the name that is reported and the one that is sent from one place. Where both are meant, say so in\n"
            "the target file: `events.names` leads from the one to the other."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        pairs = renamed(evidence)
        return outcome.event_key not in pairs and all(s.event.key != outcome.key for s in pairs.values())

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost = {o.event_key for o in of_kind(outcomes, Kind.LOST)}
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
                outcomes,
                places=places,
            )


def renamed(evidence: Evidence) -> Mapping[str, Sighting]:
    """Event that was reported and not sent to what its CLI sent instead: the same data, unreported, each once."""
    reported, sent = evidence.once[Hop.EMITTED], evidence.once[Hop.SENT]
    strange = [found[0] for key, found in sent.items() if key not in reported and found[0].event.digest]
    found: dict[str, Sighting] = {}
    for key in (key for key in reported if key not in sent):
        mine = evidence.events[key].digest, evidence.cli_of(key)
        other = next((s for s in strange if (s.event.digest, s.observer) == mine), None)
        if other is not None:
            found[key] = other
            strange.remove(other)
    return found


RULE = CliName()
