"""What each property finds in a run that breaks it, to the letter, and how much it checked in a healthy one."""

from __future__ import annotations

import pytest

from harness.model import Outcome, PropertyResult
from harness.reporting import sentences
from tests.judge.test_properties import VIOLATIONS, result
from tests.support.ledgers import Story
from tests.support.stories import STORIES

FOUND: dict[str, list[str]] = {
    "P1": [
        "lost main/2 B applied: the dashboard watched when the server had it",
    ],
    "P2": [
        "duplicated main/2 B delivered: 2 times in dashboard:B.1",
    ],
    "P3": [
        "reordered main/3 - received: came after main/4",
    ],
    "P4": [
        "phantom main/3 - sent: the CLI never reported it",
    ],
    "P5": [
        "corrupted main/3 B applied: its payload has digest something else, and had digest-3",
    ],
    "P6": [
        "leaked main/2 B routed: dashboard B never asked for session main",
    ],
    "P7": [
        "lost main/3 A delivered: the dashboard was disconnected when it was routed, and came back",
        "lost main/4 A delivered: the dashboard was disconnected when it was routed, and came back",
    ],
    "P8": [
        "reordered main/3 B applied: in the state in another order than delivered",
    ],
    "P9": [
        "misrendered - B rendered: the counter shows 12, and the page holds 9 events",
    ],
    "P10": [
        "not-inert - B rendered: a request to http://evil/",
    ],
    "P11": [
        "late main/2 B rendered: rendered 8999 ms after it was emitted; the bound is 2000 ms",
    ],
    "P13": [
        "incomplete - - emitted: session main ended with execution:completed, and its CLI with status 1",
    ],
    "P14": [
        "refused - - sent: cli:main never reached the server: namespace /x is unknown",
    ],
    "P15": [
        "misrendered - B rendered: the page says 'Disconnected', and the server counts it as a member",
    ],
    "P17": [
        "leaked beside/1 B routed: the pass of dashboard B is not for session beside",
        "leaked beside/2 B routed: the pass of dashboard B is not for session beside",
        "leaked main/1 B routed: the pass of dashboard B is not for session main",
        "leaked main/2 B routed: the pass of dashboard B is not for session main",
        "leaked main/3 B routed: the pass of dashboard B is not for session main",
        "leaked main/4 B routed: the pass of dashboard B is not for session main",
        "leaked main/5 B routed: the pass of dashboard B is not for session main",
    ],
    "R1": [
        "lost main/4 A routed: resolved no recipient, while dashboard A, B, C is expected",
        "lost main/4 B routed: resolved no recipient, while dashboard A, B, C is expected",
        "lost main/4 C routed: resolved no recipient, while dashboard A, B, C is expected",
    ],
    "R2": [
        "lost main/1 - routed: unrouted: no recipient was resolved, none was expected, and it was not declared",
        "lost main/2 - routed: unrouted: no recipient was resolved, none was expected, and it was not declared",
        "lost main/3 - routed: unrouted: no recipient was resolved, none was expected, and it was not declared",
        "lost main/4 - routed: unrouted: no recipient was resolved, none was expected, and it was not declared",
        "lost main/5 - routed: unrouted: no recipient was resolved, none was expected, and it was not declared",
    ],
    "B1": [
        "lost main/4 B routed: connected as sid-B-1000250000, and not among the 2 recipients",
    ],
    "B2": [
        "reordered main/2 B delivered: came after beside/1",
    ],
    "B3": [
        "lost main/1 C routed: routed before, and the journal is promised",
    ],
    "B4": [
        "misrendered - A rendered: panel overview shows events '7', and 5 events say otherwise",
        "misrendered - A rendered: panel skills is not on the page, and 2 events concern it",
    ],
    "S1": [
        "lost main/2 A delivered: the dashboard watched when the server had it",
    ],
    "S2": [
        "duplicated main/4 A delivered: 2 copies after subscribing twice",
    ],
    "S3": [
        "leaked beside/3 C routed: dashboard C had given session beside up",
    ],
    "S4": [
        "lost beside/2 B routed: the dashboard watched when the server had it",
    ],
    "S5": [
        "refused - C received: subscribing to unknown session 'unheard-of' was answered {'ok': False}",
    ],
    "S6": [
        "truncated - A routed+delivered: 2 events of session main were not kept, and the page was not told",
    ],
    "A1": [
        "reordered - A delivered: session main was announced after its first event",
    ],
    "A2": [
        "late - A routed: session main was announced and joined 3000 ms later",
        "late - A routed: session beside was announced and joined 3000 ms later",
        "late - A routed: session empty was announced and joined 3000 ms later",
    ],
    "A3": [
        "lost main/1 A routed: the dashboard watched when the server had it",
    ],
    "A4": [
        "lost - C routed+delivered: connected while session main was active, and was not told of it",
    ],
    "A5": [
        "duplicated - A routed+delivered: session main was announced 2 times over 1 connection",
    ],
    "A6": [
        "lost - A routed+delivered: empty session empty did not end",
    ],
    "X1": [
        "exclusivity - - received: session second was accepted while main was active",
    ],
    "X2": [
        "exclusivity - - received: session loser was rejected, but its CLI exited with status 0",
    ],
    "X3": [
        "lost main/4 A delivered: the dashboard watched when the server had it",
    ],
    "X4": [
        "stuck - - received: main had ended, and 1 later opening was refused: session-active",
    ],
    "X5": [
        "lost main/1 C routed: routed before, and the journal is promised",
        "lost main/1 C routed: routed before, and the journal is promised",
    ],
}

