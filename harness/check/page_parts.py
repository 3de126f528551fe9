"""Parts of a page that the file could name: lists, numbers and words that fit what the page was given in a task."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.check.vocabulary import FEWEST, Mend
from harness.judge.values.quantities import says
from harness.judge.values.texts import data_of, is_in, leaves, numbers, plain
from harness.lib.patterns import compiled, literal
from harness.model import Event, Hop
from harness.model.facts import View
from harness.record.evidence import Evidence
from harness.target.spec import Target

CONNECTED = (re.compile(r"(?i:connected|online|live)"), re.compile(r"(?i:open|ready|up|ok)"))
"""What a page says of its connection, as far as one can guess; the second words may be said of anything."""

LOOK = r"""() => {
  const LIMIT = 200, MOST = 100, LONGEST = 1000, UNSEEN = ["script", "style", "option", "noscript"];
  const one = (selector) => document.querySelectorAll(selector).length === 1;
  const classes = (element) => [...element.classList].slice(0, 2).map((name) => "." + CSS.escape(name)).join("");
  const path = (element) => {
    if (element.id && one("#" + CSS.escape(element.id))) return "#" + CSS.escape(element.id);
    const tag = element.localName, named = tag + classes(element);
    if (one(named)) return named;
    if (element.parentElement === null) return tag;
    const place = [...element.parentElement.children].filter((each) => each.localName === tag).indexOf(element) + 1;
    return `${path(element.parentElement)} > ${tag}:nth-of-type(${place})`;
  };
  const text = (element) => element.textContent.trim().replace(/\s+/g, " ").slice(0, LIMIT);
  const lists = [], words = [], logs = [];
  const isText = (node) => node.nodeType === Node.TEXT_NODE || node.localName === "br";
  const isLog = (element) => [...element.childNodes].every(isText) && !UNSEEN.includes(element.localName);
  const written = (element) => String(element.value ?? element.innerText ?? "").split("\n");
  const lines = (element) => written(element).map((line) => line.trim().slice(0, LIMIT)).filter(Boolean);
  for (const element of document.body.querySelectorAll("*")) {
    if (lists.length < MOST && element.children.length > 1) {
      const [first] = element.children, kind = first.localName;
      const alike = [...element.children].filter((each) => each.localName === kind);
      const common = [...first.classList].filter((name) => alike.every((each) => each.classList.contains(name)));
      const own = common.slice(0, 1).map((name) => "." + CSS.escape(name)).join("");
      if (alike.length > 1 && alike.length === element.children.length && !["script", "style"].includes(kind)) {
        lists.push({ selector: `${path(element)} > ${kind}${own}`, texts: alike.map(text) });
      }
    }
    if (logs.length < MOST && isLog(element)) {
      const said = lines(element).slice(0, LONGEST);
      if (said.length > 1) logs.push({ selector: path(element), texts: said });
    }
    if (words.length < MOST && element.children.length === 0 && element.getClientRects().length > 0) {
      const said = text(element);
      if (said !== "" && said.length < 40) words.push({ selector: path(element), text: said });
    }
  }
  return { lists, words, logs };
}"""
"""What a page shows: elements with children of one kind, short texts, and longer ones by their lines; each with a
selector of its own."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a page shows: the items of what could be lists, short texts, and the lines of others, by selectors."""

    lists: Mapping[str, Sequence[str]]
    words: Mapping[str, str]
    logs: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Any) -> Parts:
        """What LOOK returned."""
        lists, logs = (
            {str(each["selector"]): [str(text) for text in each["texts"]] for each in said[kind]}
            for kind in ("lists", "logs")
        )
        return cls(lists, {str(each["selector"]): str(each["text"]) for each in said["words"]}, logs)


def additions(target: Target, evidence: Evidence, dashboard: str, parts: Parts) -> Iterator[Mend]:
    """Parts of the page that the file does not name, and that fit what the page was given."""
    load = next(reversed(evidence.loads.get(dashboard, [])), "")
    events = [each.event for each in evidence.page[Hop.DELIVERED].get(load, ())]
    page = target.page
    if page.status is None:
        known = ([(at, text) for at, text in parts.words.items() if words.fullmatch(text)] for words in CONNECTED)
        if len(fitting := next(filter(None, known), [])) == 1:
            [(at, text)] = fitting
            said = {"selector": at, "connected": text}
            yield Mend(("page", "connection"), said, "it says so once the page is connected", sure=False)
    if len(events) < FEWEST:
        return
    if page.row is None:
        found = [*_list(evidence, events, parts.lists)] or _list(evidence, events, parts.logs, lines=True)
        yield from found
    elif not target.row_says and (paths := _said_by_rows(evidence, load)):
        yield Mend(
            ("page", "list", "says"), paths, "each item shows them: what it lacks of them is told then", sure=False
        )
    if page.counter is None:
        equal = [at for at, text in parts.words.items() if text == str(len(events))]
        if len(equal) == 1:
            why = f"it says {len(events)}, as many as events were delivered"
            yield Mend(("page", "count"), {"selector": equal[0]}, why, sure=False)


