"""What a person reads in a row: its text, against the data of its event. Its place: test_list.py."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judge.values.texts import leaves
from harness.model import Answer, Aspect, Hop, Kind
from tests.support.causes_in_clis import EVENTS
from tests.support.shown_rows import KEYS, TEXTS, TITLES, as_text, found, shown, text


def test_rows_that_say_what_their_events_say_pass() -> None:
    assert shown().answer is Answer.PASSED
    assert shown(KEYS[::-1], TEXTS[::-1]).answer is Answer.PASSED, "the newest first is an order, too"


def test_a_row_with_another_event_s_text_is_told_with_both_texts() -> None:
    (wrong,) = found(shown(texts=[*TEXTS[:3], text(4, TITLES[0]), *TEXTS[4:]]), Aspect.ROW_TEXT)
    assert (wrong.key, wrong.finding.field, wrong.finding.expected, wrong.finding.found) == (
        "main/4", "title", "feed the cat", "tidy the notes",
    )  # fmt: skip


def test_a_row_without_the_text_that_all_others_have_is_told() -> None:
    (wrong,) = found(shown(texts=[*TEXTS[:3], "4. undefined today", *TEXTS[4:]]), Aspect.ROW_TEXT)
    assert (wrong.key, wrong.finding.found) == ("main/4", "4. undefined today")


CALLED = [f"12:00 {name} {title}" for name, title in zip(EVENTS, TITLES, strict=True)]


@pytest.mark.parametrize("is_numbered", [True, False])
def test_a_row_that_is_called_as_another_event_is_wrong(is_numbered: bool) -> None:
    assert shown(texts=CALLED, name=None, rows_numbered=is_numbered).answer is Answer.PASSED
    other_name = next(name for name in EVENTS if name != EVENTS[3])
    texts = [*CALLED[:3], CALLED[3].replace(EVENTS[3], other_name), *CALLED[4:]]
    (wrong,) = found(shown(texts=texts, name=None, rows_numbered=is_numbered), Aspect.ROW_TEXT)
    assert (wrong.finding.field, wrong.finding.expected, wrong.finding.found) == ("name", EVENTS[3], other_name)


def test_a_list_with_words_of_its_own_for_most_events_is_not_read_for_names() -> None:
    own = [text(number, title) for number, title in enumerate(TITLES, start=1)]
    texts = [*own[:2], f"{own[2]} after {EVENTS[0]}", *own[3:]]
    assert shown(texts=texts, name=None).answer is Answer.PASSED


def test_rows_that_all_show_another_event_s_text_are_wrong() -> None:
    moved = [text(number, title) for number, title in enumerate((*TITLES[1:], TITLES[0]), start=1)]
    wrong = found(shown(texts=moved), Aspect.ROW_TEXT)
    assert [each.key for each in wrong] == KEYS
    assert (wrong[0].finding.expected, wrong[0].finding.found) == (TITLES[0], TITLES[1])
    assert shown(texts=moved).answer is Answer.FAILED


@pytest.mark.parametrize("so_called", [1, 5])
def test_what_a_row_shows_as_its_name_is_not_another_event_s_text(so_called: int) -> None:
    """All rows show their name alone, and one event or most say that word in their data."""

    def titled_as_named(title: str) -> Any:
        return {"title": "cut" if title in TITLES[:so_called] else title, "n": 1}

    verdict = shown(texts=[f"cut #{number}" for number in range(1, 8)], name="cut", carried=titled_as_named)
    assert found(verdict, Aspect.ROW_TEXT) == []


def test_what_a_row_shows_within_a_longer_text_does_not_say_that_it_shows_a_field() -> None:
    """Most events have a code that is a word of their title, which is what rows show; two have another code."""

    def coded(title: str) -> Any:
        return {"title": title, "code": title.split()[0] if title in TITLES[:5] else f"x-{TITLES.index(title)}"}

    right = [text(number, title) for number, title in enumerate(TITLES, start=1)]
    assert found(shown(texts=right, carried=coded), Aspect.ROW_TEXT) == []
    wrong = [text(1, TITLES[1]), *right[1:]]
    assert [each.key for each in found(shown(texts=wrong, carried=coded), Aspect.ROW_TEXT)] == ["main/1"]


def test_rows_that_all_show_one_event_s_text_are_wrong() -> None:
    same = [text(number, TITLES[0]) for number in range(1, 8)]
    for is_numbered in (True, False):
        verdict = shown(texts=same, rows_numbered=is_numbered)
        assert {each.finding.expected for each in found(verdict, Aspect.ROW_TEXT)} == {*TITLES[1:]}
        assert verdict.answer is Answer.FAILED


def test_texts_that_begin_alike_are_told_apart_by_how_they_end() -> None:
    def carried(title: str) -> Any:
        return f"what there is to do today, number {TITLES.index(title) + 1}"

    right = [carried(title) for title in TITLES]
    for is_numbered in (True, False):
        assert shown(texts=right, carried=carried, rows_numbered=is_numbered).answer is Answer.PASSED
        wrong = shown(texts=[*right[:3], right[0], *right[4:]], carried=carried, rows_numbered=is_numbered)
        assert {each.finding.expected for each in found(wrong, Aspect.ROW_TEXT)} == {right[3]}
    assert shown(texts=[f"{each[:25]}…" for each in right], carried=carried).answer is Answer.PASSED


def test_rows_that_say_one_sentence_where_each_event_says_another_are_wrong() -> None:
    verdict = shown(texts=["x of quite another text"] * 7, carried=lambda title: f"do {title} now", rows_numbered=False)
    assert {(each.hop, each.finding.found) for each in found(verdict, Aspect.ROW_TEXT)} == {
        (Hop.RENDERED, "x of quite another text")
    }
    assert verdict.answer is Answer.FAILED


@pytest.mark.parametrize("name", ["to_do", "to-do:added", "toDoAdded"])
def test_rows_may_say_the_name_as_a_person_would(name: str) -> None:
    assert shown(texts=["To do: added"] * 7, name=name, rows_numbered=False).answer is Answer.PASSED


def test_rows_that_say_something_else_were_not_compared() -> None:
    verdict = shown(texts=["x of quite another kind"] * 7)
    assert found(verdict, Aspect.ROW_UNEXPLAINED)
    assert verdict.answer is Answer.UNKNOWN


CODES = ("wip", "ready", "wip", "stuck", "ready", "wip", "stuck")
IN_WORDS = {"wip": "In Arbeit", "ready": "Ganz fertig", "stuck": "Es hängt"}


def coded(title: str) -> Any:
    return {"title": title, "state": CODES[TITLES.index(title)]}


def test_rows_may_say_codes_in_words_of_their_own() -> None:
    own = [IN_WORDS[code] for code in CODES]
    assert shown(texts=own, carried=coded).answer is Answer.PASSED
    assert shown(texts=[*own[:3], own[1], *own[4:]], carried=coded).answer is Answer.UNKNOWN, "one code in two ways"
    alike = [IN_WORDS["wip" if code == "ready" else code] for code in CODES]
    assert shown(texts=alike, carried=coded).answer is Answer.UNKNOWN, "two codes in one way"


def test_words_that_are_never_said_twice_of_a_code_may_be_anything() -> None:
    def other_codes(title: str) -> Any:
        return {"title": title, "state": f"s-{TITLES.index(title)}"}

    assert shown(texts=[f"quite {title[::-1]}" for title in TITLES], carried=other_codes).answer is Answer.UNKNOWN


def test_one_of_two_rows_that_shows_nothing_is_wrong_where_lists_show_the_field() -> None:
    own = [f"{name} #{number} {title}" for number, (name, title) in enumerate(zip(EVENTS, TITLES, strict=True), 1)]
    [wrong] = found(shown(texts=[*own[:4], f"{EVENTS[4]} #5 nothing at all", *own[5:]], name=None), Aspect.ROW_TEXT)
    assert (wrong.key, wrong.finding.expected) == ("main/5", TITLES[4])


def test_one_of_two_rows_with_its_name_alone_is_not_passed_where_most_say_more() -> None:
    own = [f"{name} #{number} {title}" for number, (name, title) in enumerate(zip(EVENTS, TITLES, strict=True), 1)]
    verdict = shown(texts=[*own[:4], f"{EVENTS[4]} #5", *own[5:]], name=None)
    assert found(verdict, Aspect.ROW_UNEXPLAINED) and verdict.answer is Answer.UNKNOWN


@pytest.mark.parametrize(("says", "answer"), [(4, Answer.UNKNOWN), (3, Answer.PASSED)])
def test_rows_with_their_name_alone_are_not_passed_where_half_of_the_list_says_more(says: int, answer: Answer) -> None:
    own = [f"x #{number} {title}" for number, title in enumerate(TITLES, 1)]
    assert shown(texts=[*own[:says], *(f"x #{number}" for number in range(says + 1, 8))]).answer is answer


def some_of_a_name(*others: str) -> list[str]:
    """Three of seven rows say what their events do, and four something else."""
    return [*TEXTS[:3], *others]


def test_rows_that_show_no_data_are_not_passed_when_others_of_their_name_do() -> None:
    nothing = some_of_a_name(*(f"{number}. nothing at all" for number in range(4, 8)))
    verdict = shown(texts=nothing)
    assert verdict.answer is Answer.UNKNOWN and "nothing at all" in str(verdict.unknowns)
    assert shown(texts=nothing, carried=lambda title: {"title": title, "note": "at all"}).answer is Answer.PASSED
    assert shown(texts=some_of_a_name(*(f"{number}." for number in range(4, 8)))).answer is Answer.PASSED


def test_rows_that_cut_their_events_texts_are_not_passed_when_one_is_short_enough() -> None:
    verdict = shown(texts=[f"robot: {title[:5]}" for title in TITLES])  # "rest" alone stands there as a whole
    assert verdict.answer is Answer.FAILED and "robot" in str(verdict.outcomes)  # its full text is known


@pytest.mark.parametrize("texts", [["x"] * 7, ["x 1"] * 7, None])
def test_rows_that_say_no_more_than_the_name_promise_no_more(texts: list[str] | None) -> None:
    assert shown(texts=texts).answer is Answer.PASSED


def test_a_long_text_may_be_shortened() -> None:
    assert shown(texts=[f"{text_[:19]}…" for text_ in TEXTS]).answer is Answer.PASSED


SAID = [f"{title} before the bells ring" for title in TITLES]


def spoken(title: str) -> Any:
    return {"place": title.split()[-1], "note": SAID[TITLES.index(title)]}


def test_rows_that_show_one_event_s_sentence_are_wrong_though_they_show_their_own_data_too() -> None:
    """All of them the same one, or each another one's."""
    places = [title.split()[-1] for title in TITLES]
    first = shown(texts=[f"at {place}: {SAID[0]}" for place in places], carried=spoken)
    assert {each.finding.found for each in found(first, Aspect.ROW_TEXT)} == {SAID[0]}
    assert len(found(first, Aspect.ROW_TEXT)) == len(TITLES) - 1
    quoted = [
        f"at {place}: {mine} (after: {before})"
        for place, mine, before in zip(places, SAID, SAID[1:] + SAID[:1], strict=True)
    ]
    assert shown(texts=quoted, carried=spoken).answer is Answer.PASSED


