"""Refused: a dashboard or a CLI was not let in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from harness.diagnosis._connection_ended import unrouted
from harness.diagnosis._parties import agreeing, dashboards
from harness.diagnosis.cli_namespace import UNKNOWN
from harness.diagnosis.rule import Head, Rule, of, per_run, producer_of
from harness.model import Aspect, Blame, Cited, Fact, Hop, Kind, Outcome, Strength, facts
from harness.record.evidence import Evidence, family, position, reason_of

CLIS = (Aspect.CLI_REFUSED, Aspect.CLI_UNREACHED, Aspect.CLI_OUTSIDE)

# Of these three nothing but words of the libraries is on record: clients hand on what the server answered as a text.

VERSION = re.compile(r"unsupported\b.*\b(?:version|protocol)", re.IGNORECASE)
"""How engine.io and python-engineio refuse a client of another protocol."""

NO_PATH = re.compile(r"\bstatus code 404\b")
"""How python-engineio's client tells of a web server that knows no such path; a page's tap has the status itself."""

NO_TRANSPORT = re.compile(r"\b(?:invalid transport|transport unknown)\b", re.IGNORECASE)
"""How python-engineio and engine.io refuse a transport."""

NOT_FOUND = 404

COMES_BACK = (
    "Look at what the server lets in only once, or for a time: a ticket, a token. Give each connection a new one\n"
    "(`auth` may be a function). socket.io-client does not try again after a middleware's refusal: `connect_error`."
)

Refusal: TypeAlias = facts.Refused | facts.PageRefused | facts.ClientRefused


class Refused(Rule):
    """A party that should have been connected was not, and a refusal of it is on record."""

    head = Head(
        cause="refused",
        title="a dashboard or a CLI was not let in",
        claims=(of(Kind.REFUSED),),
        carries=(of(Kind.LOST, Hop.SENT), of(Kind.LOST, Hop.ROUTED)),
        by=per_run,
        strength=Strength.AROUND,
        against="the refusal on record is that of another party",
        remedy=(
            "Compare what the server accepts (origins, namespace, token) with what the client presents;\n"
            "the refusal above says which of them it was."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        parties = [party for party, _ in _outside([outcome])]
        return not any(_refusals(evidence, party) for party in parties)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for parties in _alike(evidence, outcomes):
            (party, outcome), *others = parties.items()
            refusals = _refusals(evidence, party)
            # What a CLI that was not let in could not send is lost with it.
            silenced = [
                o for o in outcomes if o.kind is Kind.LOST and o.hop is Hop.SENT and producer_of(evidence, o) in parties
            ]
            back = [label for each in parties if refused_again(evidence, label := each.rpartition(":")[2])]
            ends = [end for label in back if (end := evidence.lost_connection(label)) is not None]
            silenced += unrouted(evidence, outcomes, back, ends)
            all_out = {f"dashboard:{label}" for label in evidence.contract.dashboards} <= parties.keys()
            silenced += [o for o in outcomes if all_out and o.finding.aspect is Aspect.UNDECLARED]
            yield self.blame(
                f"{dashboards(sorted(back))} came back, and {agreeing(back, 'was', 'were')} not let in again."
                if back
                else Cited(outcome.finding, after="."),
                [
                    *(f"{fact.observer}: {fact.kind} {_reason(fact)}" for fact in refusals[:5]),
                    *([f"the same of {', '.join(other for other, _ in others)}"] if others else []),
                ],
                [*parties.values(), *silenced],
                at=[*parties.values()],
                remedy=COMES_BACK if back else next((told for fact in refusals if (told := _remedy(fact))), None),
            )


def refused_again(evidence: Evidence, label: str) -> bool:
    """Whether a dashboard that had lost its connection for good came back, and was not let in.

    That is the last that it tells of its connections; one whose server could not be reached was not refused.
    """
    end, loads = evidence.lost_connection(label), evidence.loads_of(label)[-1:]
    if end is None or not loads:
        return False
    closed = max((f.n for f in evidence.facts(facts.PageClosed) if f.observer in loads), default=0)
    told = any(f.observer in loads and f.n > closed for f in evidence.facts(facts.PageRefused))
    return told and any(position(f) > position(end) for f in evidence.facts(facts.Refused))


def _alike(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[dict[str, Outcome]]:
    """Who was not let in, those together who are of one kind and were refused for the same reasons."""
    groups: dict[tuple[str, frozenset[str]], dict[str, Outcome]] = defaultdict(dict)
    for party, outcome in _outside(outcomes):
        reasons = frozenset(map(_reason, _refusals(evidence, party)))
        groups[party.partition(":")[0], reasons][party] = outcome
    return groups.values()


def _outside(outcomes: Sequence[Outcome]) -> Iterable[tuple[str, Outcome]]:
    """Who was not let in, as an observer, with the outcome that says so."""
    for outcome in outcomes:
        if outcome.kind is Kind.REFUSED and outcome.prop == "P14":
            if outcome.dashboard is not None:
                yield f"dashboard:{outcome.dashboard}", outcome
            elif outcome.finding.aspect in CLIS:
                yield outcome.finding.party or "", outcome


def _refusals(evidence: Evidence, party: str) -> list[Fact[Refusal]]:
    """What is on record of a refusal: by the party itself, and by the server of a client that can be no other party."""
    told: dict[str, list[Fact[Refusal]]] = defaultdict(list)
    own: list[Fact[Refusal]] = [*evidence.facts(facts.PageRefused), *evidence.facts(facts.ClientRefused)]
    for fact in own:
        told[family(fact.observer)].append(fact)
    mine = told.pop(party, [])
    role = "dashboard" if party.startswith("dashboard:") else "producer"
    server = [f for f in evidence.facts(facts.Refused) if f.body.role in (None, role)]
    return [*mine, *(server if mine or not told else [])]


def _reason(fact: Fact[Refusal]) -> str:
    origin = fact.body.origin if isinstance(fact.body, facts.Refused) else None
    return reason_of(fact) + (f" (origin {origin})" if origin else "")


def _remedy(refusal: Fact[Refusal]) -> str | None:
    """What to do where the refusal itself says which part of an opening was wrong; None where it doesn't."""
    reason = _reason(refusal)
    if VERSION.search(reason):
        return (
            "Client and server speak different protocols: a client of Socket.IO 2 speaks Engine.IO 3, those from 3 on\n"
            "speak 4. Bring both to the same major version, or let a server on Node.js take old clients: allowEIO3."
        )
    if _is_without_path(refusal):
        return (
            "The server has no Socket.IO at that path. Give the client and the server the same `path`\n"
            "(python-socketio: socketio_path), and let a proxy in between pass it on unchanged."
        )
    if isinstance(refusal.body, facts.PageRefused) and refusal.body.is_foreign:
        return (
            "What answers there is no Socket.IO server, but one that has a page for every path. Give the client the\n"
            "server's own address, or let the development server or proxy pass its path on, WebSockets included."
        )
    space = None if isinstance(refusal.body, facts.Refused) else refusal.body.namespace
    if space not in (None, "/") and any(words in reason for words in UNKNOWN):
        return (
            f"The server has no namespace {space!r}: connect to one that it declares, or declare this one\n"
            "(`io.of(…)`; in Python a handler in it, or `namespaces=` of the server)."
        )
    if NO_TRANSPORT.search(reason):
        return (
            "The server does not take the transport that the client begins with: let `transports` of both have one in\n"
            "common. Clients begin with polling unless they are told `transports: ['websocket']`."
        )
    return None


def _is_without_path(refusal: Fact[Refusal]) -> bool:
    """Whether a web server answered that knows no such path."""
    if isinstance(refusal.body, facts.ClientRefused):
        return NO_PATH.search(_reason(refusal)) is not None
    return refusal.body.status == NOT_FOUND


RULE = Refused()
