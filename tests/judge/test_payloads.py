"""Every field of every message: what is compared with what, what is told of a difference, and what is not compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Aspect, Event, Hop, Kind, Outcome, Standing, Verdict
from harness.record.identity import Envelope
from harness.record.ledger import Ledger
from tests.support.causes_in_clis import told as story
from tests.support.history import clean
from tests.support.saying import saying

FLAT = Envelope(carrier=None, name=None, session="s", seq="n", data="")
NESTED = Envelope(carrier=None, name=None, session="s", seq="n", data="data")


def changed(ledger: Ledger, said: dict[Hop, Any], rest: dict[Hop, dict[str, Any]] | None = None) -> Ledger:
    """The ledger in which each event says `said` at a hop, and its message `rest` besides; None is not shown."""
    return Ledger.of(ledger.contract, [*(saying(each, said, rest) for each in ledger.sightings), *ledger.facts])


def verdict(said: dict[Hop, Any], rest: dict[Hop, dict[str, Any]] | None = None) -> Verdict:
    return verdict_of(changed(story().ledger(), said, rest))


def corrupted(found: Verdict) -> list[Outcome]:
    return [each for each in found.outcomes if each.kind is Kind.CORRUPTED]


def checks(found: Verdict) -> int:
    return next(each.checks for each in found.properties if each.prop == "P5")


WIRE = (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED)
DATA = {"to": "you", "lines": ["one", "two"]}


def at_every_hop(data: Any, first: Any = None) -> dict[Hop, Any]:
    return {Hop.EMITTED: data if first is None else first, **dict.fromkeys(WIRE, data)}


def test_the_first_field_that_differs_is_told_with_both_values() -> None:
    spoiled = {**DATA, "lines": ["one", "tw"]}
    found = verdict({**at_every_hop(DATA), Hop.ROUTED: spoiled, Hop.DELIVERED: spoiled, Hop.APPLIED: spoiled})
    assert {each.hop for each in corrupted(found)} == {Hop.ROUTED}
    finding = corrupted(found)[0].finding
    assert (finding.aspect, finding.field, finding.expected, finding.found) == (
        Aspect.PAYLOAD, "lines.1", '"two"', '"tw"',
    )  # fmt: skip


def test_a_text_is_a_payload_like_any_other() -> None:
    found = verdict({**at_every_hop("a long text"), Hop.DELIVERED: "a long", Hop.APPLIED: "a long"})
    assert {each.hop for each in corrupted(found)} == {Hop.DELIVERED}


def test_other_bytes_of_the_same_number_differ_or_else_their_number_counts() -> None:
    sent = {"print": {"_bytes": 3, "sha1": "ab"}}
    spoiled = {"print": {"_bytes": 3, "sha1": "cd"}}
    found = verdict({**at_every_hop(sent), Hop.DELIVERED: spoiled, Hop.APPLIED: spoiled})
    assert {(each.hop, each.finding.field) for each in corrupted(found)} == {(Hop.DELIVERED, "print.sha1")}
    assert not corrupted(verdict({**at_every_hop(sent), Hop.DELIVERED: {"print": {"_bytes": 3}}}))


def test_what_a_cli_prints_for_people_is_not_compared_and_the_data_is_at_later_hops() -> None:
    healthy = verdict(at_every_hop(DATA, first="to you, two lines"))
    assert healthy.answer is Answer.PASSED
    broken = verdict({**at_every_hop(DATA, first="to you"), Hop.DELIVERED: {}, Hop.APPLIED: {}})
    assert {each.hop for each in corrupted(broken)} == {Hop.DELIVERED}


def test_what_one_hop_alone_shows_was_not_compared() -> None:
    ledger = changed(story(properties=("P5",)).ledger(), {Hop.DELIVERED: DATA})
    found = verdict_of(ledger)
    assert checks(found) == 0
    assert next(each.standing for each in found.properties if each.prop == "P5") is Standing.NOT_EXERCISED
    assert found.answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("sent", "delivered", "field"),
    [
        ({"args": [{"value": 3}]}, {"args": [{"value": -1}]}, "further argument 0.value"),
        ({"args": {"2": {"oven": 2}}}, {"args": {"2": {"oven": 1}}}, "further argument 2.oven"),
        ({"fields": {"at": "12:00Z"}}, {"fields": {"at": "13:00Z", "host": "b"}}, "envelope: at"),
        ({"text": {"x(?P<n>.)": "x\0 at noon"}}, {"text": {"x(?P<n>.)": "x\0"}}, "the text around its fields"),
    ],
)
def test_the_rest_of_a_message_is_compared(sent: dict[str, Any], delivered: dict[str, Any], field: str) -> None:
    rest = {Hop.SENT: sent, Hop.RECEIVED: sent, Hop.ROUTED: sent}
    assert corrupted(verdict(at_every_hop(DATA), {**rest, Hop.DELIVERED: sent})) == []
    found = corrupted(verdict(at_every_hop(DATA), {**rest, Hop.DELIVERED: delivered}))
    assert {(each.hop, each.finding.field) for each in found} == {(Hop.DELIVERED, field)}


@pytest.mark.parametrize(
    "delivered",
    [
        {"args": ["one", "more"]},
        {"args": {"1": 1}},
        {"fields": {"host": "b"}},
        {"args": [1], "fields": {"at": "12:00Z"}},
        {"text": {"another pattern": "y\0"}},
    ],
)
def test_a_server_may_send_other_arguments_and_an_envelope_of_its_own(delivered: dict[str, Any]) -> None:
    sent = {"args": [1], "fields": {"at": "12:00Z"}, "text": {"a pattern": "x\0"}}
    found = verdict(at_every_hop(DATA), {Hop.SENT: sent, Hop.RECEIVED: sent, Hop.DELIVERED: delivered})
    assert found.answer is Answer.PASSED


def read(envelope: Envelope, *args: Any) -> Event:
    found = envelope.read("a", args)
    assert found is not None
    return found


def test_a_message_is_read_with_all_that_it_holds() -> None:
    message = {"s": "x", "n": 1, "data": {"a": 1}, "at": "12:00Z"}
    nested = read(NESTED, message, {"more": True})
    assert nested.told is not None and nested.told.data == {"a": 1}
    assert nested.told.rest == {"args": [{"more": True}], "fields": {"at": "12:00Z"}}
    plain = read(NESTED, {"s": "x", "n": 1, "data": {"a": 1}})
    assert plain.rest == {} and plain == nested, "the rest is not part of an event's identity"
    assert read(FLAT, message).rest == {}, "where the whole payload is the data nothing is left"


TWO = {"arguments": 2}


def test_several_arguments_are_another_message_than_a_list_of_them() -> None:
    bare = Envelope(carrier=None, name=None, session=None, seq=None, data="")
    two, one = read(bare, "pawn", {"at": "e4"}), read(bare, ["pawn", {"at": "e4"}])
    assert (two.digest, two.told and two.told.rest) == (one.digest, TWO) and one.rest == {}


MOVE, NAMED = ["pawn", {"at": "e4"}], {"piece": "pawn", "at": "e4"}


@pytest.mark.parametrize(
    ("printed", "said", "rest"),
    [
        (NAMED, MOVE, TWO),
        ("pawn to e4", MOVE, TWO),
        (NAMED, {"piece": "pawn"}, {"args": ["e4"]}),
        ([{"piece": "pawn"}, "e4"], {"piece": "pawn"}, {"args": ["e4"]}),
    ],
)
def test_names_that_a_cli_gives_to_arguments_are_its_own(printed: Any, said: Any, rest: dict[str, Any]) -> None:
    everywhere = dict.fromkeys(WIRE, rest)
    assert verdict({**at_every_hop(said, printed), Hop.APPLIED: NAMED}, everywhere).answer is Answer.PASSED
    changed_at = {**at_every_hop(said, printed), **{hop: ["pawn", {"at": "e5"}] for hop in WIRE[2:]}}
    assert {each.hop for each in corrupted(verdict(changed_at, everywhere))} == {Hop.ROUTED}, "the rest is compared"


def test_one_argument_is_compared_with_what_the_cli_printed() -> None:
    assert {each.hop for each in corrupted(verdict(at_every_hop(MOVE, NAMED)))} == {Hop.SENT}
    assert {
        each.hop for each in corrupted(verdict(at_every_hop(MOVE, ["pawn", {"at": "e5"}]), dict.fromkeys(WIRE, TWO)))
    } == {Hop.SENT}


def test_a_ledger_keeps_a_payload_once_and_without_its_secrets() -> None:
    ledger = changed(story().ledger(), at_every_hop({"token": "s3cret", "a": 1}))
    assert list(ledger.payloads.values()) == [{"token": "(redacted)", "a": 1}]


def times(*said: str) -> tuple[Answer, set[Aspect], set[Hop | None]]:
    """The verdict of a clean run whose messages carry these times from the CLI on."""
    history = clean()
    known = (Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED)

    def timed(record: Any) -> Any:
        return replace(record, detail={**record.detail, "rest": f"rest-{record.event.seq}"})

    history.changed(lambda record: getattr(record, "hop", None) in known, timed)
    payloads = {f"rest-{seq}": {"fields": {"at": at}} for seq, at in enumerate(said, 1)}
    verdict = verdict_of(replace(history.ledger(), payloads=payloads))
    wrong = [o for o in verdict.outcomes if o.prop == "P5" and o.finding.aspect is Aspect.TIME_BACK]
    return verdict.answer, {o.finding.aspect for o in wrong}, {blame.hop for blame in verdict.blame}


FORWARD = [f"2026-01-02T07:00:0{second}.000+00:00" for second in range(1, 5)]


@pytest.mark.parametrize(
    "said",
    [
        FORWARD,
        ["2026-01-02T07:00:01.010Z", "2026-01-02T07:00:01.000Z", *FORWARD[2:]],  # two threads, out of step
        [FORWARD[0], "2026-01-02T06:00:00", *FORWARD[2:]],  # one without a zone can't be compared
        ["soon", "then", "later", "last"],
    ],
)
def test_times_that_run_on_are_right(said: list[str]) -> None:
    assert times(*said)[1:] == (set(), set())


@pytest.mark.parametrize("said", [FORWARD[::-1], [*FORWARD[:3], "2026-01-02T06:59:59+00:00"]])
def test_times_that_run_backwards_are_wrong_where_they_leave_the_producer(said: list[str]) -> None:
    assert times(*said) == (Answer.FAILED, {Aspect.TIME_BACK}, {Hop.SENT})
