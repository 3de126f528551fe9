"""Rows that don't say which event they show: their order against that of the events, by names and by what they say."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from harness.judge.rows.unnumbered import Order, Shown, in_order
from harness.model import Event

NAMES = ("made", "paid", "sent")


def order(rows: Sequence[tuple[str, str | None]], held: Sequence[tuple[str, Any]], way: str | None = None) -> Order:
    """Rows as name and text, against events as name and data."""
    events = [Event(f"s/{place}", name, "s", place, None) for place, (name, _) in enumerate(held, start=1)]
    data = {event.key: said for event, (_, said) in zip(events, held, strict=True)}
    return in_order([Shown(("s", name), text) for name, text in rows], events, lambda event: data[event.key], way)


def is_right(found: Order) -> bool:
    return not found.moved and not found.is_other


def by_names(*names: str) -> Order:
    return order([(name, None) for name in names], [(name, None) for name in ("made", "paid", "made", "sent", "paid")])


def test_names_alone_tell_an_order() -> None:
    assert is_right(by_names("made", "paid", "made", "sent", "paid"))
    assert is_right(by_names("paid", "sent", "made", "paid", "made"))
    assert is_right(by_names("made", "sent", "paid")), "the last ones"
    assert not is_right(by_names("made", "made", "paid", "paid", "sent"))
    assert not is_right(by_names("sent", "made", "paid", "made", "paid"))


def test_every_other_order_of_texts_is_told() -> None:
    said = ["tidy the notes", "feed the cat", "rest", "buy bread"]
    held = [("x", {"title": each}) for each in said]
    for listed in permutations(said):
        found = order([("x", f"x: {each}") for each in listed], held)
        assert is_right(found) is (list(listed) in (said, said[::-1])), listed


FORMATS: dict[str, tuple[Any, list[str]]] = {
    "numbers": (lambda n: {"n": n}, [f"number {n}" for n in range(1, 12)]),
    "numbers with a format": (lambda n: {"n": n * 1000}, [f"{n},000 kg" for n in range(1, 12)]),
    "texts that hold each other": (lambda n: {"t": f"order {n}"}, [f"order {n}" for n in range(1, 12)]),
    "a word that is the value of some": (lambda n: {"s": "open" if n < 4 else "shut"}, ["open order"] * 11),
    "the page's own places": (lambda n: {"t": f"order {n}", "n": n}, [f"{12 - n}. order {n}" for n in range(1, 12)]),
    "times": (lambda n: {"n": n}, [f"12:{n:02}:0{11 - n} went by" for n in range(1, 12)]),
    "shortened": (lambda n: {"t": f"{n} numbers that we like"}, [f"{n} numbers that we lik…" for n in range(1, 12)]),
    "texts of two events alike": (lambda n: {"t": f"order {n // 2}"}, [f"order {n // 2}" for n in range(1, 12)]),
    "capitals and lines": (lambda n: {"t": f"order  {n}\nof tea"}, [f"ORDER {n} OF TEA" for n in range(1, 12)]),
}  # fmt: skip


@pytest.mark.parametrize("how", FORMATS)
def test_a_format_is_not_an_order(how: str) -> None:
    data, texts = FORMATS[how]
    held = [("x", data(n)) for n in range(1, 12)]
    assert is_right(order([("x", text) for text in texts], held))
    assert is_right(order([("x", text) for text in reversed(texts)], held))
    assert is_right(order([("x", text) for text in texts[4:]], held))


@pytest.mark.parametrize("how", ["numbers", "texts that hold each other", "shortened", "capitals and lines"])
def test_what_can_be_told_apart_is_told(how: str) -> None:
    data, texts = FORMATS[how]
    held = [("x", data(n)) for n in range(1, 12)]
    assert order([("x", text) for text in (*texts[1:], texts[0])], held).moved == ("s/1",)
    assert not is_right(order([("x", text) for text in sorted(texts, key=lambda text: text[::-1])], held))


def test_what_is_drawn_twice_or_without_an_order_is_another_finding() -> None:
    held = [("x", {"t": f"order {n}"}) for n in range(1, 5)]
    rows = [("x", f"order {n}") for n in (1, 2, 2, 3, 4)]
    assert is_right(order(rows, held))
    assert is_right(order([("x", "order 3"), ("x", "something else"), ("x", "order 4")], held))


def test_a_number_within_a_time_or_a_fraction_is_not_shown() -> None:
    held = [("build", {"id": 3, "status": "running"}), ("build", {"id": 4, "status": "ok", "detail": "it took 3.2s"})]
    rows = [("build", "8:31:14 AM build running —"), ("build", "8:31:14 AM build ok it took 3.2s")]
    others = [("test", {"id": each, "status": each}) for each in ("a", "b")]
    more = [("test", f"8:31:14 AM test {each}") for each in ("a", "b")]
    assert is_right(order([*rows, *more], [*held, *others]))
    numbered = [("build", {"id": each}) for each in (3, 4, 5)]
    shown = [("build", f"8:31:14 #{each}") for each in (3, 4, 5)]
    assert is_right(order(shown, numbered)) and not is_right(order([shown[1], shown[0], shown[2]], numbered))


def test_an_order_of_the_page_s_own_is_not_compared() -> None:
    held = [("x", {"t": f"order {n}"}) for n in range(1, 5)]
    rows = [("x", f"order {n}") for n in (3, 1, 4, 2)]
    assert order(rows, held, "own").checks == 0
    assert order(rows, held).checks == 3
    assert is_right(order(rows[::-1][:1], held, "oldest-first"))
    assert not is_right(order([("x", f"order {n}") for n in (4, 3, 2, 1)], held, "oldest-first"))


def test_a_long_list_is_looked_at_in_no_time() -> None:
    held = [("x", {"t": f"order {n}", "id": f"{n * 7919:x}"}) for n in range(3000)]
    found = order([("x", f"order {n}") for n in range(3000)], held)
    assert is_right(found)
    assert found.checks == 2999
