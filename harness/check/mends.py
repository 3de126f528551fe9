"""What would mend a target file, as far as a recorded task leaves no doubt: keys and their values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.check.arguments import kept_arguments
from harness.check.held import held
from harness.check.lines import of_lines
from harness.check.vocabulary import FEWEST, Key, Mend, other_words, reported, seen_at
from harness.lib.patterns import compiled, literal
from harness.model import Event, Fact, Hop
from harness.model.facts import View
from harness.record.evidence import Evidence, label_of
from harness.record.ledger import Ledger
from harness.target.spec import Target


def mends(target: Target, ledger: Ledger, evidence: Evidence, printed: Sequence[str] = ()) -> Iterator[Mend]:
    """What the file should say instead. `ledger` is as it was recorded, before events were matched.

    `printed` are the lines of the CLI. One that failed has shown nothing of what a whole task is: nothing is sure then.
    """
    if any(end.body.status for end in evidence.exits.values()):
        return
    found = [
        *of_lines(target, evidence, printed),
        *_ids(target, ledger, evidence),
        *_names(target, evidence),
        *_fields(target, evidence),
        *_own(target, evidence),
        *other_words(target, evidence),
        *held(target, evidence),
        *_pattern(target, evidence),
        *kept_arguments(target, evidence),
    ]
    joined: dict[tuple[Key, bool], Mend] = {}
    for each in found:  # what is added to one list for several reasons is one line of the file
        before = joined.get(place := (each.key, each.sure))
        if before is not None and isinstance(each.value, list):
            each = replace(
                before, value=[*dict.fromkeys([*before.value, *each.value])], why=f"{before.why}; {each.why}"
            )
        joined[place] = each
    yield from joined.values()


SIDES = ((("events", "sent"), (Hop.SENT, Hop.RECEIVED)), (("events", "received"), (Hop.ROUTED, Hop.DELIVERED)))


def _ids(target: Target, ledger: Ledger, evidence: Evidence) -> Iterator[Mend]:
    """Where messages have session and number that the producer's lines have, too."""
    told = list(reported(evidence).values())
    yield from _ids_of_lines(target, ledger, told)
    for key, hops in SIDES:
        envelope = target.ingress if key == ("events", "sent") else target.egress
        if evidence.first_hop in hops or envelope.seq is not None or envelope.by_arguments:
            continue
        for hop in hops:
            events = [each.event for each in ledger.sightings if each.hop is hop and each.event.seq is None]
            payloads = [ledger.payloads.get(event.digest or "") for event in events]
            found = _numbered([each for each in payloads if isinstance(each, Mapping)], told)
            if found is not None:
                session, seq = found
                yield Mend((*key, "session"), session, f"it is the session of every event at {hop.label}")
                yield Mend((*key, "seq"), seq, f"it is the number of every event at {hop.label}")
                break


def _ids_of_lines(target: Target, ledger: Ledger, told: Sequence[Event]) -> Iterator[Mend]:
    """Where the JSON of the producer's lines has session and number, which would be taken for data."""
    fields = target.output.fields
    if target.output.silent or fields.session is not None or fields.seq is not None:
        return
    events = [each.event for each in ledger.sightings if each.hop is Hop.EMITTED]
    payloads = [ledger.payloads.get(event.digest or "") for event in events]
    found = _numbered([each for each in payloads if isinstance(each, Mapping)], told)
    if found is not None and len(payloads) == len(told):
        for name, field in zip(("session", "seq"), found, strict=True):
            why = f"it is the {'session' if name == 'session' else 'number'} of every event that the producer reports"
            yield Mend(("cli", "output", "fields", name), field, why)


def _numbered(payloads: Sequence[Mapping[str, Any]], told: Sequence[Event]) -> tuple[str, str] | None:
    """The only fields of payloads that are the sessions and numbers that were told; None where there is a doubt."""
    ids = {(event.session, event.seq) for event in told}
    sessions, numbers = {session for session, _ in ids}, {number for _, number in ids}
    names = {name for payload in payloads for name in payload}
    of_session = [name for name in names if all(_among(p[name], sessions) for p in payloads if name in p)]
    of_number = [name for name in names if all(_among(p[name], numbers) for p in payloads if name in p)]
    fits = [
        (session, number)
        for session in of_session
        for number in of_number
        if {(p[session], p[number]) for p in payloads if session in p and number in p} == ids
    ]
    return fits[0] if len(fits) == 1 and len(ids) >= FEWEST else None


def _among(value: Any, known: Iterable[object]) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value in known


def _names(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """Names on the wire to those of the producer's lines, where events are known by their numbers."""
    said, found = reported(evidence), dict[str, str]()
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED):
        for each in seen_at(evidence, hop):
            mine = said.get(each.event.key)
            if mine is not None and mine.name != each.event.name:
                if found.get(each.event.name, mine.name) != mine.name:
                    return
                found[each.event.name] = mine.name
    if found:
        yield Mend(("events", "names"), {**target.egress.names, **found}, "events with these numbers have these names")


