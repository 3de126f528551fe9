"""The judge against hand-written ledgers: every outcome, every missing piece of evidence, the right hop each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.diagnosis import diagnose
from harness.judge.judge import judge_evidence
from harness.model import Answer, Hop, Kind, Outcome, Panel, Verdict
from harness.model.facts import (
    Acknowledged,
    Answered,
    CliExited,
    ClockCompared,
    Connected,
    Fence,
    InFlight,
    Members,
    PageConnected,
    PageIntrusion,
    PageRefused,
    PanelShown,
    Requested,
    Still,
    TapTried,
    Unrouted,
    UnservedEmit,
    View,
)
from harness.record.evidence import Evidence
from harness.record.ledger import Ending, Ledger
from harness.reporting import sentences
from tests.support.history import (
    History,
    at,
    clean,
    connect,
    event,
    from_hop,
    load,
    of_kind,
    sid,
    with_data,
)


def bad(verdict: Verdict) -> set[Kind]:
    return {outcome.kind for outcome in verdict.outcomes} - {Kind.DELIVERED}


def only(verdict: Verdict, kind: Kind) -> list[Outcome]:
    found = [outcome for outcome in verdict.outcomes if outcome.kind is kind]
    assert found, f"no outcome is {kind}: {sentences.verdict(verdict)}"
    return found


def test_a_clean_run_passes() -> None:
    verdict = clean().verdict()
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)
    assert verdict.hops == dict.fromkeys(Hop, 4)
    assert verdict.blame == ()
    assert only(verdict, Kind.DELIVERED)


@pytest.mark.parametrize("hop", [Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED])
def test_an_event_is_lost_at_the_first_hop_that_has_not_seen_it(hop: Hop) -> None:
    verdict = clean().without(from_hop(hop, "s/2")).verdict()
    assert verdict.answer is Answer.FAILED
    assert {(o.key, o.hop, o.dashboard) for o in only(verdict, Kind.LOST) if o.prop == "P1"} == {
        ("s/2", hop, "A"),
        ("s/2", hop, "B"),
    }


def test_lost_for_one_dashboard_is_not_lost_for_the_other() -> None:
    verdict = clean().without(from_hop(Hop.DELIVERED, "s/3", "B")).verdict()
    assert {(o.key, o.dashboard) for o in only(verdict, Kind.LOST)} == {("s/3", "B")}


def test_missing_at_a_hop_and_seen_after_it_is_a_blind_tap_and_not_a_loss() -> None:
    verdict = clean().without(at(Hop.RECEIVED, "s/2")).verdict()
    assert Kind.LOST not in bad(verdict)


def test_a_hop_without_a_tap_makes_the_blame_a_range() -> None:
    history = clean().without(from_hop(Hop.ROUTED, "s/2")).without(at(Hop.ROUTED))
    taps = tuple(hop for hop in Hop if hop is not Hop.ROUTED)
    verdict = history.promising(taps=taps).verdict()
    lost = [o for o in only(verdict, Kind.LOST) if o.prop == "P1"]
    assert {(o.hop, o.hops) for o in lost} == {(None, (Hop.ROUTED, Hop.DELIVERED))}
    assert verdict.hops[Hop.ROUTED] is None


def test_what_comes_twice_is_duplicated_where_it_first_did() -> None:
    verdict = clean().see(Hop.DELIVERED, event(2), load("A"), 90).see(Hop.APPLIED, event(2), load("A"), 91).verdict()
    duplicated = only(verdict, Kind.DUPLICATED)
    assert {(o.key, o.dashboard, o.hop) for o in duplicated} == {("s/2", "A", Hop.DELIVERED)}


def test_a_number_that_falls_is_reordered() -> None:
    history = clean().without(at(Hop.DELIVERED, "s/2", "A")).see(Hop.DELIVERED, event(2), load("A"), 99)
    assert {(o.key, o.hop) for o in only(history.verdict(), Kind.REORDERED)} >= {("s/2", Hop.DELIVERED)}


def test_another_payload_is_corrupted_at_the_first_hop_that_shows_it() -> None:
    spoiled = replace(event(3), digest="other")
    history = clean().changed(from_hop(Hop.DELIVERED, "s/3", "A"), lambda s: replace(s, event=spoiled))
    corrupted = only(history.verdict(), Kind.CORRUPTED)
    assert {(o.key, o.hop, o.dashboard) for o in corrupted} == {("s/3", Hop.DELIVERED, "A")}


def test_what_was_never_emitted_is_a_phantom() -> None:
    history = clean().see(Hop.DELIVERED, event(9, name="step:done"), load("A"), 60)
    assert {(o.key, o.hop) for o in only(history.verdict(), Kind.PHANTOM)} == {("s/9", Hop.DELIVERED)}


def test_what_is_rendered_after_the_bound_is_late() -> None:
    history = clean().changed(at(Hop.RENDERED, "s/4", "B"), lambda s: replace(s, at_ns=s.at_ns + 500_000_000))
    assert {(o.key, o.dashboard) for o in only(history.verdict(), Kind.LATE)} == {("s/4", "B")}


def test_a_name_that_the_page_never_takes_is_unhandled() -> None:
    history = clean().without(lambda r: from_hop(Hop.APPLIED)(r) and r.event.name == "step:done")  # type: ignore[union-attr]
    verdict = history.verdict()
    assert {(o.key, o.hop) for o in only(verdict, Kind.UNHANDLED)} == {("s/2", Hop.APPLIED), ("s/3", Hop.APPLIED)}
    assert "no-reducer-case" in {blame.cause for blame in verdict.blame}


@pytest.mark.parametrize(
    ("view", "kind"),
    [
        ({"counter": 5}, Kind.MISRENDERED),
        ({"rows": ["s/4"]}, Kind.TRUNCATED),
        ({"status": {"text": "Disconnected", "connected": False}}, Kind.MISRENDERED),
        ({"panels": {"steps": {"session": "s", "text": "1 done", "values": {"done": "1"}}}}, Kind.MISRENDERED),
    ],
    ids=["counter", "list", "status", "panel"],
)
def test_a_page_that_shows_something_else_than_it_holds(view: dict[str, object], kind: Kind) -> None:
    verdict = clean().changed(of_kind(View, load("A")), with_data(**view)).verdict()
    assert {(o.dashboard, o.hop) for o in only(verdict, kind)} == {("A", Hop.RENDERED)}


def test_a_list_in_part_that_says_so_is_fine() -> None:
    window = {"text": "1 of 4", "shown": 1, "total": 4}
    verdict = clean().changed(of_kind(View), with_data(rows=["s/4"], window=window)).verdict()
    assert verdict.answer is Answer.PASSED


def test_a_panel_that_never_changes_is_misrendered() -> None:
    stale = with_data(text="none")
    history = clean().promising(panels=(Panel("steps", ("step:*",)),))
    verdict = history.changed(of_kind(PanelShown, load("B")), stale).verdict()
    assert {o.dashboard for o in only(verdict, Kind.MISRENDERED)} == {"B"}


def test_a_payload_that_runs_is_not_inert() -> None:
    verdict = clean().tell(PageIntrusion, load("A"), what="dialog alert: 1").verdict()
    assert only(verdict, Kind.NOT_INERT)[0].hop is Hop.RENDERED


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h.changed(of_kind(CliExited), with_data(status=1)),
        lambda h: h.without(from_hop(Hop.EMITTED, "s/4")).changed(of_kind(CliExited), with_data(status=-9)),
        lambda h: h.see(Hop.EMITTED, event(5, name="step:done"), "cli:main", 70),
    ],
    ids=["status", "no end", "more after the end"],
)
def test_a_wrong_end_is_incomplete(change: Callable[[History], History]) -> None:
    assert only(change(clean()).verdict(), Kind.INCOMPLETE)[0].hop is Hop.EMITTED


def test_who_is_not_let_in_is_refused() -> None:
    history = clean().without(of_kind(PageConnected, load("B"))).without(from_hop(Hop.DELIVERED, None, "B"))
    history.without(of_kind(Connected, "server", sid=sid("B")))
    history.changed(of_kind(Fence, load("B")), with_data(back=False, why="no connection", channel=None))
    history.changed(of_kind(Members), with_data(rooms={"dashboards": [sid("A")]}, connected=[sid("A")]))
    history.changed(at(Hop.ROUTED), lambda s: replace(s, recipients=(sid("A"),)))
    history.tell(PageRefused, load("B"), text="bad origin")
    refused = only(history.verdict(), Kind.REFUSED)
    assert {(o.dashboard, o.hop) for o in refused} == {("B", Hop.DELIVERED)}


def test_a_session_without_a_request_is_leaked() -> None:
    verdict = clean().promising(strategy="subscription", properties=("P6",)).verdict()
    assert {(o.dashboard, o.hop) for o in only(verdict, Kind.LEAKED)} == {("A", Hop.ROUTED), ("B", Hop.ROUTED)}


def opening(history: History, session: str, number: int, result: object) -> History:
    asked = {"sid": f"cli-{session}", "name": "session:open", "id": number, "args": [{"session": session}]}
    history.tell(Requested, "server", **asked)
    return history.tell(Answered, "server", **{**asked, "args": [result]})


def test_two_that_are_accepted_at_once_break_exclusivity() -> None:
    history = opening(opening(clean(), "x", 1, {"ok": True}), "y", 2, {"ok": True})
    verdict = history.promising(strategy="single-session", properties=("X1",)).verdict()
    assert only(verdict, Kind.EXCLUSIVITY)[0].prop == "X1"


def test_a_holder_that_is_gone_and_still_holds_is_stuck() -> None:
    history = opening(clean(), "x", 1, {"ok": True})
    closing = {"sid": "cli-x", "name": "session:close", "id": 9}
    history.tell(Requested, "server", **closing, args=[{"session": "x", "status": "completed"}])
    history.tell(Answered, "server", **closing, args=[{"ok": True}])
    refusal = {"ok": False, "error": {"code": "session-active", "holder": "x"}}
    verdict = opening(history, "y", 2, refusal).promising(strategy="single-session", properties=("X4",)).verdict()
    assert only(verdict, Kind.STUCK)[0].hop is Hop.RECEIVED


def torn(history: History) -> Ledger:
    return replace(history.ledger(), ending=Ending.CUT)


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h.without(of_kind(Fence, load("A"))),
        lambda h: h.changed(of_kind(Fence, load("A")), with_data(back=False, why="no connection")),
        lambda h: h.without(of_kind(Still, load("B"))),
        lambda h: h.changed(of_kind(Still), with_data(still=False, why="never at rest")),
        lambda h: h.without(of_kind(InFlight)),
        lambda h: h.changed(of_kind(InFlight), with_data(count=1)),
        lambda h: h.without(of_kind(TapTried, "server")),
        lambda h: h.without(of_kind(TapTried, load("A"), phase="after")),
        lambda h: h.changed(of_kind(TapTried, "cli:main", phase="before"), with_data(alive=False, why="dead")),
        lambda h: h.promising(declared=("run:started", "never:seen")),
        lambda h: h.promising(properties=("P1", "B3")),
        lambda h: h.without(from_hop(Hop.EMITTED)),
        lambda h: h.without(of_kind(ClockCompared)),
        lambda h: h.without(of_kind(View)),
    ],
    ids=[
        "no fence", "fence not back", "rest unseen", "not still", "handlers uncounted",
        "a handler runs", "no canary", "no canary after", "dead canary", "a declared type unseen",
        "a property not exercised", "no event at all", "no clock", "no view",
    ],
)  # fmt: skip
def test_missing_evidence_is_unknown_and_neither_passed_nor_failed(change: Callable[[History], History]) -> None:
    verdict = change(clean()).verdict()
    assert verdict.answer is Answer.UNKNOWN, sentences.verdict(verdict)
    assert verdict.unknowns


def test_a_torn_ledger_is_unknown() -> None:
    assert judge_evidence(Evidence(torn(clean()))).answer is Answer.UNKNOWN


def test_a_loss_that_is_not_proven_is_undetermined() -> None:
    history = clean().without(from_hop(Hop.DELIVERED, "s/4", "A")).without(of_kind(Fence, load("A")))
    verdict = history.verdict()
    assert Kind.LOST not in {o.kind for o in verdict.outcomes if o.prop == "P1"}
    assert only(verdict, Kind.UNDETERMINED)


def test_what_a_failed_cli_had_not_acknowledged_is_not_owed() -> None:
    history = clean().without(from_hop(Hop.RECEIVED, "s/4")).without(of_kind(Acknowledged, key="s/4"))
    verdict = history.changed(of_kind(CliExited), with_data(status=-9, killed=True)).verdict()
    assert Kind.LOST not in bad(verdict)


def mismatch() -> History:
    history = clean().without(from_hop(Hop.DELIVERED)).changed(at(Hop.ROUTED), lambda s: replace(s, recipients=()))
    rooms = {"dashboards": [sid("A"), sid("B")]}
    for seq in range(1, 5):
        around = {"connected": [sid("A"), sid("B")], "rooms": rooms, "where": "app.py:7 emit"}
        history.tell(Unrouted, "server", key=f"s/{seq}", room="s", **around)
    return history


def test_room_mismatch_is_blamed_with_room_members_and_the_place() -> None:
    verdict = mismatch().verdict()
    first = verdict.blame[0]
    assert (first.cause, first.hop) == ("room-mismatch", Hop.ROUTED)
    evidence = "\n".join(sentences.evidence(first))
    for word in ("'s'", "app.py:7", "members of room", sid("A"), "dashboard:A.1", "'dashboards'"):
        assert word in evidence


def test_a_server_object_without_clients_is_blamed_at_sent() -> None:
    history = clean().without(from_hop(Hop.SENT)).without(of_kind(Acknowledged))
    history.tell(UnservedEmit, "cli:main", event="run:started", key="s/1", where="cli.py:3 emit", room="s")
    verdict = history.verdict()
    assert (verdict.blame[0].cause, verdict.blame[0].hop) == ("wrong-process", Hop.SENT)
    assert "cli.py:3" in sentences.evidence(verdict.blame[0])[0]


def test_two_causes_at_once_are_both_named() -> None:
    history = mismatch().without(from_hop(Hop.RECEIVED, "s/4")).without(of_kind(Unrouted, key="s/4"))
    causes = {blame.cause for blame in history.without(of_kind(Acknowledged, key="s/4")).verdict().blame}
    assert {"room-mismatch", "exit-before-ack"} <= causes


def test_without_rules_the_hops_stay_right() -> None:
    evidence = Evidence(mismatch().ledger())
    verdict = diagnose(evidence, judge_evidence(evidence), using={})
    assert {(blame.cause, blame.hop) for blame in verdict.blame} == {("unexplained", Hop.ROUTED)}


def test_a_late_dashboard_is_owed_the_whole_of_a_session_that_goes_on() -> None:
    history = clean(["A"])
    connect(history, "C")
    history.promising(dashboards=("A", "C"))
    assert Kind.LOST not in {o.kind for o in history.verdict().outcomes if o.prop == "P1"}, "the session was over"


def test_a_run_without_dashboards_is_unrouted_unless_declared() -> None:
    history = clean([]).promising(dashboards=(), properties=("P13",))
    assert {o.prop for o in only(history.verdict(), Kind.LOST)} == {"R2"}
    assert Kind.LOST not in bad(history.promising(unrouted_declared=True).verdict())
