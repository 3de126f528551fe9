"""What findings say whose words are more than a sentence with fields in it."""

from __future__ import annotations

import signal

from harness.lib.amounts import agreeing, amount
from harness.model import Finding, Hop


def nothing_sighted(what: Finding) -> str:
    if what.found is None:
        return "no event was sighted anywhere"
    cli = (what.party or "").replace("cli:", "CLI ", 1)
    said = f", and said: {what.text}" if what.text else ""
    return f"no event was sighted anywhere: {cli} ended with status {what.found}{said}"


def latency(what: Finding) -> str:
    total = f"rendered {what.measured_ms or 0:.0f} ms after it was emitted; the bound is {what.bound_ms or 0:.0f} ms"
    if what.items:
        return f"{total}; most of it passed at {what.items[0]} to {what.items[-1]}"
    return total if what.hop in (None, Hop.RENDERED) else f"{total}; most of it passed before {what.hop.label}"


def payload(what: Finding) -> str:
    if what.field is None:
        return f"its payload has digest {what.found}, and had {what.expected}"
    more = f"; {(what.count or 1) - 1} more fields differ" if (what.count or 1) > 1 else ""
    return f"{what.field} is {what.found}, and was {what.expected}{more}"


def who(party: str | None) -> str:
    """A party as a sentence names it: `dashboard:A` is dashboard A."""
    return (party or "").replace("dashboard:", "dashboard ", 1)


SHELL = 128
"""A program that a signal ended has this and the signal's number as its status for a shell."""


def broken_off(what: Finding) -> str:
    status = what.found if isinstance(what.found, int) else None
    if status is None:
        how = ", how is not known"
    elif SHELL < status <= SHELL + max(signal.valid_signals()):
        how = f" with status {status}, by which a shell tells {signal_named(status - SHELL)}"
    else:
        how = f" with status {status}" if status >= 0 else f" by {signal_named(-status)}"
    return f"the run was broken off: {who(what.party)} ended{how}, and the harness did not end it"


def signal_named(number: int) -> str:
    known = {each.value: each.name for each in signal.Signals}
    return f"signal {number}" + (f" ({known[number]})" if number in known else "")


def repeated(what: Finding) -> str:
    """A sid is sent to, a page load shows."""
    party = what.party or ""
    way = "in" if party.startswith("dashboard:") else "to"
    return f"{what.count} times" + (f" {way} {party}" if party else "")


def status(what: Finding) -> str:
    counts = "counts it as a member" if what.expected else "doesn't count it as a member"
    says = "the page" if what.field is None else f"{what.field} in the page's state"
    return f"{says} says {what.found!r}, and the server {counts}"


def list_total(what: Finding) -> str:
    told = f"the counter says {what.expected}" if what.field is None else f"the page was given {what.expected}"
    return f"the list says it is a part of {what.found}, and {told}"


def outside(what: Finding) -> str:
    return f"{who(what.party)} never connected" + (f": {what.text}" if what.text is not None else "")


def unknown_session(what: Finding) -> str:
    answer = "not at all" if what.found is None else what.found
    return f"subscribing to unknown session {what.session!r} was answered {answer}"


def _for_a_while(found: Finding) -> str:
    return "" if found.measured_ms is None else f" for {found.measured_ms:.0f} ms, while the run went on"


def panel_value(found: Finding) -> str:
    """A number is counted by events; anything else is said by them."""
    shown = f"panel {found.panel} shows {found.field} {found.found!r}{_for_a_while(found)}"
    if isinstance(found.expected, str):
        return f"{shown}, and its events say {found.expected!r}"
    count = found.expected or 0
    return f"{shown}, and {amount(count, 'event')} {agreeing(count, 'says', 'say')} otherwise"


def state_value(found: Finding) -> str:
    """The same of what the state of a page holds."""
    of = "" if found.session is None else f" of session {found.session}"
    said = repr(found.expected) if isinstance(found.expected, str) else f"{found.expected} of it"
    return f"the page's state has {found.field} {found.found!r}{of}, and its events make {said}"


def handler_runs(what: Finding) -> str:
    place = f" ({what.other})" if what.other else ""
    return f"that of {what.request!r} for {(what.measured_ms or 0) / 1000:.1f} s{place}"


def handler_holds(what: Finding) -> str:
    return f"its handler still runs: {handler_runs(what)}; the bound is {what.bound_ms or 0:g} ms"


def silent_gap(what: Finding) -> str:
    missed = amount(what.count or 0, "event")
    return f"{missed} passed while {who(what.party)} was disconnected, and its page never said so"


def not_for_page(what: Finding) -> str:
    return f"the page of {who(what.party)} is for {', '.join(map(str, what.items))} alone"


def given_up(what: Finding) -> str:
    session = "the session" if what.session is None else f"session {what.session}"
    return f"{who(what.party)} had given {session} up"


def struck(what: Finding) -> str:
    parties = " and ".join(map(who, what.items))
    return f"a fault struck {parties} while it was on its way, and what that costs is not promised"