CHECKS = {
    # Of a healthy run on paper: how many things each property looked at.
    "broadcast": {
        "P1": 21,
        "P2": 105,
        "P3": 84,
        "P4": 84,
        "P5": 66,
        "P6": 0,
        "P7": 0,
        "P8": 21,
        "P9": 81,
        "P10": 3,
        "P11": 21,
        "P12": 6,
        "P13": 2,
        "P14": 1,
        "P15": 3,
        "P16": 12,
        "R1": 7,
        "R2": 7,
        "B1": 18,
        "B2": 14,
        "B3": 7,
        "B4": 6,
    },
    "subscription": {
        "P1": 15,
        "P2": 88,
        "P3": 72,
        "P4": 72,
        "P5": 60,
        "P6": 9,
        "P7": 1,
        "P8": 16,
        "P9": 61,
        "P10": 3,
        "P11": 16,
        "P12": 6,
        "P13": 7,
        "P14": 1,
        "P15": 3,
        "P16": 12,
        "R1": 8,
        "R2": 8,
        "S1": 15,
        "S2": 5,
        "S3": 1,
        "S4": 3,
        "S5": 1,
        "S6": 7,
    },
    "auto-discovery": {
        "P1": 21,
        "P2": 105,
        "P3": 84,
        "P4": 84,
        "P5": 66,
        "P6": 0,
        "P7": 0,
        "P8": 21,
        "P9": 81,
        "P10": 3,
        "P11": 21,
        "P12": 6,
        "P13": 10,
        "P14": 1,
        "P15": 3,
        "P16": 12,
        "R1": 7,
        "R2": 7,
        "A1": 6,
        "A2": 8,
        "A3": 21,
        "A4": 2,
        "A5": 8,
        "A6": 2,
    },
    "single-session": {
        "P1": 33,
        "P2": 165,
        "P3": 132,
        "P4": 132,
        "P5": 101,
        "P6": 0,
        "P7": 0,
        "P8": 33,
        "P9": 123,
        "P10": 3,
        "P11": 33,
        "P12": 6,
        "P13": 2,
        "P14": 1,
        "P15": 3,
        "P16": 12,
        "R1": 11,
        "R2": 11,
        "X1": 3,
        "X2": 1,
        "X3": 15,
        "X4": 2,
        "X5": 33,
    },
}


def line(outcome: Outcome) -> str:
    hops = "+".join(hop.label for hop in outcome.hops)
    return f"{outcome.kind} {outcome.key or '-'} {outcome.dashboard or '-'} {hops}: {sentences.outcome(outcome)}"


def properties(story: Story) -> tuple[PropertyResult, ...]:
    return story.verdict().properties


@pytest.mark.parametrize("prop", FOUND)
def test_what_a_broken_property_says(prop: str) -> None:
    found = result(VIOLATIONS[prop](), prop)
    assert [line(outcome) for outcome in found.outcomes] == FOUND[prop]
    assert all(each.hop is (each.hops[0] if len(each.hops) == 1 else None) for each in found.outcomes)


def test_every_violation_is_spelled_out() -> None:
    assert set(FOUND) == set(VIOLATIONS)


@pytest.mark.parametrize("name", CHECKS)
def test_how_much_of_a_healthy_run_is_checked(name: str) -> None:
    assert {each.prop: each.checks for each in properties(STORIES[name][0]())} == CHECKS[name]


@pytest.mark.parametrize(
    ("name", "prop", "note"),
    [
        ("broadcast", "B3", "1 late dashboard, replays of up to 2 events, and of no more"),
        ("single-session", "X5", "1 late dashboard, replays of up to 2 events, and of no more"),
        ("broadcast", "P14", "0 errors on record"),
        ("broadcast", "P11", "worst 0.0 ms"),
    ],
)
def test_what_a_property_notes_of_a_healthy_run(name: str, prop: str, note: str) -> None:
    assert result(STORIES[name][0](), prop).note == note
