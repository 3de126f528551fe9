"""Why a run failed, told step by step from its record, with the code around it and what other routing would owe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.model import Hop
from harness.record.evidence import Evidence
from harness.record.sources import FILE, Sources, kept
from harness.reporting.explanation import MOST_SIGHTINGS, options, way
from harness.reporting.figures import Figures
from harness.reporting.page.render import html
from tests.support.history import at, clean, from_hop
from tests.support.reported import judged, long_run, mismatch, report

PLACE = "server/exchange.py:3 route"


def test_the_way_of_the_first_lost_event_ends_where_it_was_lost() -> None:
    found = way(Figures(*judged(mismatch())))
    assert found is not None
    assert (found.event.key, found.dashboard) == ("s/1", "A")
    assert [step.seen for step in found.steps] == [True, True, True, False, False, False, False]
    assert [step.hop for step in found.steps if step.is_break] == [Hop.ROUTED]
    assert found.steps[Hop.ROUTED].told == "emitted to room 's', and no recipient was resolved"


def test_a_hop_without_a_tap_is_said_to_be_blind_and_not_to_lack_the_event() -> None:
    history = clean().without(from_hop(Hop.DELIVERED))
    evidence, _ = judged(history)
    blind = replace(evidence.contract, taps=tuple(hop for hop in Hop if hop is not Hop.APPLIED))
    history.contract = blind
    found = way(Figures(*judged(history)))
    assert found is not None
    assert found.steps[Hop.APPLIED].seen is None
    assert found.steps[Hop.DELIVERED].told == "not seen at dashboard A"


def test_where_it_broke_unseen_its_cause_says_where_in_the_code() -> None:
    _, verdict = judged(mismatch())
    elsewhere = replace(verdict.blame[0], hop=Hop.RECEIVED, hops=(Hop.RECEIVED,), places=("tell.py:4 emit",))
    lacking = Evidence(mismatch().without(from_hop(Hop.RECEIVED)).ledger())
    found = way(Figures(lacking, replace(verdict, blame=(elsewhere,))))
    assert found is not None
    assert [step.place for step in found.steps[Hop.RECEIVED :]] == ["tell.py:4 emit", None, None, None, None]


def test_a_run_that_passed_has_nothing_to_explain() -> None:
    figures = Figures(*judged(clean()))
    assert way(figures) is None
    assert options(figures) == []
    assert "Why it failed" not in report(clean())


def test_every_strategy_says_what_it_would_have_owed_to_whom() -> None:
    found = {each.strategy: each for each in options(Figures(*judged(mismatch())))}
    assert found["broadcast"].is_here
    assert found["broadcast"].owed == {"A": 4, "B": 4}
    assert found["subscription"].owed == {"A": 0, "B": 0}, "no dashboard asked for the session"
    assert all(each.trade_off for each in found.values())


def test_a_record_too_long_to_be_read_again_leaves_the_other_strategies_out() -> None:
    evidence, verdict = judged(mismatch())
    evidence.ledger = replace(evidence.ledger, sightings=[*evidence.ledger.sightings] * (MOST_SIGHTINGS // 10))
    assert options(Figures(evidence, verdict)) == []
    assert judged(long_run(10))[1].answer.value == "passed"


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A folder of a system's code, and the folder of a run beside it."""
    (tmp_path / "system" / "server").mkdir(parents=True)
    (tmp_path / "run").mkdir()
    lines = ["one", "two", "await sio.emit(name, room=session)", "password = 'hunter22'", "five", "six", "seven"]
    (tmp_path / "system" / "server" / "exchange.py").write_text("\n".join(lines))
    (tmp_path / "outside.py").write_text("private\n")
    return tmp_path


def keep(system: Path, *places: str) -> None:
    sources = Sources([system / "system"])
    history = mismatch()
    for place in places:
        for record in history.ledger().sightings[:1]:
            sources.note(replace(record, detail={"where": place}))
    sources.keep(system / "run", lambda text: text)


def test_the_code_around_a_place_is_kept_with_the_run_and_without_its_secrets(system: Path) -> None:
    keep(system, PLACE, "server/exchange.py:3:7 route")
    found = kept(system / "run")
    assert {*found} == {PLACE, "server/exchange.py:3:7 route"}
    assert "→ 3  await sio.emit(name, room=session)" in found[PLACE].numbered()
    assert "hunter22" not in (system / "run" / FILE).read_text()
    assert (found[PLACE].first, len(found[PLACE].lines)) == (1, 6)


OUTSIDE = ("../outside.py:1 x", "/etc/hostname:1 x")
NOWHERE = ("server/exchange.py:99 x", "server/exchange.py:0", "server:1", "x", "\0:1")


@pytest.mark.parametrize("place", [*OUTSIDE, *NOWHERE])
def test_nothing_outside_the_system_and_no_line_that_is_not_there_is_kept(system: Path, place: str) -> None:
    keep(system, place)
    assert not (system / "run" / FILE).exists()


@pytest.mark.parametrize("text", ["", "[]", '{"x": 1}', '{"x": {"first": 1, "line": "2", "lines": []}}'])
def test_an_invalid_file_of_sources_shows_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert kept(tmp_path) == {}


def test_reports_show_the_code_at_each_place_on_the_way(system: Path) -> None:
    keep(system, PLACE)
    history = mismatch().changed(at(Hop.ROUTED), lambda r: replace(r, detail={**r.detail, "where": PLACE}))
    assert "→ 3  await sio.emit(name, room=session)" in report(history, system / "run")
    page = html(*judged(history), system / "run")
    assert '<h2 id="way-title">Why it failed</h2>' in page
    assert "→ 3  await sio.emit(name, room=session)" in page
    assert "Ways of routing" in page


def test_a_server_that_logs_no_emission_is_told_of_where_events_were_lost(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    log = tmp_path / "logs" / "server.log"
    log.write_text("Dashboard connected: abc, session: None\n")
    assert "no line of `server.log` names an event type" in report(mismatch(), tmp_path)
    log.write_text("Dashboard connected: abc, session: None\nEmitting to room s\n")
    assert "no line of `server.log`" not in report(mismatch(), tmp_path)
