"""What lost events have in common against those that arrived, and what was said around the first of them. Pure.

These are facts and no cause: each line holds for every one of the lost, and for none of the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise

from harness.diagnosis._behind import of_waiting
from harness.diagnosis._identities import came_as_none
from harness.diagnosis._in_connections import of_connections
from harness.diagnosis._in_data import of_values
from harness.diagnosis._in_gaps import of_gaps
from harness.diagnosis._in_time import as_emitted
from harness.diagnosis._instead import calls
from harness.diagnosis._parties import at
from harness.diagnosis._processes import emitters
from harness.lib.amounts import amount
from harness.model import PAGE_SIDE, SERVER_SIDE, Event, Hop, Outcome
from harness.model.facts import (
    BackgroundError,
    CliMessage,
    FrameUnread,
    HandlerError,
    PageError,
    PageRefused,
)
from harness.record.evidence import Evidence
from harness.record.evidence.keys import those_in, union
from harness.record.remembered import remembered

AROUND_S = 1.0
"""So close to the first loss a message may have to do with it."""

MOST = 3
"""So many messages are repeated."""

MAKES_VISIBLE = {
    Hop.EMITTED: "a pattern of the CLI's output (`cli.output`)",
    Hop.SENT: "the agent in the CLI, or the proxy between CLI and server",
    Hop.RECEIVED: "the agent in the server, or the proxy between CLI and server",
    Hop.ROUTED: "the agent in the server",
    Hop.DELIVERED: "a Socket.IO connection of the page itself",
    Hop.APPLIED: "a store of the page (`page.store`)",
    Hop.RENDERED: "a list or a counter of the page (`page.list`, `page.count`)",
}
"""What would make a blind hop visible, in the words of a target file."""


EVERY = "events of the run"


def tells_apart(line: str) -> bool:
    """Whether a line says what only some events of a run have: that all are lost tells nothing about these."""
    return not line.endswith(EVERY)


def in_common(evidence: Evidence, outcomes: Sequence[Outcome]) -> list[str]:
    """What all of the events of some outcomes share, and no other event of the run does."""
    lost = {o.key for o in outcomes if o.key is not None and o.key in evidence.events}
    if not lost:
        return []
    there = _came_there(evidence, outcomes)
    keys = as_emitted(evidence) if there is None else those_in(as_emitted(evidence), {*lost, *there})
    mine = [evidence.events[key] for key in keys if key in lost]
    others = [key for key in keys if key not in lost]
    found = [*_of_firsts(evidence, lost), *_of_names(evidence, mine, others), *_of_places(keys, lost)]
    found += [*_of_sizes(evidence, mine, others), *of_values(evidence, mine, others)]
    found += [*_of_repeats(evidence, lost), *_of_numbers(evidence, lost), *_of_processes(evidence, mine, others)]
    found += [*_of_handlers(evidence, mine), *_of_messages(evidence, outcomes)]
    found += of_waiting(evidence, outcomes)
    return [*found, *of_gaps(evidence, outcomes), *of_connections(evidence, outcomes)]


def _came_there(evidence: Evidence, outcomes: Sequence[Outcome]) -> Set[str] | None:
    """The events that were seen where these went wrong, or further: the others were lost on the way, and tell nothing.

    None where that hop is not observed.
    """
    hop = max(max(outcome.hops, default=outcome.hop or Hop.EMITTED) for outcome in outcomes)
    seen = [evidence.said[each].keys for each in SERVER_SIDE if each >= hop]
    seen += [stream.keys for each in PAGE_SIDE if each >= hop for stream in evidence.shown[each].values()]
    return union(seen) if any(seen) else None


def _of_names(evidence: Evidence, mine: Sequence[Event], others: Sequence[str]) -> Iterator[str]:
    name = mine[0].name
    if len({event.name for event in mine}) > 1 or not others:
        return
    same = evidence.events.called({*others})[name]
    so_far = " that came so far" if evidence.events.called(evidence.events.keys())[name] > same + len(mine) else ""
    if same == 0 and len(mine) == 1:
        yield f"it is the only event named {name!r}{so_far}"
    elif same == 0:
        yield f"all {len(mine)} are named {name!r}, and no other{so_far} is"
    elif same < len(others) and len(mine) > 1:
        yield f"all {len(mine)} of them are {name!r}; {amount(same, 'other')} of the name went well"


def _of_places(keys: Sequence[str], lost: Set[str]) -> Iterator[str]:
    """Where among all events, in the order in which they were emitted, the lost ones are."""
    places = [place for place, key in enumerate(keys) if key in lost]
    if len(places) == len(keys):
        if len(keys) > 1:
            yield f"all {len(keys)} {EVERY}"
        return
    if len(places) < 2:
        return
    first, last, steps = places[0], places[-1], {b - a for a, b in zip(places, places[1:], strict=False)}
    if steps == {1} and last == len(keys) - 1:
        yield f"all from {keys[first]} on, and none before it"
    elif steps == {1} and first == 0:
        yield f"all up to {keys[last]}, and none after it"
    elif steps == {1}:
        yield f"all from {keys[first]} to {keys[last]}, and none before or after"
    elif len(places) > 2 and len(steps) == 1:
        step = steps.pop()
        if first < step and last + step >= len(keys):
            yield f"one event of every {step}, from {keys[first]} on"


def first_of_each(evidence: Evidence, lost: Set[str]) -> str | None:
    """The field of which each value came first in an event that arrived, and again in one that is lost, always.

    None where there is no such field, or too few events to tell.
    """
    known = [_fields(evidence, key) for key in lost if key in evidence.events]
    common = set.intersection(*({*fields} for fields in known)) if known else set()
    return next((field for field in sorted(common) if _is_first_of_each(evidence, field, lost)), None)


def _is_first_of_each(evidence: Evidence, field: str, lost: Set[str]) -> bool:
    held: set[str] = set()
    for key in as_emitted(evidence):
        value = _fields(evidence, key).get(field)
        if value is not None and (value in held) is not (key in lost):
            return False
        held |= {value} if value is not None else set()
    return len(held) > 1


@remembered
def _fields(evidence: Evidence, key: str) -> Mapping[str, str]:
    digest = evidence.events[key].digest
    data = None if digest is None else evidence.payload(digest)
    if not isinstance(data, Mapping):
        return {}
    return {str(field): json.dumps(value, sort_keys=True) for field, value in data.items()}


def _of_firsts(evidence: Evidence, lost: Set[str]) -> Iterator[str]:
    field = first_of_each(evidence, lost) if len(lost) > 1 else None
    if field is not None:
        yield f"each has a {field!r} that an event before it had; of each {field!r} the first alone went well"


def _of_repeats(evidence: Evidence, lost: Set[str]) -> Iterator[str]:
    if repeat(evidence, lost):
        who = "each" if len(lost) > 1 else "it"
        yield f"{who} has the same data as the event before it, and no other has"


def repeat(evidence: Evidence, lost: Set[str]) -> bool:
    """Whether each of these events has the same data as the one before it, and no other event has."""
    pairs = [*pairwise(evidence.events)]
    mine = [pair for pair in pairs if pair[1] in lost]
    if len(mine) < len(lost) or not all(_says_the_same(evidence, *pair) for pair in mine):
        return False
    return not any(_says_the_same(evidence, *pair) for pair in pairs if pair[1] not in lost)


def _says_the_same(evidence: Evidence, key: str, other: str) -> bool:
    fields = _fields(evidence, key)
    return bool(fields) and fields == _fields(evidence, other)


def _of_sizes(evidence: Evidence, mine: Sequence[Event], others: Sequence[str]) -> Iterator[str]:
    sizes = [_size(evidence, each) for each in mine]
    least = min((size for size in sizes if size is not None), default=0)
    if None in sizes or not others:
        return
    most = 0
    for key in others:
        size = _size(evidence, evidence.events[key])
        if size is None or least <= 2 * size:
            return
        most = max(most, size)
    yield f"all have {least} characters of data or more; of the others none has more than {most}"


def _size(evidence: Evidence, event: Event) -> int | None:
    data = None if event.digest is None else evidence.payload(event.digest)
    return None if data is None else len(json.dumps(data))


def _of_numbers(evidence: Evidence, lost: Set[str]) -> Iterator[str]:
    """Whether of all events with one name and number, in several sessions, one alone went well, and all others did."""
    if len(evidence.sessions) < 2 or len(lost) < 2:  # one may be alike by chance
        return
    alike: dict[tuple[str, int | None], list[str]] = {}
    for key, event in evidence.events.items():
        alike.setdefault((event.name, event.seq), []).append(key)
    went_well = [len(keys) - len(lost & {*keys}) for keys in alike.values()]
    if (None not in {number for _, number in alike}) and set(went_well) == {1}:
        yield "each has name and number of an event of another session, and of those one alone went well"


def _of_processes(evidence: Evidence, mine: Sequence[Event], others: Sequence[str]) -> Iterator[str]:
    who = {process for event in mine for process in emitters(evidence, event.key)}
    if len(who) != 1:
        return
    rest = [process for key in others for process in emitters(evidence, key)]
    if rest and who.isdisjoint(rest):
        yield f"all were emitted by process {who.pop()}, and no other was"


def _of_handlers(evidence: Evidence, mine: Sequence[Event]) -> Iterator[str]:
    """Which of them the handlers of other events emitted."""
    for event in mine[:MOST]:
        by = {s.detail.get("emitted_by") for s in evidence.at(Hop.ROUTED, event.key)} - {None}
        others = (key for key in evidence.events if key != event.key and not by.isdisjoint(calls(evidence, key)))
        other = next(others, None) if by else None
        if other is not None:
            yield f"{event.key}: the handler of {other} emitted it"


def _of_messages(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Messages that name one of them and are not events: without a session or a number, or with them elsewhere."""
    lost = [o for o in outcomes if o.key in evidence.events and Hop.ROUTED in o.hops]
    said = dict.fromkeys(
        (f.observer, f.body.name, evidence.events[o.event_key].name) for o in lost for f in came_as_none(evidence, o)
    )
    for observer, message, name in [*said][:MOST]:
        yield f"{observer}: a message {message!r} that names {name!r} came, and nothing in it says which event it is"


