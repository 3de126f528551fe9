"""Items that show what no pattern of the target says, while a field of their events changes: it was not compared. Pure.

A page may have words of its own for each value of a field. Where every item that has one value shows the same, and
those that have another one something else, it is that field that they show. Else nobody knows whether it is right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from harness.judge.panels.expected import concerned, held
from harness.judge.panels.heard import Heard
from harness.judge.panels.items import Listed, listed
from harness.judge.values.paths import at
from harness.judge.values.texts import leaves, words
from harness.model import Aspect, Finding, Items, Panel
from harness.model.facts import PanelPart, View
from harness.record.evidence import Evidence

ANYTHING = "\ue000"
"""What no page says and only a pattern for anything fits."""

LONGEST = 24
"""Characters that a code has at most."""


def troubles(evidence: Evidence, view: View, load: str) -> Iterator[Finding]:
    """For each panel the first field that its items may show, and that was not compared."""
    for panel in evidence.contract_at(load).panels if view.panels else ():
        seen = (view.panels or {}).get(panel.name)
        if seen is not None and panel.items is not None and _is_open(panel.items):
            yield from _unsaid(evidence, panel, panel.items, seen, load)


def _is_open(items: Items) -> bool:
    """Whether the target says nothing of how an item reads after its events: any text fits."""
    return items.entities and items.by is None and all(re.search(p, ANYTHING) for p in items.states.values())


def _unsaid(evidence: Evidence, panel: Panel, items: Items, seen: PanelPart, load: str) -> Iterator[Finding]:
    said = Heard(evidence, load, concerned(panel, seen.session, held(evidence, load))).said
    made = listed(items, said)
    parts = seen.items or [*_parts(made, seen.text)]
    shown = [(item, rest) for item in made if (rest := _rest(items, item, parts)) is not None]
    if not any(rest for _, rest in shown):
        return  # it shows no more than what it is called
    for path in _changing(items, [item for item, _ in shown]):
        pairs = [(str(value), rest) for item, rest in shown if (value := _last(item, path)) is not None]
        if len({value for value, _ in pairs}) > 1 and not _is_told(pairs):
            by_value = dict(pairs)
            value, rest = next(iter(by_value.items()))
            yield Finding(Aspect.PANEL_UNSAID, panel=panel.name, field=path, expected=value, found=rest)
            return


def _parts(made: Sequence[Listed], text: str) -> Iterator[tuple[str, str]]:
    """A panel's text, divided where an item begins: where the page does not say what its items are."""
    plain = " ".join(text.split())
    begins = sorted({at for item in made if (at := item.find(plain, 0)[0]) >= 0})
    yield from ((plain[at:end], "") for at, end in pairwise([*begins, len(plain)]))


def _rest(items: Items, item: Listed, parts: Sequence[tuple[str, str]]) -> str | None:
    """What an item shows beside its data, words and marks; None where it does not stand there."""
    own = {word for data in item.said for word in [*words(str(at(data, items.key) or "")), *_words(items, data)]}
    for text, marks in parts:
        name = next((each for each in item.texts if each and each in " ".join(text.split())), None)
        if name is not None:
            rest = text.replace(name, " ", 1)
            return " ".join(word for word in [*words(rest), *words(marks)] if word not in own and not word.isdecimal())
    return None


def _words(items: Items, data: Any) -> Iterator[str]:
    """The words of what an item says that stays as it is, or is read as it is."""
    for path, text in leaves(data).items():
        if len(text) > LONGEST or " " in text or path in (*items.reads, items.key):
            yield from words(text)


def _changing(items: Items, made: Sequence[Listed]) -> Iterator[str]:
    """The fields with codes that change while items are there, and that the target says nothing of."""
    values: Mapping[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for item in made:
        for data in item.said:
            for path, value in data.items() if isinstance(data, Mapping) else ():
                if isinstance(value, bool) or (isinstance(value, str) and len(value) <= LONGEST and " " not in value):
                    values[path][item.key].add(str(value))
    for path, by_item in values.items():
        if path not in (items.key, items.text, *items.reads) and any(len(each) > 1 for each in by_item.values()):
            yield path


def _last(item: Listed, path: str) -> Any:
    return next((value for data in reversed(item.said) if (value := at(data, path)) is not None), None)


def _is_told(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether what items show tells the values: of each another one, or the values' own words."""
    if all({*words(value)} <= {*words(rest)} for value, rest in pairs):
        return True
    return len({*pairs}) == len({value for value, _ in pairs}) == len({rest for _, rest in pairs})
