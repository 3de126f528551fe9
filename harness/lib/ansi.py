"""Lines as a person reads them: without the escape sequences by which programs colour a terminal."""

from __future__ import annotations

import re

SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""ECMA-48: control sequences, operating system commands, and those of two characters."""


def uncoloured(line: str) -> str:
    """The line without escape sequences."""
    return SEQUENCE.sub("", line) if "\x1b" in line else line


def printable(text: str) -> str:
    """Text without control characters, so that a log can't move the reader's cursor."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
