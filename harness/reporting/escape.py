"""Hostile text made harmless: what events, logs and clients say is shown, and never acts on its reader.

`visible` comes first everywhere: no control character, terminal sequence or direction override survives it. The other
functions put its result into Markdown or XML.
"""

from __future__ import annotations

import re
from html import escape
from unicodedata import category

CUT = "…"
_JOINERS = "\u200c\u200d"  # harmless, and emoji and several scripts need them
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|$!])")
_BLOCK_START = re.compile(r"^(\d*)([-+#=.)])")  # a heading, a list or a rule, where a line begins with it
_LINKED = re.compile(r"((?:https?|ftp|mailto)://\S+|\bwww\.\S+|\S*@\S+)", re.IGNORECASE)
_BACKTICKS = re.compile(r"`+")


def visible(text: object, keep: str = "") -> str:
    """The text with everything shown that would act instead: ESC as ␛, a right-to-left override as ⟦U+202E⟧.

    Covers control and format characters, line and paragraph separators, surrogates and unassigned code points, except
    the characters of `keep`.
    """
    found = str(text)
    return found if found.isprintable() else "".join(c if c in keep else _shown(c) for c in found)


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS or category(character) == "Zs":
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟦U+{code:04X}⟧"


def clip(text: object, limit: int) -> str:
    """At most `limit` characters of the text, the last one saying that it was cut."""
    found = str(text)
    return found if len(found) <= limit else found[: limit - 1] + CUT


def code(text: object, limit: int = 300) -> str:
    """One line of Markdown that shows the text in a code span: nothing in it is markup, link or mention."""
    return _span(visible(clip(text, limit)))


def cell(text: object, limit: int = 120) -> str:
    """The same for a table cell. Renderers disagree about `\\|` in a code span, so a bar is shown as a broken bar."""
    return _span(visible(clip(text, limit)).replace("|", "¦"))


def _span(text: str) -> str:
    if not text.strip():
        return "`(empty)`" if not text else f"`({len(text)} spaces)`"
    if "`" not in text:
        return f"`{text}`" if not text.startswith(" ") else f"` {text} `"
    fence = "`" * (_longest_run(text) + 1)
    return f"{fence} {text} {fence}"


def prose(text: object, limit: int = 600) -> str:
    """One line of Markdown that reads as the text does. What a code host would link or notify goes into a code span."""
    parts = _LINKED.split(visible(clip(text, limit)).strip())
    escaped = (_span(part.replace("|", "¦")) if i % 2 else _SPECIAL.sub(r"\\\1", part) for i, part in enumerate(parts))
    return _BLOCK_START.sub(r"\1\\\2", "".join(escaped))


def fenced(text: str, language: str = "text") -> str:
    """A fenced block that the text can't end: its fence is longer than any run of backticks inside."""
    shown = visible(text, keep="\n\t").rstrip("\n")
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)


def xml(text: object, limit: int = 200) -> str:
    """Text for an XML element or attribute."""
    return escape(visible(clip(text, limit)), quote=True)
