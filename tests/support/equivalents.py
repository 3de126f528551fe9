"""Mutants that no test can kill, each with the reason: the line as it was and as it became, to why that is the same."""

from __future__ import annotations

EQUIVALENT: dict[tuple[str, str], str] = {
    (
        'detail = "" if outcome.key else outcome.detail',
        'detail = "XXXX" if outcome.key else outcome.detail',
    ): "any constant will do: what has a key is not told apart by its detail",
    (
        "pairs = zip(sightings, sightings[1:], strict=False)",
        "pairs = zip(sightings, sightings[1:], strict=None)",
    ): "None is as false as False",
    (
        "pairs = zip(sightings, sightings[1:], strict=False)",
        "pairs = zip(sightings, sightings[1:], )",
    ): "strict is false unless it is said; saying so is for the reader and the linter",
    (
        "return opened is not None and bool(spans) and spans[0].start > opened",
        "return opened is not None and bool(spans) and spans[0].start >= opened",
    ): "a connection and an answer are two records of the server, and never have one place",
    (
        "return position(error) > arrived and (handler == name or handler not in called)",
        "return position(error) >= arrived and (handler == name or handler not in called)",
    ): "an exception and an arrival are two records of the server, and never have one place",
    (
        "came_in_order = position(received[event.key][0]) < position(received[later.key][0])",
        "came_in_order = position(received[event.key][0]) <= position(received[later.key][0])",
    ): "two events are received in two records of the server, and never at one place",
    (
        "if came_in_order and position(routed[later.key][0]) < position(routed[event.key][0]):",
        "if came_in_order and position(routed[later.key][0]) <= position(routed[event.key][0]):",
    ): "two events are routed in two records of the server, and never at one place",
    (
        "if exchange.answered < span.start < over:",
        "if exchange.answered <= span.start < over:",
    ): "an answer and a connection are two records of the server, and never have one place",
}
