"""Never opened: the page makes a Socket.IO client that is never told to connect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._listeners import heard_names
from harness.diagnosis._parties import dashboards
from harness.diagnosis.rule import Head, Pattern, Rule, per_run
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import HandlerError, NoHandler, PageListens, PageRefused
from harness.record.evidence import Evidence, names


class NeverOpened(Rule):
    """The page listens with a client, came to rest, and neither it nor the server tells of any attempt to connect."""

    head = Head(
        cause="never-opened",
        title="the page makes a Socket.IO client, and never connects it",
        claims=(Pattern((Kind.REFUSED,), (Hop.DELIVERED,), exact=True, aspects=(Aspect.DASHBOARD_UNOPENED,)),),
        by=per_run,
        strength=Strength.ABSENT,
        against=(
            "the page or the server tells of an attempt that was refused, kept waiting or let in; a script of the\n"
            "page failed; or the page's client, or the server's connections, are not observed"
        ),
        remedy=(
            "Call `socket.connect()` where the page is ready: with `autoConnect: false` nothing else does. Look for\n"
            "what was to call it and never did: a condition, an effect, a click."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if evidence.facts(PageRefused, f"dashboard:{outcome.label}"):
            return True
        if any(each.body.name == "connect" for each in evidence.facts(HandlerError)):
            return True
        return any(each.body.name == "connect" for each in evidence.facts(NoHandler))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        labels = dict.fromkeys(sorted(outcome.label for outcome in outcomes))
        lines, places = list[str](), dict[str, None]()
        for label in labels:
            for load in evidence.loads_of(label)[-1:]:
                mine = [f for f in evidence.facts(PageListens) if f.observer == load and f.body.where]
                places |= {str(f.body.where): None for f in mine[:1]}
                heard = names([*map(repr, heard_names(evidence, load))]) or "messages"
                at = f" (from {mine[0].body.where} on)" if mine else ""
                lines.append(f"{load}: its client listens to {heard}{at}, and never connected")
                lines.append(f"{load}: came to rest without it; the server has no connection of dashboard {label}")
        yield self.blame(
            f"{dashboards(labels)}: the page has a Socket.IO client, and never connects it.",
            lines,
            outcomes,
            places=places,
        )


RULE = NeverOpened()