def _said_by_rows(evidence: Evidence, load: str) -> list[str]:
    """What the items of the list that the file names show of their events."""
    view = next((fact.body for fact in reversed(evidence.facts(View)) if fact.observer == load), None)
    if view is None or not view.rows or view.texts is None or len(view.rows) != len(view.texts):
        return []
    known = evidence.given(load)
    pairs = [(known[key], text) for key, text in zip(view.rows, view.texts, strict=True) if key in known and text]
    return said_by_all(evidence, *zip(*pairs, strict=True)) if len(pairs) >= FEWEST else []


def _list(
    evidence: Evidence, events: Sequence[Event], lists: Mapping[str, Sequence[str]], **more: bool
) -> Iterator[Mend]:
    """The list that has an item for each event, or for each of one name, and shows in it what the event says."""
    names = Counter(event.name for event in events)
    choices = [events, *([each for each in events if each.name == name] for name in names if len(names) > 1)]
    for chosen in choices:
        for at, texts in lists.items():
            if len(texts) != len(chosen) or len(chosen) < FEWEST or not _shows(evidence, chosen, texts):
                continue
            known = _known_by(chosen, texts)
            if known:
                said = {"selector": at, **more, **known}
                if paths := said_by_all(evidence, chosen, texts):
                    said["says"] = paths
                yield Mend(("page", "list"), said, "its items show what the events say, one by one", sure=False)
                return


def _shows(evidence: Evidence, events: Sequence[Event], texts: Sequence[str]) -> bool:
    """Whether each item shows something of its event, in the order of delivery or against it."""
    said = [
        [*leaves(data).values(), *(number for number in numbers(data).values() if len(number) > 1), event.name]
        for event, data in ((event, data_of(evidence, event)) for event in events)
    ]
    shown = [plain(text) for text in texts]
    return any(
        all(any(is_in(each, row) for each in known) for known, row in zip(said, rows, strict=True))
        for rows in (shown, shown[::-1])
    )


def said_by_all(evidence: Evidence, events: Sequence[Event], texts: Sequence[str]) -> list[str]:
    """Paths in the events' data that each item shows, in the order of delivery or against it: what differs by event.

    Without them a page that shows less of its events than it did would pass.
    """
    told = [data_of(evidence, event) for event in events]
    found: list[list[str]] = []
    for rows in (texts, texts[::-1]):
        pairs = [*zip(told, rows, strict=True)]
        words = _shown_paths([(leaves(data), row) for data, row in pairs], lambda text, row, _: is_in(text, plain(row)))
        counts = [(numbers(data), row) for data, row in pairs]
        found.append([*words, *_shown_paths(counts, lambda number, row, path: says(row, float(number), path))])
    return max(found, key=len)


def _shown_paths(
    pairs: Sequence[tuple[Mapping[str, str], str]], is_shown: Callable[[str, str, str], bool]
) -> Iterator[str]:
    for path in dict.fromkeys(path for held, _ in pairs for path in held):
        values = [(held[path], row) for held, row in pairs if path in held]
        if len({value for value, _ in values}) >= FEWEST and all(is_shown(value, row, path) for value, row in values):
            yield path


def _known_by(events: Sequence[Event], texts: Sequence[str]) -> dict[str, str]:
    """How the items say their events' names: by a pattern, or all are of one."""
    names = sorted({event.name for event in events}, key=lambda name: (-len(name), name))
    escaped = "|".join(literal(name) for name in names)
    for pattern in (rf"^\W*(?P<name>{escaped})\b", rf"(?:^|\W)(?P<name>{escaped})(?:\W|$)"):
        found = [match["name"] for text in texts if (match := compiled(pattern).search(text)) is not None]
        if Counter(found) == Counter(event.name for event in events):
            return {"pattern": pattern}
    return {"called": names[0]} if len(names) == 1 else {}
