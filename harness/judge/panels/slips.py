"""What a script writes where it has no value: `undefined`, `NaN`, `[object Object]`, `Invalid Date`. Pure.

A page that shows it shows a person nothing, whatever it was to show; unless events say it themselves. Where it was
given other data than were sent, or messages that are not described, it follows from that, which is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from harness.judge.messages.unread import unread
from harness.judge.values.texts import data_of
from harness.model import Aspect, Finding
from harness.model.facts import View
from harness.record.evidence import Evidence

SLIP = re.compile(r"(?<![\w.-])(?:undefined|NaN|Invalid Date)(?![\w-])|\[object [A-Z]\w*\]")


def troubles(evidence: Evidence, view: View, load: str) -> Iterator[tuple[str | None, Finding]]:
    """The first such word in each row that shows an event, with its key, and in each other part of the page."""
    known = evidence.given(load)
    rows = zip(view.rows or (), view.texts or (), strict=False)
    parts: list[tuple[str, str | None, str]] = [("row", key, text) for key, text in rows if text and key in known]
    parts += [("status", None, view.status.text)] if view.status is not None else []
    parts += [("counter", None, view.counter_text)] if view.counter_text else []
    parts += [("note of the list", None, view.window.text)] if view.window is not None else []
    parts += [(f"panel {name}", None, part.text) for name, part in (view.panels or {}).items()]
    if SLIP.search("\n".join(text for _, _, text in parts)) is None or unread(evidence, load):
        return
    told = (f"{event.name} {json.dumps(data_of(evidence, event))}" for event in known.values())
    said = {word for text in told for word in SLIP.findall(text)}
    sent = evidence.events
    changed = {key for key, event in known.items() if key not in sent or sent[key].digest != event.digest}
    for part, key, text in parts:
        if key in changed or (key is None and changed):
            continue
        if (found := next((word for word in SLIP.findall(text) if word not in said), None)) is not None:
            yield key, Finding(Aspect.SLIP, field=part, found=found, text=text[:80])
