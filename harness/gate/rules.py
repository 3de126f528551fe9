"""Each way in which a run can be worse than what was accepted. A rule gives what it finds, nothing if all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from harness.gate.observed import Observed
from harness.lib.amounts import amount

Found: TypeAlias = Iterator[tuple[str, str]]
"""What was found, as the thing (a kind, a property, a hop) and a sentence about it."""

_OF_THEIR_OWN = {"lost": "loss", "reordered": "order", "late": "slow"}
"""Kinds of outcomes that have a rule of their own; `undetermined` breaks no promise."""


def loss(accepted: Observed, now: Observed) -> Found:
    """More events lost than accepted."""
    return _more(accepted, now, "lost")


def order(accepted: Observed, now: Observed) -> Found:
    """More events out of order than accepted."""
    return _more(accepted, now, "reordered")


def slow(accepted: Observed, now: Observed) -> Found:
    """More events later than the bound than accepted."""
    return _more(accepted, now, "late")


def broken(accepted: Observed, now: Observed) -> Found:
    """More of any other broken promise than accepted: duplicated, leaked, corrupted, misrendered and the rest."""
    for kind in now.outcomes:
        if kind not in _OF_THEIR_OWN and kind != "undetermined":
            yield from _more(accepted, now, kind)


def unproven(accepted: Observed, now: Observed) -> Found:
    """A property that was proven, and is not any more."""
    for prop, standing in accepted.properties.items():
        after = now.properties.get(prop, "gone")
        if standing == "proven" and after != "proven":
            yield prop, f"{prop} was proven and is {after} now"


def blind(accepted: Observed, now: Observed) -> Found:
    """A tap that saw, and does not any more."""
    for hop, state in accepted.taps.items():
        after = now.taps.get(hop, "none")
        if state == "alive" and after != "alive":
            yield hop, f"the tap of hop {hop} was alive, and is {'gone' if after == 'none' else after} now"


def fewer(accepted: Observed, now: Observed) -> Found:
    """Fewer events at a hop than before."""
    for hop, before in accepted.hops.items():
        after = now.hops.get(hop)
        if before is not None and after is not None and after < before:
            yield hop, f"{amount(after, 'event')} {hop}, {before} before"


def verdict(accepted: Observed, now: Observed) -> Found:
    """A run that passed, and does not any more."""
    if accepted.verdict == "passed" and now.verdict != "passed":
        causes = f": {', '.join(dict.fromkeys(now.causes))}" if now.causes else ""
        yield now.verdict, f"passed before, {now.verdict} now{causes}"


Rule: TypeAlias = Callable[[Observed, Observed], Found]

RULES: Mapping[str, Rule] = {
    rule.__name__: rule for rule in (verdict, loss, order, slow, broken, fewer, unproven, blind)
}
"""Every rule that compares one run with one, by its name, in the order in which they are told."""

FIRST_HOP = "emitted"
OF_PROMISES = frozenset({"loss", "order", "slow", "broken"})
"""Rules that count broken promises."""


def follows(rule: str, what: str) -> bool:
    """Whether such a finding is what broken promises lead to: the run fails, a property is violated, hops see less.

    Fewer events at the first hop don't follow from them: the test asked for less.
    """
    return rule in ("verdict", "unproven") or (rule == "fewer" and what != FIRST_HOP)


WITHOUT_A_PAIR = ("flaky", "missing", "unaccepted")
"""Rules about whole sets of runs; see comparison."""


def _more(accepted: Observed, now: Observed, kind: str) -> Found:
    before, after = accepted.outcomes.get(kind, 0), now.outcomes.get(kind, 0)
    if after > before:
        yield kind, f"{after} {kind}, {before} accepted"