def said_around(evidence: Evidence, outcomes: Sequence[Outcome]) -> list[str]:
    """What CLI, server and pages told within a second of the first of these events: messages, errors, refusals."""
    first = next(iter(those_in(as_emitted(evidence), {o.event_key for o in outcomes})), None)
    seen = [s.at_ns for hop in Hop if hop not in PAGE_SIDE for s in evidence.at(hop, first)]
    if not seen:
        return []
    told = [
        *((f.at_ns, f.observer, _words(f.body)) for f in evidence.facts(CliMessage)),
        *((f.at_ns, f.observer, _words(f.body)) for f in evidence.facts(HandlerError)),
        *((f.at_ns, f.observer, _words(f.body)) for f in evidence.facts(BackgroundError)),
        *((f.at_ns, f.observer, _words(f.body)) for f in evidence.facts(PageError)),
        *((f.at_ns, f.observer, _words(f.body)) for f in evidence.facts(PageRefused)),
        *((f.at_ns, f.observer, _words(f.body)) for f in evidence.facts(FrameUnread)),
    ]
    close = (each for each in told if min(seen) - AROUND_S * 1e9 <= each[0] <= max(seen) + AROUND_S * 1e9)
    return [f"around {first}, {observer}: {words}" for _, observer, words in sorted(close)[:MOST]]


def _words(body: BackgroundError | CliMessage | FrameUnread | HandlerError | PageError | PageRefused) -> str:
    if isinstance(body, FrameUnread):
        return f"a message {body.name or 'without a name'!r} that can't be read: {body.why}"
    if isinstance(body, HandlerError):
        return f"the handler of {body.name!r} raised {body.error or 'an error'}{at(body.where)}"
    if isinstance(body, BackgroundError):
        return f"a {body.inside} raised {body.error or 'an error'}{at(body.where)}"
    lines = body.text.strip().splitlines()
    return repr(lines[-1 if isinstance(body, CliMessage) else 0][:200]) if lines else "an empty line"


def blind_in(evidence: Evidence, hops: Sequence[Hop]) -> list[str]:
    """For each hop of a range that is not observed: what would make it visible."""
    return [f"{hop.label} is blind: {MAKES_VISIBLE[hop]} would show it" for hop in hops if not evidence.has_tap(hop)]
