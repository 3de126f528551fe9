"""No listener: the page listens to another name than the one that the server emits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._listeners import Unheard, heard_names, nearest, unheard
from harness.diagnosis._renamed import is_renamed
from harness.diagnosis.rule import Head, Rule, losses, of, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class NoListener(Rule):
    """Lost in the page: when it came, the page's client had no listener for its name, and never had one."""

    head = Head(
        cause="no-listener",
        title="the page has no listener for the name of a message",
        claims=(losses(Hop.APPLIED), of(Kind.UNHANDLED, Hop.APPLIED)),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the page had a listener for the name, or for every name, or the event was given that name on its way",
        remedy=(
            "Listen under the name that the server emits, or emit under the one that the page listens to. Take the\n"
            "names from one list that both sides share."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        """Who was given another name before is not known by it: that is where the first thing went wrong."""
        return is_renamed(evidence, outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        pages: dict[tuple[str, ...], list[Unheard]] = defaultdict(list)
        for each in unheard(evidence, outcomes):
            if each.gone is None and each.later is None:
                pages[tuple(heard_names(evidence, each.load))].append(each)
        for others, mine in pages.items():  # what one page listens to was written at one time
            loads = sorted({each.load for each in mine})
            came = {
                s.detail.get("carrier") or s.event.name
                for load in loads
                for s in evidence.on_page(Hop.DELIVERED, load).kinds()
            }
            waiting = [each for each in others if each not in came]
            lacks = [*dict.fromkeys(each.name for each in mine)]
            near = [*dict.fromkeys(name for each in lacks if (name := nearest(each, waiting)) is not None)]
            instead = f"; it listens to {names(map(repr, near))}." if near else "."
            yield self.blame(
                f"the page has no listener for {names(map(repr, lacks))}{instead}",
                [
                    *(
                        f"{amount(_count(mine, name), 'message')} {name!r} delivered to {names(loads)}: 0 listeners"
                        for name in lacks
                    ),
                    f"it listens to {names([repr(each) for each in others]) or 'no name'}",
                    *([f"under {names([repr(each) for each in waiting])} nothing came"] if waiting else []),
                ],
                [each.outcome for each in mine],
            )


def _count(found: Iterable[Unheard], name: str) -> int:
    return len({each.outcome.key for each in found if each.name == name})


RULE = NoListener()
