"""What a verdict says, to the letter: its sentence, its counts, what is missing, and each thing once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judge.judge import UnknownStrategy, counts, judge, judge_evidence
from harness.model import Answer, Hop, Kind, Outcome, Verdict, stated
from harness.model.facts import Fence, InFlight, PageIntrusion, Still
from harness.record.evidence import Evidence
from harness.record.ledger import Ending
from harness.reporting import sentences
from tests.support.facts import without
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said
from tests.support.stories import subscription


class Bare(Story):
    """A story that is judged without naming causes."""

    def verdict(self) -> Verdict:
        return judge(self.ledger())


def told(**contract: object) -> Bare:
    return Bare("broadcast", **contract).open("A", "B").start("main").emit("main", *TASK).end("main")


def outcome(kind: Kind, key: str | None, *hops: Hop, said: str = "why", dashboard: str = "A") -> Outcome:
    return Outcome(kind, "P1", key, dashboard, hops[0] if len(hops) == 1 else None, hops, stated(said))


LATE = outcome(Kind.LATE, "main/1", Hop.RENDERED)
LOST = outcome(Kind.LOST, "main/2", Hop.SENT)
NOWHERE = outcome(Kind.REFUSED, None)


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ([LATE, LOST], "1 of 5 events lost at sent"),
        ([LOST, LATE], "1 of 5 events lost at sent"),
        ([NOWHERE, LOST], "1 of 5 events lost at sent"),
        ([NOWHERE, LATE], "Refused at no hop: why"),
        ([LATE, NOWHERE], "1 of 5 events late at rendered"),
        ([LOST, replace(LOST, key="main/3"), replace(LOST, dashboard="B")], "2 of 5 events lost at sent"),
        ([LOST, replace(LOST, kind=Kind.DUPLICATED, key="main/3")], "1 of 5 events lost at sent"),
        ([LOST, outcome(Kind.LOST, "main/3", Hop.ROUTED)], "1 of 5 events lost at sent"),
        ([outcome(Kind.LOST, "main/2", Hop.ROUTED, Hop.DELIVERED)], "1 of 5 events lost at routed to delivered"),
        ([outcome(Kind.LOST, "main/2", *Hop)], "1 of 5 events lost at emitted to rendered"),
        ([LOST, replace(LOST, key=None)], "1 of 5 events lost at sent"),
        ([outcome(Kind.NOT_INERT, None, Hop.RENDERED, said="a dialog")], "Not-inert at rendered: a dialog"),
    ],
)
def test_the_worst_is_what_went_wrong_first_and_how_often(outcomes: list[Outcome], sentence: str) -> None:
    assert sentences.worst(outcomes, 5) == sentence


def test_the_sentence_of_each_answer() -> None:
    assert sentences.verdict(told().verdict()) == "Every promise held: 5 events, 2 dashboards."
    assert sentences.verdict(told().lose("main/2", Hop.SENT).verdict()) == "1 of 5 events lost at sent."
    unknown = told().settle().drop(said(Fence, "A"), said(Still, "B")).verdict()
    assert sentences.verdict(unknown) == f"Unknown: {sentences.unknown(unknown.unknowns[0])}."


def test_what_is_undetermined_is_not_what_a_failed_run_is_described_by() -> None:
    story = told().settle().drop(said(InFlight)).double(at(Hop.APPLIED, "main/2", "A"))
    verdict = story.verdict()
    assert sentences.verdict(verdict) == "1 of 5 events duplicated at applied."
    assert verdict.unknowns


def test_several_sessions_are_counted_together() -> None:
    story = Bare("broadcast").open("A").start("main").start("beside").emit("main", *TASK).emit("beside", *TASK[:1])
    verdict = story.emit("beside", TASK[-1]).end("main").end("beside").verdict()
    assert sentences.verdict(verdict) == "Every promise held: 7 events of 2 sessions, 1 dashboard."


def test_what_is_missing_is_said_property_by_property_the_torn_ledger_first() -> None:
    story = told(properties=("B3", "P1")).settle().drop(said(Fence, "A"), said(Fence, "B"))
    story.ending = Ending.CUT
    assert sentences.unknowns(story.verdict()) == [
        "the ledger stops before its end: the harness was stopped while it wrote",
        "P9: no fence was sent to dashboard A",
        "P12: no fence was sent to dashboard A",
        "B2: no fence was sent to dashboard A",
        "B3 was to be exercised, and was never checked",
    ]


def test_the_same_thing_found_by_two_properties_is_listed_once_by_the_first() -> None:
    verdict = told().lose("main/2", Hop.ROUTED, "B").verdict()
    assert {result.prop for result in verdict.properties if result.outcomes} >= {"P1", "B1"}
    assert [(o.prop, o.key, o.dashboard) for o in verdict.outcomes if o.kind is Kind.LOST] == [("P1", "main/2", "B")]


def test_the_same_kind_at_two_hops_is_two_findings() -> None:
    """A subscribed twice: an event is resolved twice for it (P2), and delivered twice (S2)."""
    ledger = subscription().double(at(Hop.ROUTED, "main/4")).double(at(Hop.DELIVERED, "main/4", "A")).ledger()
    found = [(o.prop, o.key, o.hop) for o in judge(ledger).outcomes if o.kind is Kind.DUPLICATED and o.dashboard == "A"]
    assert found == [("P2", "main/4", Hop.ROUTED), ("S2", "main/4", Hop.DELIVERED)]


def test_what_concerns_no_event_is_listed_once_for_each_thing_it_says() -> None:
    story = told()
    for what in ("a dialog: 1", "a dialog: 2", "a dialog: 2"):
        story.fact(PageIntrusion, "dashboard:A.1", what=what)
    assert len([o for o in story.verdict().outcomes if o.kind is Kind.NOT_INERT]) == 2


def test_an_event_that_is_wrong_at_two_dashboards_is_listed_for_each() -> None:
    verdict = told().lose("main/2", Hop.DELIVERED).verdict()
    assert {(o.dashboard, o.key) for o in verdict.outcomes if o.kind is Kind.LOST} == {("A", "main/2"), ("B", "main/2")}


def test_counts_are_of_the_session_of_the_run_or_of_all() -> None:
    story = told().start("beside").emit("beside", TASK[0], TASK[-1]).end("beside")
    assert counts(Evidence(story.ledger())) == dict.fromkeys(Hop, 5)
    story.contract = replace(story.contract, session=None)
    assert counts(Evidence(story.ledger())) == dict.fromkeys(Hop, 7)


def test_counts_are_of_distinct_events_over_all_pages_and_none_where_a_hop_is_blind() -> None:
    story = told(taps=tuple(hop for hop in Hop if hop is not Hop.SENT)).lose("main/2", Hop.DELIVERED, "A")
    story.double(at(Hop.APPLIED, "main/3", "B")).lose("main/4", Hop.RENDERED)
    wanted = {**dict.fromkeys(Hop, 5), Hop.SENT: None, Hop.RENDERED: 4}
    assert counts(Evidence(story.ledger())) == wanted


def test_an_event_is_routed_where_a_recipient_was_resolved_or_is_not_known() -> None:
    story = told().lose("main/2", Hop.ROUTED)
    story.change(at(Hop.ROUTED, "main/3"), lambda r: replace(r, recipients=None))
    assert counts(Evidence(story.ledger()))[Hop.ROUTED] == 4


def test_a_verdict_says_how_events_were_matched_and_how_absence_was_proven() -> None:
    verdict = told(identity="id").verdict()
    assert (verdict.identity, verdict.confidence, verdict.answer) == ("id", "fence", Answer.PASSED)
    assert {o.kind for o in verdict.outcomes} == {Kind.DELIVERED}
    assert [(o.dashboard, o.key) for o in verdict.outcomes] == [("A", None), ("B", None)], (
        "one outcome for what is alike"
    )
    quiet = told().settle()
    quiet.change(said(Fence), lambda f: without(f, "means"))
    assert quiet.verdict().confidence == "fence"


def test_an_unknown_strategy_is_named_with_the_known_ones() -> None:
    ledger = replace(told().ledger(), contract=replace(told().contract, strategy="pigeons"))
    with pytest.raises(UnknownStrategy) as raised:
        judge(ledger)
    known = "auto-discovery, broadcast, single-session, subscription"
    assert str(raised.value) == f"strategy 'pigeons': there is {known}."


def test_an_index_is_judged_like_its_ledger() -> None:
    ledger = told().lose("main/2", Hop.SENT).ledger()
    assert judge(ledger) == judge_evidence(Evidence(ledger))
    assert judge(ledger).answer is Answer.FAILED
