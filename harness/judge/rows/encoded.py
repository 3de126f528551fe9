"""Rows that show a text of their event in the form in which it is carried, and not the text itself. Pure.

Encoded for an address (%20), as markup (&amp;), escaped as in a string of a program (\\u2192), or UTF-8 that was read
as Latin-1: what a person reads is then not the event's words, whichever other rows do the same.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

from harness.judge.rows.row import Looked, Row
from harness.judge.values.texts import BEGINNING, data_of, leaves, plain
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

TRACE = re.compile(r"%[0-9A-Fa-f]{2}|&#?\w+;|\\[nrt\"\\u]|\w\+\w|[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]")
"""What each of the forms leaves in a text, and few other texts have."""

IN_ADDRESS = "/=&?"
"""What stands before a part of an address, which is to be encoded."""


def _as_address(text: str) -> str:
    return quote(text, safe="")


def _as_markup(text: str) -> str:
    return html.escape(text, quote=False)


def _in_program(text: str) -> str:
    return json.dumps(text)[1:-1]


def _misread(text: str) -> str:
    return text.encode("utf-8", "replace").decode("cp1252", "replace")


FORMS: tuple[Callable[[str], str], ...] = (
    _as_address,
    quote,
    quote_plus,
    _as_markup,
    html.escape,
    _in_program,
    _misread,
)
"""The forms in which texts are carried."""


def compare(looked: Looked, evidence: Evidence, pairs: Iterable[tuple[Event, Row]]) -> None:
    """The rows in which a text of the event stands encoded, and nowhere as it is."""
    for event, row in pairs:
        if row.text is None or not TRACE.search(row.text):
            continue
        for path, text, form in _encoded(leaves(data_of(evidence, event)), row.text):
            why = Finding(Aspect.ROW_TEXT, field=path, expected=text[:80], found=form[:80])
            looked.wrong.append((Kind.MISRENDERED, event.key, why))
            break


def _encoded(said: Mapping[str, str], shown: str) -> Iterator[tuple[str, str, str]]:
    """Path, text and the form that the row shows of it."""
    row, told = plain(shown), [plain(text) for text in said.values()]
    for path, text in said.items():
        for part in (text, text[:BEGINNING]):  # what is long may be cut
            shaped = (each(part) for each in FORMS) if plain(part) not in row else ()
            forms = {plain(form): form for form in shaped}
            mine = next((form for form in forms if form in row and not _is_meant(form, row, told)), None)
            if mine is not None:
                yield path, text, forms[mine]
                break


def _is_meant(form: str, row: str, told: Iterable[str]) -> bool:
    """Whether an event says it like that itself, or it is a part of an address, or of data shown as in a program."""
    before = row[: row.find(form)][-1:]
    return any(form in each for each in told) or (bool(before) and before in IN_ADDRESS + '"')
