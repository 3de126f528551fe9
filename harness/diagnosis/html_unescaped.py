"""HTML unescaped: the page takes a payload for markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, of, of_kind, per_dashboard
from harness.judge.values.texts import without_tags
from harness.model import Aspect, Blame, Cited, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class HtmlUnescaped(Rule):
    """Something that a payload brought about was seen in the page, or a row shows its text without its tags."""

    head = Head(
        cause="html-unescaped",
        title="the page takes a payload for markup",
        claims=(of(Kind.NOT_INERT), about(Kind.MISRENDERED, Aspect.ROW_TEXT)),
        by=per_dashboard,
        strength=Strength.NAMED,
        against="the row lacks more of the text than its tags, or the text has none",
        remedy=(
            "Set payloads as text (textContent, or a framework's own interpolation), never as HTML; where\n"
            "that is wanted, sanitise it. A content security policy is the second line, not the first."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.kind is Kind.MISRENDERED and not _lacks_tags(outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        active = of_kind(outcomes, Kind.NOT_INERT)
        if active:
            yield self.blame(
                "a payload became part of the document instead of its text.",
                [Cited(o.finding, f"dashboard {o.dashboard}: ") for o in active[:5]],
                active,
            )
        bare = of_kind(outcomes, Kind.MISRENDERED)
        if bare:
            yield self.blame(
                "what a payload says in tags is not shown as text: the page takes it for markup, or strips it.",
                [Cited(o.finding, f"dashboard {o.dashboard}: {o.key} ") for o in bare[:5]],
                bare,
                strength=Strength.AROUND,
            )


def _lacks_tags(outcome: Outcome) -> bool:
    """Whether a row shows what a text is as markup, and not the text."""
    said, shown = str(outcome.finding.expected or ""), " ".join(str(outcome.finding.found or "").split())
    as_markup = " ".join(without_tags(said).split())
    is_markup = outcome.finding.aspect is Aspect.ROW_TEXT and as_markup != " ".join(said.split())
    return is_markup and bool(as_markup) and as_markup in shown


RULE = HtmlUnescaped()
