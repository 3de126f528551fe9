"""The texts in an event's data, and whether a row shows them. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.lib.secrets import MASKED
from harness.model import Event
from harness.record.evidence import Evidence

SHORT = 3
"""A text of fewer characters stands in other words by chance."""

BEGINNING = 16
"""How much of a long text a row must show: pages shorten what is long."""

READ_OF_VALUE = 100
"""How much of the text of a panel's value is on record, in characters."""

PARTS = re.compile(r"[|;\t\n]")
"""What separates the parts of a text that says several things, each of which a page may show by itself."""

WORDS = re.compile(r"[^\W\d_]+|\d+")
"""The words and numbers of a text; a name's parts as well, however they are joined."""

TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
"""What a browser takes for markup."""

CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def data_of(evidence: Evidence, event: Event) -> Any:
    """What an event said, None where that is not known."""
    return None if event.digest is None else evidence.payload(event.digest)


def leaves(data: Any) -> dict[str, str]:
    """The texts in some data by their paths; those that are too short to be found by chance alone are left out."""
    found: dict[str, str] = {}
    for path, text in _each(data):
        if not isinstance(text, str) or len(plain(text)) < SHORT or text.startswith(MASKED):
            continue
        where, parts = path or "text", PARTS.split(text)
        named = {f"{where}.{place}": part for place, part in enumerate(parts) if len(plain(part)) >= SHORT}
        found |= {where: text, **(named if len(parts) > 1 else {})}
    return found


def numbers(data: Any) -> dict[str, str]:
    """The numbers in some data by their paths, as a page would write them without any format."""
    found: dict[str, str] = {}
    for path, number in _each(data):
        if isinstance(number, int | float) and not isinstance(number, bool):
            is_whole = isinstance(number, float) and number.is_integer()
            found[path or "number"] = str(int(number) if is_whole else number)
    return found


def _each(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """What stands in some data beside objects and lists, each with its path."""
    if is_bytes(data):
        return  # that is a tap's description of them, which no page shows
    if isinstance(data, Mapping | list):
        for name, inner in data.items() if isinstance(data, Mapping) else enumerate(data):
            yield from _each(inner, f"{path}.{name}" if path else str(name))
    else:
        yield path, data


def is_bytes(value: Any) -> bool:
    """Whether a tap described bytes."""
    return isinstance(value, Mapping) and "_bytes" in value and {*value} <= {"_bytes", "sha1"}


def is_in(text: str, plain_row: str) -> bool:
    """Whether a row shows a text, or at least how it begins."""
    return plain(text)[:BEGINNING] in plain_row


def plain(text: str) -> str:
    """A text without white space and without case: a page may break lines and write headings in capitals."""
    return "".join(text.split()).casefold()


def without_tags(text: str) -> str:
    """What a browser shows of a text that it is given as markup."""
    return html.unescape(TAG.sub("", text))


def words(text: str) -> list[str]:
    """The words and numbers of a text, without case."""
    return [each.casefold() for each in WORDS.findall(CAMEL.sub(" ", text))]
