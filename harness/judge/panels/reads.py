"""Whether a value of a panel reads as it should: a number, a share, a status, a text. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.judge.panels.items import SHORT
from harness.judge.values.quantities import has_unit, says
from harness.judge.values.texts import READ_OF_VALUE
from harness.judge.values.writings import is_negative, whole_writings
from harness.model import Shows

PERCENT = re.compile(r"(\d{1,3})(?:\.\d+)?\s*%")
WHOLE = re.compile(r"(\d{1,3}(?:[,'\u00a0\u202f]\d{3})+(?!\d)|\d{1,15})")
"""A whole number, with or without marks between its thousands: `1499`, `1,499`."""


def reads_as(shows: Shows, expected: str | float, shown: str | None) -> bool:
    """Whether a value reads as what its events make of it, "" for nothing."""
    text = (shown or "").strip()
    if expected == "":
        return text == ""
    if shows.adds:
        return says(text, float(expected), next(iter(shows.adds.values())))
    if isinstance(expected, float):
        return says(text, expected, next(iter(shows.tells.values()), ""))
    if shows.lasts is not None:
        return says(text, int(expected), "_ms")
    if shows.is_session or shows.active not in (None, expected):
        return str(expected)[:READ_OF_VALUE] in text
    if shows.says or shows.active is not None:
        shown, status = text.casefold(), str(expected).casefold()
        known = {each.casefold() for each in (*shows.says.values(), *shows.statuses.values())} - {status}
        longer = (each for each in known if _has_words(each, status))
        return _has_words(shown, status) and not any(_has_words(shown, each) for each in longer)
    if shows.tells:
        return _tells(text, expected, shows.tells) if isinstance(expected, int) else _has_words(text, expected)
    return any(_counts(each, int(expected), bool(shows.share)) for each in whole_writings(text))


def _tells(text: str, expected: int, paths: Mapping[str, str]) -> bool:
    """Whether the first number of a text is the one that was told; in any unit, where its name tells its own."""
    for each in whole_writings(text):
        found = WHOLE.search(each)
        if (
            found is not None
            and _whole(found[1]) == abs(expected)
            and (expected >= 0 or is_negative(each[: found.start()]))
        ):
            return True
    names = {path.rpartition(".")[2].casefold() for path in paths.values()}
    return any(has_unit(name) and says(text, expected, name) for name in names)


def _counts(text: str, expected: int, is_share: bool) -> bool:
    """Whether the number that a text begins with, or else the only one in it, is this; a share may be rounded."""
    inside = [*WHOLE.finditer(text)]
    found = (PERCENT.search(text) if is_share else None) or WHOLE.match(text)
    found = found or (inside[0] if len(inside) == 1 else None)
    return found is not None and abs(_whole(found[1]) - expected) <= is_share


def _has_words(text: str, words: str) -> bool:
    """Whether a text has some words as whole ones: "completed" is not in "incompleted"."""
    shown, sought = " ".join(text.split()), " ".join(words.split())
    begins = r"(?<!\w)" if sought[:1].isalnum() else ""
    ends = r"(?!\w)" if sought[-1:].isalnum() and len(words) < SHORT else ""  # what is longer may have been cut
    return re.search(f"{begins}{re.escape(sought)}{ends}", shown) is not None


def _whole(digits: str) -> int:
    return int(re.sub(r"\D", "", digits))