def test_what_of_an_event_no_person_can_read_in_its_row_is_told_once() -> None:
    unread = ["", "", "WATER THE PLANTS", "", "", "", ""]
    texts = [*TEXTS[:2], "3. today", *TEXTS[3:]]
    verdict = shown(texts=texts, unread=unread)
    (told,) = (each for each in verdict.outcomes if each.kind is Kind.MISRENDERED)
    assert (told.finding.aspect, told.key, told.finding.field) == (Aspect.ROW_UNREAD, "main/3", "title")
    nowhere = shown(texts=[f"{number}. today" for number in range(1, 8)], unread=[title.upper() for title in TITLES])
    assert len(found(nowhere, Aspect.ROW_UNREAD)) == len(TITLES), "no row shows it, and each has it"


def test_what_no_person_can_read_in_a_row_may_stand_there_elsewhere_or_be_of_no_event() -> None:
    assert shown(unread=["copy this row"] * 7).answer is Answer.PASSED
    assert shown(unread=[title.upper() for title in TITLES]).answer is Answer.PASSED, "the row shows it as well"


def test_what_taps_say_of_bytes_is_not_looked_for_in_rows() -> None:
    told = shown(carried=lambda title: {"_bytes": len(title), "sha1": title.encode().hex()})
    assert not found(told, Aspect.ROW_UNEXPLAINED) and not found(told, Aspect.ROW_TEXT)


