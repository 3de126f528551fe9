"""Which events are known by another's key at a hop: same name, same payload, and not their own session or number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from harness.judge.values.texts import data_of, leaves, plain
from harness.model import PAGE_SIDE, SERVER_SIDE, Event, Fact, Hop, Json, Kind, Outcome
from harness.model.facts import Notice
from harness.record.evidence import Evidence
from harness.record.evidence.firsts import are_said_alike
from harness.record.evidence.streams import Stream
from harness.record.remembered import remembered

Content: TypeAlias = tuple[str, str]
"""What an event says: its name, and the digest of its payload."""


def changed_keys(evidence: Evidence, hop: Hop, dashboard: str) -> Mapping[str, str]:
    """Own key to the key at a hop (of a dashboard), for events that are not there under their own."""
    return _changed_keys(evidence, hop, dashboard if hop in PAGE_SIDE else "")


@remembered
def _changed_keys(evidence: Evidence, hop: Hop, dashboard: str) -> Mapping[str, str]:
    if hop is not Hop.RENDERED and _is_as_reported(evidence, hop, dashboard):
        return {}
    if hop is Hop.SENT and evidence.has_tap(Hop.EMITTED):
        return _sent_as_others(evidence)
    here = _in_rows(evidence, dashboard) if hop is Hop.RENDERED else _here(evidence, hop, dashboard)
    return _changed(_reported(evidence), here) if here else {}


def is_changed(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether an outcome is about an event that is known by another's key at its hop, or that is such another."""
    if not outcome.hops or outcome.key is None:
        return False
    found = changed_keys(evidence, outcome.hops[-1], outcome.label)
    if outcome.key in found:
        return True
    if outcome.key not in found.values():
        return False
    return outcome.kind is not Kind.LOST or outcome.key not in _reported(evidence)  # else lost for a reason of its own


def came_as_none(evidence: Evidence, outcome: Outcome) -> list[Fact[Notice]]:
    """Messages with the event's name that are not events: it was emitted, and nothing says which one it is."""
    event = evidence.events.get(outcome.event_key)
    return [f for f in evidence.facts(Notice) if event is not None and event.name in _told(f.body)]


def _told(notice: Notice) -> list[Json]:
    payload = notice.payload
    return [notice.name, *(payload.values() if isinstance(payload, Mapping) else [payload])]


def _changed(reported: Mapping[str, Content], here: Mapping[str, set[Content]]) -> dict[str, str]:
    """Own key to the strange one. What is there under its own key, too, comes after what is not.

    And where it is, another event that says the same has not taken its place: that one's payload has changed.
    """
    own: dict[Content, list[str]] = defaultdict(list)
    strange: dict[Content, list[str]] = defaultdict(list)
    for key, content in sorted(reported.items(), key=lambda each: each[1] in here.get(each[0], ())):
        own[content].append(key)
    for key, contents in here.items():
        for content in contents - {reported.get(key)}:
            strange[content].append(key)
    pairs = {was: now for content, keys in strange.items() for was, now in zip(own[content], keys, strict=False)}
    return {was: now for was, now in pairs.items() if now not in reported or reported[was] not in here.get(was, ())}


@remembered
def _reported(evidence: Evidence) -> dict[str, Content]:
    """Key to content as the producers had it."""
    hops = [hop for hop in (Hop.SENT, Hop.EMITTED) if evidence.has_tap(hop)]
    return _contents(sighting.event for hop in hops for sighting in evidence.flow[hop])


def _sent_as_others(evidence: Evidence) -> dict[str, str]:
    """Own key to the key under which the CLI itself sent an event: not what it sent as itself, too."""
    keys, here = evidence.once[Hop.EMITTED], _here(evidence, Hop.SENT, "")
    reported = {key: content for key, content in _reported(evidence).items() if key in keys}
    pairs = _changed(reported, here)
    return {was: now for was, now in pairs.items() if was not in here and now not in keys}


def _is_as_reported(evidence: Evidence, hop: Hop, dashboard: str) -> bool:
    """Whether all that a hop shows is what the producers had under the same key, as far as columns tell.

    What was sent under a key that was reported of another event is not what they had.
    """
    reported = [evidence.said[Hop.EMITTED if evidence.has_tap(Hop.EMITTED) else Hop.SENT]]
    here = [evidence.said[hop]] if hop in SERVER_SIDE else _shown(evidence, hop, dashboard)
    return all(are_said_alike(stream, reported) for stream in here)


def _shown(evidence: Evidence, hop: Hop, dashboard: str) -> list[Stream]:
    shown = evidence.shown[hop]
    return [shown[load] for load in evidence.loads_of(dashboard) if load in shown]


def _contents(events: Iterable[Event]) -> dict[str, Content]:
    return {event.key: (event.name, event.digest) for event in events if event.digest is not None}


def _here(evidence: Evidence, hop: Hop, dashboard: str) -> dict[str, set[Content]]:
    """Key to the contents that it has at a hop."""
    if hop in PAGE_SIDE:
        seen = [s for load in evidence.loads_of(dashboard) for s in evidence.on_page(hop, load)]
    else:
        seen = [*evidence.flow[hop]]
    found: dict[str, set[Content]] = defaultdict(set)
    for event in (s.event for s in seen):
        if event.digest is not None:
            found[event.key].add((event.name, event.digest))
    return found


def _in_rows(evidence: Evidence, dashboard: str) -> dict[str, set[Content]]:
    """The same of a page's rows, which say no more than a part: each has the content of the event whose texts it shows.

    That is the event that it says it is, or else the only one that came to the page and has no row. Rows that don't say
    which event they show are matched by name: they can't say another number.
    """
    view = evidence.view(dashboard)
    if view is None or view.body.rows is None or view.body.texts is None or not view.body.rows_numbered:
        return {}
    found, reported = defaultdict[str, set[Content]](set), _reported(evidence)
    rows = [*zip(view.body.rows, view.body.texts, strict=False)]
    shown = {*view.body.rows}
    came = evidence.keys_on_page(Hop.DELIVERED, view.observer) if evidence.has_tap(Hop.DELIVERED) else evidence.events
    without = [evidence.events[key] for key in came if key not in shown and key in evidence.events]
    for key, text in rows:
        own = evidence.events.get(key)
        if text is not None and own is not None:
            others = [event.key for event in without if _shows(evidence, text, event, own)]
            said = others[0] if len(others) == 1 else key
            found[key] |= {reported[said]} if said in reported else set()
    return found


def _shows(evidence: Evidence, text: str, event: Event, instead: Event) -> bool:
    """Whether a row shows more of what an event says than of what the one says that it should show."""
    row = plain(text)
    mine, other = (sum(plain(said) in row for said in _said(evidence, each)) for each in (event, instead))
    return mine > other


def _said(evidence: Evidence, event: Event) -> list[str]:
    return [event.name, *leaves(data_of(evidence, event)).values()]
