"""What the payloads of a page carried that could run or ask for something: addresses and markup.

A page may load what it likes from where it likes, and may ask its user what it likes. Only what a payload brought about
shows that the payload was taken for more than text.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"//[^\s\"'<>\\)]+")
_TAG = re.compile(r"<([a-z][\w-]*)", re.IGNORECASE)
_SCRIPT_URL = re.compile(r"javascript:", re.IGNORECASE)


class Carried:
    """Addresses and markup in the payloads that a page was given so far."""

    def __init__(self) -> None:
        self._addresses: set[str] = set()
        self._tags: set[str] = set()

    def take(self, text: str) -> None:
        """Note what a message carried. `text` is JSON, in which a slash may be escaped."""
        if "//" in text or "\\/" in text:
            self._addresses.update(_ADDRESS.findall(text.replace("\\/", "/")))
        if "<" in text or "\\u003c" in text:
            self._tags.update(tag.lower() for tag in _TAG.findall(text.replace("\\u003c", "<")))
        if _SCRIPT_URL.search(text):
            self._tags.add("a")

    @property
    def has_markup(self) -> bool:
        """Whether any payload could have become part of a document: without that, none brought about anything."""
        return bool(self._tags)

    def names(self, url: str) -> bool:
        """Whether a payload names the address, or the beginning of it."""
        _, slashes, rest = url.partition("//")
        return any(f"{slashes}{rest}".startswith(each) or each.startswith(f"//{rest}") for each in self._addresses)

    def holds(self, html: str) -> bool:
        """Whether a payload has an element of the same kind as this one."""
        tag = _TAG.match(html)
        return tag is not None and tag[1].lower() in self._tags
