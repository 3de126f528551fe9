"""What an acknowledgement says, yes or no, in the ways that servers say it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.taps.answers import SHOWN, UNSAID, Answers, words

ASKED = [{"item": "tea", "qty": 2}]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([{"ok": False, "error": "full"}], "full"),
        ([{"ok": False, "error": {"code": "not-kept"}}], "not-kept"),
        ([{"ok": False}], UNSAID),
        ([{"success": False, "message": "no"}], UNSAID),
        ([{"error": "not allowed"}], "not allowed"),
        ([{"error": {"message": "not allowed"}}], "not allowed"),
        ([{"error": True}], UNSAID),
        ([{"error": {}}], UNSAID),
        ([{"err": "E42", "data": None}], "E42"),
    ],
)
def test_an_answer_that_says_what_was_wrong_is_a_no(answer: Any, reason: str) -> None:
    assert Answers().refusal("placed", answer, ASKED) == reason


@pytest.mark.parametrize(
    "answer",
    [
        *([], None, [None], [None, {"id": 1}], ["saved"], ["not allowed"], [17], [{}], [True], [{"id": 1}]),
        *([{"ok": True}], [{"ok": True, "error": "none"}], [{"status": "ok", "error": None}], [{"errors": {}}]),
        *(
            [{"success": True, "error": {}}],
            [{"id": 1, "error": {}}],
            [{"error": False}],
            [{"error": ""}],
            [{"error": 0}],
        ),
    ],
)
def test_a_healthy_answer_is_none(answer: Any) -> None:
    assert Answers().refusal("placed", answer, ASKED) is None


def test_an_event_that_tells_of_an_error_may_be_answered_with_itself() -> None:
    told = {"job": 4, "error": "disk full"}
    assert Answers().refusal("failed", [told | {"at": 7}], [told]) is None
    assert Answers().refusal("failed", [{"error": "no such job"}], [told]) == "no such job"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (["not allowed"], "not allowed"),
        (["not allowed", None], "not allowed"),
        ([{}], UNSAID),
        ([{"message": "not allowed"}], "not allowed"),
        (["late", {"id": 2}], None),
        ([{"ok": True}], None),
        ([""], None),
        ([7], None),
    ],
)
def test_errors_come_first_where_null_came_first_before(answer: Any, reason: str | None) -> None:
    answers = Answers()
    assert answers.refusal("placed", [None, {"id": 1}], ASKED) is None
    assert answers.refusal("placed", answer, ASKED) == reason


@pytest.mark.parametrize(
    ("before", "is_no"),
    [
        ([[None], [None, 1]], True),
        ([[None], ["saved"], [None]], False),
        ([["saved"], [None], [None]], False),
        ([[None]], False),
        ([], False),
        ([[], [], []], False),
    ],
)
def test_errors_come_first_in_any_message_of_a_server_that_answers_all_others_with_null(
    before: list[Any], is_no: bool
) -> None:
    answers = Answers()
    for number, answer in enumerate(before):
        assert answers.refusal(f"other-{number}", answer, ASKED) is None
    assert answers.refusal("placed", ["not allowed"], ASKED) == ("not allowed" if is_no else None)


def test_the_words_of_a_text_alone_are_kept_in_short() -> None:
    assert words(["platform is closed", 7]) == "platform is closed"
    assert words(["x" * 500]) == "x" * SHOWN
    assert [words(each) for each in ([], [None], [{"ok": True}], [7], None, "text")] == [None] * 6
