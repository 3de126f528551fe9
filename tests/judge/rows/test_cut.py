"""A text that ends in the middle of a word in its row, where nothing says that it was cut, is not shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judge.rows.cut import compare
from harness.judge.rows.row import Looked, Row
from harness.record.evidence import Evidence
from tests.support.history import clean, event

TEXTS = ("Parcel one is on its way", "Parcel two was handed over", "c0ffee1234abcd")


def found(*shown: str) -> tuple[list[str | None], int]:
    """The events whose rows are wrong, and the number of doubts; rows of events of one name."""
    history = clean()
    known = [replace(event(seq), name="moved", digest=f"text-{seq}") for seq in range(1, len(shown) + 1)]
    payloads = {f"text-{seq}": {"text": text} for seq, text in enumerate(TEXTS, 1)}
    looked = Looked()
    pairs = [(each, Row(each.key, text, False)) for each, text in zip(known, shown, strict=True)]
    compare(looked, Evidence(replace(history.ledger(), payloads=payloads)), pairs)
    return [key for _, key, _ in looked.wrong], len(looked.doubts)


@pytest.mark.parametrize(
    ("shown", "wrong", "doubts"),
    [
        (("moved Parcel one is on its way", "moved Parcel two was handed over"), [], 0),
        (("moved Parcel one is on its w", "moved Parcel two was handed over"), ["s/1"], 0),
        (("moved Parcel one is on its w 12:00", "moved"), ["s/1"], 0),
        (("moved Parcel one is on its w…", "moved"), [], 0),  # it says so
        (("moved Parcel on…", "moved Parcel two was handed over"), ["s/1"], 0),  # others are longer, and whole
        (("moved Parcel one i...", "moved Parcel two was handed over"), ["s/1"], 0),
        (("moved Parcel one is on its way", "moved Parcel two was handed ov…"), [], 0),  # longer ones are cut
        (("moved Parcel one is on its w…", "moved Parcel two was handed over"), ["s/1"], 0),  # by as much as the mark
        (("moved at 10:00 Parcel one is on i…", "moved Parcel two was handed over"), [], 0),  # at the row's end
        (("moved Parcel one…", "moved Parcel two was handed over"), [], 0),  # at a word's end: wherever that is
        (("moved Parcel one is on", "moved"), [], 0),  # it may have words of its own
        (("moved Parce", "moved Parce"), [], 1),
        (("moved Parce", "moved Parcel two was handed over"), [], 0),
        (("moved", "moved", "c0ffee1"), [], 0),  # an id
        (("moved " + "x" * 190 + "Parcel one is on its w", "moved"), [], 0),  # it may be cut on record alone
    ],
)
def test_a_text_that_is_cut_in_a_word(shown: tuple[str, ...], wrong: list[str], doubts: int) -> None:
    assert found(*shown) == (wrong, doubts)