def _fields(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """Fields that the server adds to the data, and those that it renames."""
    said = _with_data(evidence)
    seen = [each.event for hop in (Hop.ROUTED, Hop.DELIVERED) for each in seen_at(evidence, hop)]
    changed = [event for event in seen if event.key in said and event.digest not in (None, said[event.key].digest)]
    pairs = [(_data(evidence, said[event.key]), _data(evidence, event)) for event in changed]
    plain = [(a, b) for a, b in pairs if isinstance(a, Mapping) and isinstance(b, Mapping)]
    if not plain or len(plain) != len(pairs):
        return
    more = {name for _, after in plain for name in after} - {name for before, _ in plain for name in before}
    less = {name for before, _ in plain for name in before} - {name for _, after in plain for name in after}
    renamed = {}
    for new in more:
        former = [old for old in less if all(b.get(old) == a.get(new) and (old in b) == (new in a) for b, a in plain)]
        if len(former) == 1:
            renamed[new] = former[0]
    added = sorted(more - renamed.keys())
    named = [(said[event.key].name, before) for event, (before, _) in zip(changed, plain, strict=True)]
    lines = reported(evidence)
    are_of_lines = all(lines[event.key].digest is not None for event in changed)
    if are_of_lines and not more and len(less) == 1 and all(before.get(*less) == name for name, before in named):
        [field] = less
        yield Mend(("cli", "output", "fields", "name"), field, "it is the event's name, not its data")
    is_all = all(
        {renamed.get(name, name): value for name, value in after.items() if name not in added} == dict(before)
        for before, after in plain
    )
    if is_all and renamed:
        renames = {**target.egress.renamed, **renamed}
        yield Mend(("events", "renamed"), renames, "they have the values of these fields in every event")
    if is_all and added:
        yield Mend(("events", "added"), [*target.egress.added, *added], "without them the data are the same")


def _with_data(evidence: Evidence) -> dict[str, Event]:
    """The events as they were reported; where lines name them alone, as they came to the server."""
    found = reported(evidence)
    for each in (*seen_at(evidence, Hop.SENT), *seen_at(evidence, Hop.RECEIVED)):
        key = each.event.key
        if key in found and found[key].digest is None:
            found[key] = each.event
    return found


def _own(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """Messages that every page is sent before the first event of the task, and no producer has anything to do with."""
    said = reported(evidence)
    names = {event.name for event in said.values()} | {*target.egress.names} | {*target.declared}
    if not all(evidence.page[Hop.DELIVERED].values()):
        return
    before: list[set[str]] = []
    anywhere: list[set[str]] = []
    for sightings in evidence.page[Hop.DELIVERED].values():
        keys = [each.event.key in said for each in sightings]
        if True not in keys:
            return  # it is not known which of them the task's are
        first = keys.index(True)
        before.append({each.event.name for each in sightings[:first]})
        anywhere.append({each.event.name for each in sightings[first:]})
    own = set[str].intersection(*before) - set[str]().union(*anywhere) - names if before else set[str]()
    if own:
        why = "every page is sent them before the first event of the task, and no more"
        yield Mend(("events", "own"), [*target.egress.own, *sorted(own)], why)


def _pattern(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """What the items of the list say, where all of them begin with the name of an event."""
    row = target.page.row
    yield from _called(target, evidence)
    views = [view.body for view in _of_first_page(target, evidence) if view.body.texts]
    if row is None or row.type is not None or row.constant is not None or not views or row.is_numbered:
        return
    texts = [text for text in views[-1].texts or () if text]
    known = {key for key in views[-1].rows or () if key in evidence.events}
    names = sorted(
        {event.name for event in reported(evidence).values()} | {*target.egress.names}, key=lambda n: (-len(n), n)
    )
    if not names or len(known) == len(views[-1].rows or ()) or not texts:
        return
    escaped = "|".join(literal(name) for name in names)
    for pattern, why in (
        (rf"^\W*(?P<name>{escaped})\b", "every item begins with the name of an event"),
        (rf"(?:^|\s)(?P<name>{escaped})(?:\s|$)", "every item has the name of an event in it"),
    ):
        if all(compiled(pattern).search(text) for text in texts):
            yield Mend(("page", "list", "pattern"), pattern, why)
            return


def _of_first_page(target: Target, evidence: Evidence) -> list[Fact[View]]:
    return [view for view in evidence.facts(View) if label_of(view.observer) not in target.pages]


def _called(target: Target, evidence: Evidence) -> Iterator[Mend]:
    """The one name of all that the page was given, where its items don't say it and are as many."""
    row, view = target.page.row, next(reversed(_of_first_page(target, evidence)), None)
    if row is None or row.constant is not None or row.is_numbered or view is None or not view.body.rows:
        return
    given = [each.event.name for each in evidence.page[Hop.DELIVERED].get(view.observer, ())]
    is_read = any(key in evidence.events and evidence.events[key].name in given for key in view.body.rows)
    if is_read or len({*given}) != 1 or not FEWEST <= len(given) == len(view.body.rows):
        return
    instead = ("page", "list", "pattern" if row.pattern is not None else "name")
    yield Mend(("page", "list", "called"), given[0], "there is an item for each of them", instead_of=instead)


def _data(evidence: Evidence, event: Event) -> Any:
    return None if event.digest is None else evidence.payload(event.digest)
