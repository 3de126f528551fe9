"""List sliced: the list shows only some of the events, and nothing says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.evidence import Evidence
from harness.model import Blame, Hop, Kind, Outcome


class ListSliced:
    """The page counts more events than it has rows for, and has no note of it."""

    name = "list-sliced"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [o for o in of_kind(outcomes, Kind.TRUNCATED, hop=Hop.RENDERED) if evidence.view(o.label)]
        lines = []
        for label in dict.fromkeys(o.label for o in mine):
            view = evidence.view(label)
            shown, counted = (len(view.data.get("rows") or ()), view.data.get("counter")) if view else (0, 0)
            if isinstance(counted, int) and shown < counted:
                lines.append(f"dashboard {label}: {shown} rows, a counter of {counted}, and no note between them")
        mine = [o for o in mine if any(line.startswith(f"dashboard {o.dashboard}:") for line in lines)]
        if mine:
            yield blame(
                self.name,
                "the list is cut, and nothing on the page says so.",
                lines,
                "Say how many of how many are shown, with a way to the others; or show all of them, in a list that\n"
                "draws only what is in view.",
                mine,
            )


RULE = ListSliced()
