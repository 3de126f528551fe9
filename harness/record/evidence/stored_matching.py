"""The matching of a stored ledger without ids: the same as `matching.matched`, and no sighting is made an object. Pure.

A ledger tells of as many events as there are kinds of them; matched, of as many as were reported.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast, get_args

from harness.model import SERVER_SIDE, Hop
from harness.model.facts import Acknowledged, View
from harness.record.columns import Facts, Sightings
from harness.record.distinct import distinct
from harness.record.evidence.matched_facts import Keyed, Naming, as_shown, keys_of, with_strange
from harness.record.evidence.matching import RECOVERED, Again, in_session, match, matched
from harness.record.evidence.pairing import Matches
from harness.record.evidence.stored_streams import are_regular, groups
from harness.record.ledger import Ledger
from harness.record.rekeyed import NewTables, facts_of, sightings_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np

KEYED = frozenset(body.kind for body in get_args(Keyed))


def matched_anyhow(ledger: Ledger) -> tuple[Ledger, str]:
    """The ledger with every sighting under its event's key, and how they were matched, in words."""
    sightings, facts = ledger.sightings, ledger.facts
    if isinstance(sightings, Sightings) and isinstance(facts, Facts) and are_regular(sightings):
        return _of_columns(ledger, sightings, facts)
    return matched(ledger)


def _of_columns(ledger: Ledger, stored: Sightings, facts: Facts) -> tuple[Ledger, str]:
    tables, column = stored.tables, stored.event
    of_sessions = np.flatnonzero(tables.event_session[column] >= 0)
    named = tables.texts[tables.event_session[column[of_sessions[0]]]] if len(of_sessions) else ""
    said = {
        place: in_session(tables.event(place), ledger.contract.session or named) for place in distinct(column).tolist()
    }
    at = groups(stored)
    matches = match(
        {
            hop: [(observer, [*map(said.__getitem__, column[rows].tolist())]) for observer, rows in found.items()]
            for hop, found in at.items()
        },
        _again(stored, at),
    )
    new, events = NewTables(tables), column.copy()
    for (hop, observer), mine in matches.events.items():
        events[at[hop][observer]] = new.events(mine)
    naming = Naming(with_strange(keys := keys_of(matches.reported), _strange(stored, events, new, keys)), matches)
    key, rows, state = _facts(facts, new, naming, matches)
    made = new.made()
    under = replace(ledger, sightings=sightings_of(stored, made, events), facts=facts_of(facts, made, key, rows, state))
    return under, matches.how


def _again(stored: Sightings, at: Mapping[Hop, Mapping[str, NDArray[Any]]]) -> Again:
    """The places of what was sent again, as `match` takes them."""
    is_again = stored.tables.details_with(RECOVERED)  # it is there where it is so, and else left out
    if not is_again.any():
        return {}
    return {
        (hop, observer): {*np.flatnonzero(is_again[stored.detail[rows]]).tolist()}
        for hop in SERVER_SIDE
        for observer, rows in at[hop].items()
    }


def _strange(
    stored: Sightings, events: NDArray[Any], new: NewTables, keys: Container[str]
) -> Iterator[tuple[Hop, str, str]]:
    """What the server's side saw under a key that was not reported, as `with_strange` takes it."""
    tables, places = stored.tables, stored.tables.event_key[stored.event]
    unknown = [place for place in distinct(places).tolist() if tables.keys[place] not in keys]
    is_there = stored.hop <= max(SERVER_SIDE)
    for row in np.flatnonzero(np.isin(places, unknown) & is_there).tolist():
        yield Hop(int(stored.hop[row])), tables.keys[int(places[row])], new.made_of[int(events[row])].key


def _facts(
    facts: Facts, new: NewTables, naming: Naming, matches: Matches
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The key of each fact, and the lists that views show."""
    tables, texts = facts.tables, facts.tables.texts
    key, rows, state = facts.key.copy(), np.full_like(facts.key, -1), np.full_like(facts.key, -1)
    about = np.flatnonzero(facts.key >= 0)
    columns = (each[about].tolist() for each in (facts.kind, facts.observer, facts.key))
    for row, kind_place, observer, key_place in zip(about.tolist(), *columns, strict=True):
        kind, said, mine = texts[kind_place], tables.keys[key_place], None
        if kind in KEYED:
            mine = naming.next(kind, texts[observer], said)
            if mine is None and kind == Acknowledged.kind and not cast("Acknowledged", facts[row].body).ok:
                mine = naming.unsent(said)
        key[row] = new.key(said if mine is None else mine)
    for row in np.flatnonzero(facts.kind == tables.place_of_text.get(View.kind, -2)).tolist():
        view = as_shown(cast("View", facts[row].body), texts[facts.observer[row]], matches)
        rows[row], state[row] = new.listed(view.rows), new.listed(view.state_events)
    return key, rows, state
