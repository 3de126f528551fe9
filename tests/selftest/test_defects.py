"""Seeded defects: what a file declares is checked, a trial is scored rightly, and a sample is caught for real."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.model import Answer, Hop, Kind
from harness.selftest.defects import catalogue as defects
from harness.selftest.defects.catalogue import Finding, Seeded, catalogue
from harness.selftest.defects.pool import play_all
from harness.selftest.defects.scenes import SCENES
from harness.selftest.defects.score import Named, Score, Trial, document
from harness.selftest.defects.table import show
from harness.target.process import TargetError

BUG = Seeded(
    id="bug",
    mechanism="something breaks",
    strategy="broadcast",
    scene="task",
    routing="broadcast",
    findings=(Finding(Kind.LOST, Hop.ROUTED, "a-cause"),),
    off=(),
    page="",
    wire="",
    file=Path("bug.py"),
    in_cli=False,
    in_server=False,
)
RIGHT = Named((Kind.LOST,), Hop.ROUTED, (Hop.ROUTED,), "a-cause")


def trial(*blames: Named, seeded: Seeded = BUG, answer: Answer | None = Answer.FAILED) -> Trial:
    return Trial(seeded, 1, answer, blames, "", "run", 1.0, "" if answer else "it broke")


def test_every_declared_scene_strategy_and_cause_is_there() -> None:
    for seeded in catalogue():
        assert seeded.scene in SCENES and seeded.mechanism
        assert seeded.is_harmless or all(finding.cause for finding in seeded.findings)


def test_a_defect_that_is_not_there_is_a_plain_mistake() -> None:
    with pytest.raises(TargetError, match=r"defect page-erorr in .*did you mean page-error\?\nThere are \d+: "):
        catalogue(["page-erorr"])


def test_a_defect_that_declares_an_unknown_hop_is_refused_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from fixtures.defects import Found, wrong_process

    wrong = replace(wrong_process.DEFECT, found=(Found("lost", "nowhere", "?"),))
    monkeypatch.setattr(wrong_process, "DEFECT", wrong)
    with pytest.raises(TargetError, match=r"wrong_process\.py: 'nowhere'"):
        defects.read("wrong-process", defects.FOLDER / "wrong_process.py")


OTHER_HOP = replace(RIGHT, hop=Hop.SENT, hops=(Hop.SENT,))
RANGE = replace(RIGHT, hop=None, hops=(Hop.ROUTED, Hop.DELIVERED))


@pytest.mark.parametrize(
    ("blames", "hop", "cause", "wrong"),
    [
        ((RIGHT,), True, True, False),
        ((replace(RIGHT, cause="another"),), True, False, False),
        ((replace(RIGHT, outcomes=(Kind.LATE,)),), False, False, False),
        ((OTHER_HOP,), False, False, True),
        ((OTHER_HOP, RIGHT), True, False, True),
        ((RIGHT, OTHER_HOP), True, True, False),
        ((RANGE,), True, True, False),
        ((), False, False, True),
    ],
)
def test_hop_cause_and_wrong_blame(blames: tuple[Named, ...], hop: bool, cause: bool, wrong: bool) -> None:
    found = trial(*blames)
    assert (found.is_hop_right, found.is_cause_right, found.is_blame_wrong) == (hop, cause, wrong)
    assert found.is_as_expected is cause


def test_two_bugs_need_both_causes_before_all_others() -> None:
    second = Finding(Kind.DUPLICATED, Hop.SENT, "another-cause")
    two = replace(BUG, findings=(*BUG.findings, second))
    other = Named((Kind.DUPLICATED,), Hop.SENT, (Hop.SENT,), "another-cause")
    assert trial(other, RIGHT, seeded=two).is_as_expected
    assert not trial(RIGHT, seeded=two).is_as_expected
    stranger = replace(other, cause="a-stranger")
    assert not trial(stranger, RIGHT, other, seeded=two).is_as_expected


def test_a_harmless_variant_must_pass_and_any_alarm_is_wrong() -> None:
    harmless = replace(BUG, findings=())
    assert trial(seeded=harmless, answer=Answer.PASSED).is_as_expected
    assert not trial(seeded=harmless, answer=Answer.UNKNOWN).is_as_expected
    alarm = trial(RIGHT, seeded=harmless)
    assert alarm.is_blame_wrong and not alarm.is_as_expected


@pytest.mark.parametrize(
    ("blames", "answer", "is_right"),
    [
        ((RANGE,), Answer.FAILED, True),
        ((OTHER_HOP,), Answer.FAILED, False),
        ((), Answer.UNKNOWN, True),
        ((), Answer.PASSED, False),
    ],
)
def test_with_a_tap_off_unknown_and_a_range_are_right(
    blames: tuple[Named, ...], answer: Answer, is_right: bool
) -> None:
    assert trial(*blames, seeded=replace(BUG, off=(Hop.ROUTED,)), answer=answer).is_as_expected is is_right


@pytest.mark.parametrize("each", [trial(RIGHT, RANGE), trial(answer=None)])
def test_a_trial_comes_back_from_another_process(each: Trial) -> None:
    assert Trial.from_line(BUG, 1, each.to_line()) == each


def test_a_trial_that_broke_is_neither_caught_nor_as_expected() -> None:
    score = Score.of([trial(RIGHT), trial(answer=None)])
    assert (score.trials, score.caught, score.as_expected, score.broken) == (2, 1, 1, 1)


def test_the_document_and_the_table_tell_what_was_expected_and_found() -> None:
    trials = [trial(OTHER_HOP), trial(RIGHT)]
    found = json.loads(json.dumps(document(trials, 3.0)))
    assert found["total"]["as_expected"] == 1 and found["seconds"] == 3.0
    assert found["defects"][0]["expected"] == [{"outcome": "lost", "hop": "routed", "cause": "a-cause"}]
    assert found["defects"][0]["trials"][0]["found"][0]["hop"] == "sent"
    show(trials, 3.0, out := io.StringIO())
    assert "expected lost at routed: a-cause" in out.getvalue()
    assert "found lost at sent: a-cause" in out.getvalue()


@pytest.mark.slow
def test_a_sample_of_the_catalogue_is_found_as_it_should_be() -> None:
    sample = catalogue(["no-reducer-case", "handler-forgets", "harmless-extra-field", "room-left", "server-ended"])
    trials = list(play_all(sample, repeat=1, workers=1))
    assert [(each.seeded.id, each.is_as_expected) for each in trials if not each.is_as_expected] == []
    assert len(trials) == len(sample)
