"""Whether a value of a panel reads as the target says: the words around what it shows, or a text that stays. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from harness.judge.values.texts import READ_OF_VALUE
from harness.lib.patterns import compiled
from harness.lib.secrets import MASKED
from harness.model import Aspect, Finding, Panel
from harness.model.facts import ClientConnected, PageLoaded, PanelPart, ServerStarted
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

NOTHING = r"[^\s\S]"
"""What `{server}` stands for where no party was seen to reach one."""


def misworded(evidence: Evidence, panel: Panel, seen: PanelPart) -> Iterator[Finding]:
    """The values whose whole text is another one than their pattern has. What was cut off on record is left out."""
    for name, shows in panel.shows.items():
        text = (seen.values.get(name) or "").strip()
        if shows.reads is None or MASKED in text or len(text) >= READ_OF_VALUE:
            continue
        if not text and (shows.only_after or shows.only_before):
            continue
        pattern = shows.reads.replace("{session}", re.escape(seen.session or ""))
        if "{server}" in pattern:
            pattern = pattern.replace("{server}", _servers(evidence))
        if compiled(f"^(?:{pattern})$").search(text) is None:
            yield Finding(Aspect.PANEL_WORDS, panel=panel.name, field=name, expected=pattern, found=text)


@remembered
def _servers(evidence: Evidence) -> str:
    """A pattern for the host and port of each server that a party reached, or that a page was told in its address.

    Where something stands between, as a proxy or a fault, each party is told another address of the same server.
    """
    urls = {f.body.url for f in evidence.facts(ServerStarted)} | {f.body.url for f in evidence.facts(ClientConnected)}
    asked = (urlsplit(f.body.url or "").query for f in evidence.facts(PageLoaded))
    urls |= {value for query in asked for _, value in parse_qsl(query)}
    hosts = sorted({re.escape(urlsplit(url).netloc) for url in urls if url and _is_address(url)})
    return f"(?:{'|'.join(hosts) or NOTHING})"


def _is_address(text: str) -> bool:
    """Whether a text is an address with a host: a page's query says other things, too."""
    try:
        return bool(urlsplit(text).netloc)
    except ValueError:
        return False
