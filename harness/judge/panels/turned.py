"""Whether panels that show one session at a time turned to the one that the page heard of, or asked for, last. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter

from harness.judge.messages import notices
from harness.judge.panels.drawn import given_at
from harness.model import Aspect, Finding
from harness.model.facts import PanelPart, Requested
from harness.record.evidence import Evidence, first_object
from harness.record.remembered import remembered

SUBSCRIBE = "subscribe"
"""The request by which a page asks for a session."""


def troubles(evidence: Evidence, shown: Mapping[str, PanelPart] | None, load: str) -> Iterator[Finding]:
    """The panels that name another session in the end."""
    panels = [panel for panel in evidence.contract_at(load).panels if panel.newest]
    last = _last(evidence, load) if panels and shown else None
    for panel in panels:
        part = (shown or {}).get(panel.name)
        if part is not None and part.session and last is not None and part.session != last:
            yield Finding(Aspect.PANEL_SESSION, panel=panel.name, expected=last, found=part.session)


@remembered
def _last(evidence: Evidence, load: str) -> str | None:
    """The session that a page load heard of first, or asked for, after all others; None where it knows of none.

    What it asked for counts once it is there: a page that waits for a session has nothing of it to show.
    """
    known = given_at(evidence, load)
    heard: dict[str, int] = {}
    given = [(e.session, known[e.key]) for e in evidence.given(load).some(known.keys()) if e.session]
    told = [(each.session, each.fact.n) for each in notices.told(evidence).get(load, ())]
    for session, n in sorted([*given, *told], key=itemgetter(1)):
        heard.setdefault(session, n)
    chosen = (f for f in evidence.facts(Requested) if f.observer == load and f.body.name == SUBSCRIBE)
    asked = {first_object(fact.body.args).get("session"): fact.n for fact in chosen}
    last = {session: max(n, asked.get(session, n)) for session, n in heard.items()}
    return max(last, key=last.__getitem__, default=None)
