"""Where a rule stops: another kind of failure, another hop; and what several causes share among themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.diagnosis.consequences import is_consequence, with_consequences
from harness.diagnosis.order import comes_after, divided, rank
from harness.diagnosis.rule import blame
from harness.model import Aspect, Blame, Finding, Hop, Kind, Outcome, Strength
from tests.support.causes import CAUSES, told
from tests.support.causes_in_clis import EVENTS
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.ledgers import Story
from tests.support.other_systems import EACH

SAYS_ITS_HOP = {
    *("terminal-twice", "status-disagrees", "killed-mid-run", "cli-namespace", "two-active", "rejected-without-code"),
    *(
        "refused",
        "lease-stuck",
        "bad-token",
        "made-up",
        "payload-changed",
        "number-rounded",
        "values-swapped",
        "name-style",
        "counter-off",
        "panel-stale",
    ),
    *("sessions-mixed", "html-unescaped", "says-connected", "never-acknowledged", "rejection-swallowed"),
    *("announced-late", "cli-failed", "name-changed", "connect-raises", "not-sticky", "connect-missed"),
}
"""Causes of failures of which the kind, the property or the words say where they are: no rule asks for their hop."""


@pytest.mark.parametrize("cause", sorted({*CAUSES} - SAYS_ITS_HOP))
def test_the_same_kind_of_failure_at_another_hop_is_another_cause(cause: str) -> None:
    story = paper(cause)
    failed = [each for each in story.verdict().outcomes if each.kind is not Kind.DELIVERED]
    assert cause in {each.cause for each in explained(cause, story, *failed)}
    elsewhere = [replace(each, hop=Hop.EMITTED, hops=(Hop.EMITTED,)) for each in failed]
    assert explained(cause, story, *elsewhere) == []


@pytest.mark.parametrize("cause", sorted({*CAUSES} - {"made-up", "identity-changed"}))
def test_another_kind_of_failure_at_the_same_hop_is_another_cause(cause: str) -> None:
    story = paper(cause)
    failed = [each for each in story.verdict().outcomes if each.kind is not Kind.DELIVERED]
    assert explained(cause, story, *(replace(each, kind=Kind.PHANTOM) for each in failed)) == []


LOST = outcome(Kind.LOST, Hop.ROUTED, "main/1")
MISRENDERED = outcome(
    Kind.MISRENDERED,
    Hop.RENDERED,
    None,
    "A",
    Finding(Aspect.PANEL_VALUE, panel="overview", field="events", expected=2, found="1"),
)
NOWHERE = Outcome(Kind.EXCLUSIVITY, "X1", None, "A", None, (), Finding(Aspect.SECOND_ACTIVE, session="main"))


def cause(*explains: Outcome, name: str = "cause", strength: Strength = Strength.NAMED) -> Blame:
    hops = tuple(sorted({hop for each in explains for hop in each.hops}))
    return Blame(None, hops, name, "", (), "", explains, strength)


def test_a_cause_keeps_the_outcomes_that_no_other_has_better_evidence_for() -> None:
    other = replace(LOST, key="main/2")
    best, weaker = cause(LOST, name="best"), cause(LOST, other, name="weaker", strength=Strength.AROUND)
    nothing = cause(LOST, name="nothing", strength=Strength.ABSENT)
    assert divided([best, weaker, nothing]) == [best, replace(weaker, explains=(other,))]


@pytest.mark.parametrize(("status", "gave_up"), [(5, True), (1, True), (0, False), (-9, False)])
def test_of_a_session_whose_cli_gave_up_only_its_open_end_follows_from_that(status: int, gave_up: bool) -> None:
    story = Story("broadcast", declared=()).open("A").start("main").emit("main", *EVENTS[:4]).end("main", status=status)
    end = Outcome(
        Kind.INCOMPLETE,
        "P7",
        None,
        None,
        Hop.EMITTED,
        (Hop.EMITTED,),
        Finding(Aspect.TERMINAL_COUNT, session="main", count=0),
    )
    again = cause(replace(LOST, key="main/2"), name="again")
    found = with_consequences(evidence(story), [cause(LOST), again], [LOST, end, NOWHERE])
    assert [each.explains for each in found] == [(LOST, end) if gave_up else (LOST,), again.explains]


def test_what_a_page_without_events_shows_wrongly_follows_from_their_first_loss() -> None:
    undrawn = outcome(Kind.LOST, Hop.RENDERED, "main/1")
    again, elsewhere = cause(replace(undrawn, key="main/2")), cause(replace(undrawn, dashboard="B"))
    failed = [undrawn, MISRENDERED, replace(MISRENDERED, dashboard="C")]
    found = with_consequences(evidence(told()), [elsewhere, cause(undrawn), again], failed)
    assert [each.explains for each in found] == [elsewhere.explains, (undrawn, MISRENDERED), again.explains]


def test_what_a_page_never_got_is_not_why_it_shows_what_it_holds_wrongly() -> None:
    found = with_consequences(evidence(told()), [cause(LOST)], [LOST, MISRENDERED])
    assert [each.explains for each in found] == [(LOST,)]
    blind = told(taps=tuple(hop for hop in Hop if hop is not Hop.APPLIED))
    undrawn = outcome(Kind.LOST, Hop.DELIVERED, "main/1")
    found = with_consequences(evidence(blind), [cause(undrawn)], [undrawn, MISRENDERED])
    assert [each.explains for each in found] == [(undrawn,)]


def test_only_who_shows_the_wrong_thing_and_nothing_else_may_be_a_consequence() -> None:
    before, none = cause(outcome(Kind.LOST, Hop.RENDERED, "main/1")), evidence(told())
    assert is_consequence(none, cause(MISRENDERED), [before])
    assert not is_consequence(none, cause(MISRENDERED), [cause(LOST)])
    assert not is_consequence(none, cause(MISRENDERED, LOST), [before])
    assert not is_consequence(none, cause(LOST), [before])
    elsewhere = cause(outcome(Kind.LOST, Hop.RENDERED, "main/1", "B"))
    assert not is_consequence(none, cause(MISRENDERED), [elsewhere, cause(NOWHERE)])


def test_a_status_follows_from_a_connection_that_was_refused_and_from_no_event() -> None:
    status = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A", Finding(Aspect.STATUS, found="Connected"))
    refused = outcome(Kind.REFUSED, Hop.DELIVERED, None, "A", Finding(Aspect.DASHBOARD_OUTSIDE, party="dashboard:A"))
    assert is_consequence(evidence(told()), cause(status), [cause(refused)])
    assert not is_consequence(evidence(told()), cause(status), [cause(outcome(Kind.LOST, Hop.RENDERED, "main/1"))])
    assert not is_consequence(evidence(told()), cause(status), [cause(replace(refused, dashboard="B"))])


def unnamed(hop: Hop, *numbers: int, kind: Kind = Kind.LOST, label: str = "A") -> Blame:
    lost = (outcome(kind, hop, f"main/{number}", label) for number in numbers)
    return cause(*lost, name="unexplained", strength=Strength.NONE)


def test_what_has_a_name_comes_after_more_losses_before_it_that_have_none() -> None:
    shown = cause(MISRENDERED)
    assert comes_after(shown, [unnamed(Hop.ROUTED, 1, 2)])
    assert not comes_after(shown, [unnamed(Hop.RENDERED, 1, 2)]), "at the same hop"
    assert not comes_after(shown, [unnamed(Hop.ROUTED, 1, 2, label="B")]), "of another page"
    assert not comes_after(shown, [unnamed(Hop.ROUTED, 1, 2, kind=Kind.LATE)]), "late, and there"
    assert not comes_after(shown, [cause(LOST)]), "it has a name itself"
    later = cause(*(outcome(Kind.LOST, Hop.DELIVERED, f"main/{number}") for number in (4, 5, 6)))
    assert not comes_after(later, [unnamed(Hop.ROUTED, 1, 2)]), "of fewer events"


@EACH
def test_two_unrelated_bugs_are_two_blames_and_one_bug_is_one(
    system: Callable[[], Story],
) -> None:
    """An event is lost in the server; and the same page says fewer than it got."""
    one = system().lose("main/3", Hop.ROUTED, "A")
    assert [each.hops for each in one.verdict().blame] == [(Hop.ROUTED,)]
    two = system().lose("main/3", Hop.ROUTED, "A").shows("A", counter=2)
    found = {hop for each in two.verdict().blame for hop in each.hops}
    assert Hop.ROUTED in found and Hop.RENDERED in found and len(two.verdict().blame) >= 2


def test_a_cause_is_at_one_hop_where_all_that_it_explains_is() -> None:
    later = outcome(Kind.LOST, Hop.DELIVERED)
    assert blame("cause", "", (), "", [LOST, replace(LOST, key="main/2")]).hop is Hop.ROUTED
    assert (found := blame("cause", "", (), "", [LOST, later])).hop is None
    assert found.hops == (Hop.ROUTED, Hop.DELIVERED)
    assert blame("cause", "", (), "", [LOST, later], at=[later]).hops == (Hop.DELIVERED,)


def test_what_has_no_hop_comes_after_what_has_one() -> None:
    assert rank(cause(NOWHERE)) == (-Strength.NAMED, 0, Hop.RENDERED, "cause")
    assert rank(cause(LOST)) == (-Strength.NAMED, -1, Hop.ROUTED, "cause")