def test_short_texts_and_secrets_are_not_looked_for() -> None:
    assert leaves({"a": "ok", "b": {"c": ["one", 7, True]}, "token": "(redacted)"}) == {"b.c.0": "one"}
    assert leaves("a text") == {"text": "a text"}


def test_a_part_of_a_text_is_compared_as_a_field_is() -> None:
    """A text that says several things, of which the page shows one, is shown."""
    assert shown(carried=as_text).answer is Answer.PASSED
    wrong = found(shown(carried=as_text, texts=[*TEXTS[:3], text(4, TITLES[0]), *TEXTS[4:]]), Aspect.ROW_TEXT)
    assert [(each.key, each.finding.expected, each.finding.found) for each in wrong] == [
        ("main/4", TITLES[3], TITLES[0])
    ]


def test_a_text_that_is_shown_as_a_whole_is_told_once() -> None:
    whole = [as_text(title) for title in TITLES]
    wrong = found(shown(carried=as_text, texts=[*whole[:3], "nothing of it at all", *whole[4:]]), Aspect.ROW_TEXT)
    assert [each.finding.field for each in wrong] == ["text"]


def noted(title: str) -> Any:
    return {"title": title, "note": "<i>very &amp; soon</i>" if title == TITLES[0] else "later"}


@pytest.mark.parametrize(
    ("note", "answer"),
    [("very & soon", Answer.UNKNOWN), ("<i>very &amp; soon</i>", Answer.PASSED), ("", Answer.PASSED)],
)
def test_a_row_that_shows_a_text_without_its_tags_is_not_passed(note: str, answer: Answer) -> None:
    verdict = shown(texts=[f"{TEXTS[0]} {note}", *TEXTS[1:]], carried=noted)
    assert verdict.answer is answer
    assert bool(found(verdict, Aspect.ROW_MARKUP)) is (answer is Answer.UNKNOWN)


def test_a_system_whose_every_text_is_markup_means_it() -> None:
    verdict = shown(carried=lambda title: {"title": title.upper(), "html": f"<p>{title}</p>"})
    assert verdict.answer is Answer.PASSED
    verdict = shown(carried=lambda title: {"html": f"<p>{title.upper()} today</p>"})
    assert not found(verdict, Aspect.ROW_MARKUP)
