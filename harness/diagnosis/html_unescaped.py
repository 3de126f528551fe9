"""HTML unescaped: the page takes a payload for markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_dashboard
from harness.model import Blame, Cited, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class HtmlUnescaped(Rule):
    """Something that a payload brought about was seen in the page."""

    head = Head(
        cause="html-unescaped",
        title="the page takes a payload for markup",
        claims=(of(Kind.NOT_INERT),),
        by=per_dashboard,
        strength=Strength.NAMED,
        against="the page's own code did the same without a payload",
        remedy=(
            "Set payloads as text (textContent, or a framework's own interpolation), never as HTML; where\n"
            "that is wanted, sanitise it. A content security policy is the second line, not the first."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for outcome in of_kind(outcomes, Kind.NOT_INERT):
            mine = [o for o in of_kind(outcomes, Kind.NOT_INERT) if o.dashboard == outcome.dashboard]
            if outcome is mine[0]:
                yield self.blame(
                    "a payload became part of the document instead of its text.",
                    [Cited(o.finding, f"dashboard {o.dashboard}: ") for o in mine[:5]],
                    mine,
                )


RULE = HtmlUnescaped()
