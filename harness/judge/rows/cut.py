"""Rows in which a text ends in the middle of a word, and nothing says that it was cut. Pure.

What comes after the cut a person can't read. A single word may be shortened on purpose, as an id is. And rows that say
that they cut a text (…), where others of their name show longer ones whole: a page cuts at one length.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import takewhile

from harness.judge.rows.row import Looked, Row
from harness.judge.rows.says import CUT, READ_OF_ROW
from harness.judge.values.texts import data_of, leaves
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

LEAST = 5
"""How many characters of a text a row has to show, at least: fewer stand in other words by chance."""


def compare(looked: Looked, evidence: Evidence, pairs: Iterable[tuple[Event, Row]]) -> None:
    """Rows with the beginning of a text up to the middle of a word.

    In the middle of the first one it may be another word: that is told where all rows of a name do so, as a doubt.
    """
    listed = [*pairs]
    _compare_marked(looked, evidence, listed)
    first_words: dict[str, list[tuple[Row, bool]]] = defaultdict(list)
    for event, row in listed:
        shown = " ".join((row.text or "").split())
        if len(shown) >= READ_OF_ROW - 1 or any(mark in shown for mark in CUT):
            continue
        texts = [" ".join(text.split()) for text in leaves(data_of(evidence, event)).values()]
        cuts = [(text, cut) for text in texts if " " in text and (cut := _cut(text, shown)) is not None]
        whole = next(((text, cut) for text, cut in cuts if " " in cut), None)
        if whole is not None:
            why = Finding(Aspect.ROW_TEXT, field="the whole text", expected=whole[0][:80], found=whole[1][:80])
            looked.wrong.append((Kind.MISRENDERED, event.key, why))
        elif texts:
            first_words[event.name].append((row, bool(cuts)))
    for name, rows in first_words.items():
        if len(rows) > 1 and all(is_cut for _, is_cut in rows):
            looked.doubts.append(Finding(Aspect.ROW_UNEXPLAINED, text=(rows[0][0].text or "")[:80], other=name))


def _compare_marked(looked: Looked, evidence: Evidence, pairs: Iterable[tuple[Event, Row]]) -> None:
    """Rows that cut a text in a word, with a mark, to less than others of their name show whole of the same field.

    A page that cuts whole rows at one length has cut ones that are as long as any: these are right.
    """
    whole: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    marked = list[tuple[Event, str, str, str, int]]()
    for event, row in pairs:
        shown = " ".join((row.text or "").split())
        for field, told in leaves(data_of(evidence, event)).items():
            text = " ".join(told.split())
            if text in shown:
                longest, row_longest = whole[event.name, field]
                whole[event.name, field] = max(longest, len(text)), max(row_longest, len(shown))
            elif (cut := _cut(text, shown)) is not None and (mark := _mark(shown.partition(cut)[2])) is not None:
                marked.append((event, field, text, cut + mark, len(shown)))
    for event, field, text, cut, length in marked:
        longest, row_longest = whole[event.name, field]
        if len(cut) < longest and length < row_longest:
            why = Finding(Aspect.ROW_TEXT, field=field, expected=text[:80], found=cut[:80])
            looked.wrong.append((Kind.MISRENDERED, event.key, why))


def _mark(rest: str) -> str | None:
    return next((mark for mark in CUT if rest.startswith(mark)), None)


def _cut(text: str, shown: str) -> str | None:
    """How a text begins in a row, where it ends there in the middle of a word; None where it does not."""
    if text in shown:
        return None
    begins = shown.find(text[:LEAST])
    if begins < 0 or len(text) <= LEAST:
        return None
    same = takewhile(lambda pair: pair[0] == pair[1], zip(text, shown[begins:], strict=False))
    cut = text[: sum(1 for _ in same)]
    rest = shown[begins + len(cut) :]
    is_word = len(cut) < len(text) and cut[-1].isalnum() and text[len(cut)].isalnum()
    return cut if is_word and not rest[:1].isalnum() else None
