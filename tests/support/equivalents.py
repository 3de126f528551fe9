"""Mutants that no test can kill, each with the reason: the line as it was and as it became, to why that is the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

Changes: TypeAlias = Mapping[str, Iterable[tuple[str, str]]]
"""A line of the source to the texts in it that were changed, each with what it became."""

STRICT = [("strict=True", each) for each in ("strict=None", "strict=False", "")]

TWO_RECORDS: Changes = {
    "return hop is Hop.SENT and any(before.n < fact.n < after.n for fact in self._lost[before.observer])": [
        ("before.n < fact", "before.n <= fact"),
        ("< after.n", "<= after.n"),
    ],
    "return opened is not None and bool(spans) and spans[0].start > opened": [("start > opened", "start >= opened")],
    "return position(error) > arrived and (handler == name or handler not in called)": [("> arrived", ">= arrived")],
    "came_in_order = position(received[event.key][0]) < position(received[later.key][0])": [(" < ", " <= ")],
    "if came_in_order and position(routed[later.key][0]) < position(routed[event.key][0]):": [(" < ", " <= ")],
    "elif told[0].n > n:": [("> n", ">= n")],
    "if (opening.answered or END) < span.start < over:": [
        ("END) < span", "END) <= span"),
        ("start < over", "start <= over"),
    ],
    "if not span.start < opening.asked < span.end:": [("start < op", "start <= op"), ("asked < sp", "asked <= sp")],
    "if (span.load, session) not in ended and any(at < span.end for at in closed):": [("at < span", "at <= span")],
    "if span.start < at < span.end:": [("start < at", "start <= at"), ("at < span", "at <= span")],
    "if watch.start > first": [("> first", ">= first")],
    "throughout = [w for w in watches if len(w.spans) == 1 and w.end == END and w.start < began]": [
        ("start < began", "start <= began")
    ],
    "elif due[0] > latest:": [("> latest", ">= latest")],
    "return min([restart, *(at for at in (*ends, *gone) if at > opening.asked)])": [("> opening", ">= opening")],
    "if (following.answered or following.asked) >= free or following.session == holder.session:": [(">= fr", "> fr")],
    "if any(holder.asked < at < freed_at(evidence, holder) for at in turned_away)": [
        ("asked < at", "asked <= at"),
        ("at < freed", "at <= freed"),
    ],
    "tries = [e for e in evidence.exchanges if e.name == OPEN and e.session != holder.session and e.asked > free]": [
        ("asked > free", "asked >= free")
    ],
    "lasting = [span for span in mine if span.start <= end and span.end >= first.asked]": [
        ("start <= end", "start < end"),
        ("end >= first", "end > first"),
    ],
    "if ends and exchange.asked > first.asked and exchange.ok is not False:": [("asked > first", "asked >= first")],
    'taken = exchange.name == "subscribe" and exchange.ok and exchange.sid in sids and exchange.asked > first.asked': [
        ("asked > first", "asked >= first")
    ],
    "if at is not None and watch.left < at < until and sids & evidence.recipients_of(event.key):": [
        ("left < at", "left <= at"),
        ("at < until", "at <= until"),
    ],
    "if first is not None and watch.asked > first:": [("asked > first", "asked >= first")],
    "if span.start <= at <= span.end:": [("start <= at", "start < at"), ("at <= span", "at < span")],
    "opened = [at for at in answers if at is not None and at < first]": [("< first", "<= first")],
    "closed = [e.asked for e in mine if e.name == CLOSE and e.asked > last]": [("asked > last", "asked >= last")],
    "if at > watch.left and self.isolated:": [("> watch", ">= watch")],
    "if at >= watch.start:": [(">= watch", "> watch")],
    "if at >= watch.asked and not (self.replays and watch.whole):": [(">= watch", "> watch")],
    "if label_of(load) == outcome.dashboard and not (sid in ends and ends[sid] < at):": [("< at", "<= at")],
    "before = [fact for fact in moves if position(fact) < at]": [("< at", "<= at")],
    "behind = [key for key, at in evidence.places.items() if at > position(end)]": [("> pos", ">= pos")],
    "away = at is not None and any(start < at < end for start, end in gaps.get(label, ()))": [
        ("start < at", "start <= at"),
        ("at < end", "at <= end"),
    ],
    "if theirs and at is not None and joined and (asked.answered or END) < at < joined[0]:": [
        ("END) < at", "END) <= at"),
        ("at < joined", "at <= joined"),
    ],
    "if until is not None and span.start > until:": [("> until", ">= until")],
    "_Promise(watch, replays, due.last > watch.start, told.get((watch.load, session), 0), isolated)": [
        ("last > watch", "last >= watch")
    ],
    "before = (s[0] for s in evidence.once[Hop.ROUTED].values() if position(s[0]) < position(routed))": [
        (" < ", " <= ")
    ],
}

ALWAYS_A_SESSION: Changes = {
    'session = exchange.session or ""': [('""', '"XXXX"')],
    'first = first_routed(evidence, watch.session or "")': [('""', '"XXXX"')],
    'if load is not None and (load, exchange.session or "") not in told:': [('""', '"XXXX"')],
    '[*sessions] = {evidence.events[key].session or "" for key in lost}': [('""', '"XXXX"')],
    'sessions = sorted({evidence.events[o.event_key].session or "" for o in mine})': [('""', '"XXXX"')],
    'sessions = sorted({event.session or "" for event in held})': [('""', '"XXXX"')],
    'sessions = {evidence.events[o.key].session or "" for o in blame.explains if o.key in evidence.events}': [
        ('""', '"XXXX"')
    ],
}

FALSE: Changes = {
    "return owe(evidence, everything(evidence), isolated=False)": [("False", "None")],
    "pairs = zip(sightings, sightings[1:], strict=False)": [("strict=False", "strict=None"), ("strict=False", "")],
}

KEYS_ALONE: Changes = {
    'places[str(routed[0].detail.get("where") or "an unknown place")] = None': [("None", '""')],
    'lines[_line(error)][f"dashboard {outcome.label}: the error came after the delivery of {first}"] = None': [
        ("None", '""')
    ],
    "twice[mine] = None": [("None", '""')],
    'places[str(sighting.detail.get("where") or "an unknown place")] = None': [("= None", '= ""')],
    'lines[f"server: answered unsubscribe {session} of {stayed[0].sid}; it never left {room!r}"] = None': [
        ("= None", '= ""')
    ],
    "] = None": [("None", '""')],
}

FALSY: Changes = {
    "opened, spans = opened_at(evidence, session), connections(evidence).get(dashboard, [])": [
        (", [])", ", None)"),
        (", [])", ", )"),
    ],
}

COMPARED: Changes = {
    'return "".join(letter for letter in name.lower() if letter.isalnum())': [('""', '"XXXX"'), ("lower", "upper")],
    'host, port = (parts.hostname or "").lower(), parts.port': [('""', '"XXXX"')],
    "port = port or PORTS.get(parts.scheme, 0)": [(", 0)", ", None)"), (", 0)", ", )")],
}

NOBODY_S: Changes = {
    'load = evidence.sids.get(sid, "")': [('""', "None"), (', "")', ", )"), ('""', '"XXXX"')],
    'if label_of(evidence.sids.get(sid, "")) == outcome.dashboard:': [('""', '"XXXX"')],
    'theirs = label_of(evidence.sids.get(asked.sid, "")) == outcome.dashboard': [('""', '"XXXX"')],
}

SHORT_CUT: Changes = {
    "is_within = watch.start <= first and last <= watch.end and last <= watch.left and not self.kept_from": [
        ("watch.start <= first and last <= watch.end and last <= watch.left and not self.kept_from", "None"),
        ("start <= first", "start < first"),
        ("last <= watch.end", "last < watch.end"),
        ("last <= watch.left", "last < watch.left"),
    ],
    "return is_within and any(span.start <= first and last <= span.end for span in watch.spans)": [
        ("start <= first", "start < first"),
        ("last <= span", "last < span"),
    ],
    "if session is not None and not {*map(session_of, evidence.events.values())} <= {session}:": [(" <= ", " < ")],
    "everyone = [set(resolved or ()) for resolved in evidence.resolved]": [
        ("[set(resolved or ()) for resolved in evidence.resolved]", "None")
    ],
    "return set.intersection(*everyone) if everyone else set()": [("if everyone else", "if (everyone) and False else")],
    "for key in evidence.once[Hop.ROUTED] if spans else ():": [("if spans else", "if (spans) or True else")],
}

AS_LONG: Changes = {
    "for event, is_claimed in zip(events, claimed, strict=True):": STRICT,
    "return dict(zip(map(key_of, events), placed, strict=True))": STRICT,
    "return {event.key: (low, high) for event, low, high in zip(events, lows, highs, strict=True)}": STRICT,
}

REASONS: Mapping[str, Changes] = {
    "sequence numbers begin with 1: nothing lies before it": {
        "_Promise(watch, replays, due.last > watch.start, told.get((watch.load, session), 0), isolated)": [
            (", 0)", ", 1)")
        ]
    },
    "one is made of the other and as long: strict says so to the reader": AS_LONG,
    "no number of rows is fewer than none": {
        "shown, counted = _rows_and_counter(view) if view is not None else (0, 0)": [("(0, 0)", "(1, 0)")]
    },
    "where all are alike, each of them is what all are compared with": {
        "if len(shown) > 1 and all(each == shown[0] for each in shown):": [("shown[0]", "shown[1]")]
    },
    "the first word is the same, whatever is made of the others": {
        'cli = outcome.detail.split(" ", 1)[0]': [("1)", ")"), ("1)", "2)"), ('" "', "None")],
        'yield outcome.detail.split(" ", 1)[0], outcome': [("1)", ")"), ("1)", "2)"), ('" "', "None")],
    },
    "neither nothing nor one is a signal's number, which is below zero": {
        "killed = {session: f for session, f in ends.items() if (f.body.status or 0) < 0}": [("0)", "1)")]
    },
    "a short cut for most runs: without it each event is asked about by itself, with the same answer": SHORT_CUT,
    "None is as false as an empty list": FALSY,
    "it is only compared with another that was made in the same way": COMPARED,
    "what no page holds was delivered nothing and is of no dashboard, whatever stands for it": NOBODY_S,
    "one byte is as little as none, beside a size that is many times that of all others": {
        'return int(sighting.detail.get("bytes") or 0)': [("0)", "1)")]
    },
    "nothing is routed in the first nanosecond of a clock": {
        "return sum(1 for each in before if arrived.get(each.event.key, 0) > routed.at_ns)": [("0)", "1)")]
    },
    "two records of one observer never have one place in its record": TWO_RECORDS,
    "whatever is judged has a session, be it an assumed one (evidence/matching.py): the rest is for the type checker": (
        ALWAYS_A_SESSION
    ),
    "None is as false as False, and what is left out is False": FALSE,
    "a mapping for the order of its keys: the values are not read": KEYS_ALONE,
    "any constant will do: what has a key is not told apart by its detail": {
        'detail = "" if outcome.key else outcome.detail': [('""', '"XXXX"')]
    },
    "nothing comes after the beginning of the record, so that this is never told": {
        'latest, latest_key = START, ""': [('""', '"XXXX"')]
    },
    "of what is found for late dashboards only the outcomes, their number and the note are passed on": {
        'late = late_dashboards(evidence, everything(evidence), settled, "X5")': [
            ('"X5"', "None"),
            ('"X5"', '"XXX5XX"'),
            ('"X5"', '"x5"'),
        ]
    },
    "a server that ended with status 0 is not one of those that failed": {
        'how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"': [
            ("< 0", "<= 0"),
            ("< 0", "< 1"),
        ]
    },
    "a refusal is an answer, and took its time; None is the time of what was not answered": {
        "slowest_ms = max(each.took_ms or 0.0 for each in tries)": [("0.0", "1.0")]
    },
}

EQUIVALENT: Mapping[tuple[str, str], str] = {
    (line, line.replace(was, became, 1)): reason
    for reason, lines in REASONS.items()
    for line, changed in lines.items()
    for was, became in changed
}
"""Lines as the page of survivors quotes them (was, became) to the reason."""
