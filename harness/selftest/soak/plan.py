"""What a soak does, drawn from its seed before it begins: the same seed gives the same order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice, product
from random import Random

TRANSPORTS = ("websocket", "polling")


@dataclass(frozen=True, slots=True)
class Draw:
    """One run: which strategy, how its pages are connected, and what disturbs it. `seed` is for the faults."""

    number: int
    strategy: str
    transport: str
    faults: tuple[str, ...]
    seed: str


def plan(runs: int, seed: int, strategies: Sequence[str], faults: Sequence[str]) -> tuple[Draw, ...]:
    """`runs` draws: every strategy over every transport equally often, in random order, each fault in half of them.

    A longer plan of the same seed begins with the shorter one.
    """
    return tuple(islice(_draws(seed, strategies, faults), runs))


def _draws(seed: int, strategies: Sequence[str], faults: Sequence[str]) -> Iterator[Draw]:
    random = Random(seed)  # noqa: S311  # to be repeated, not to be secret
    deck: list[tuple[str, str]] = []
    for number in count(1):
        if not deck:
            deck = list(product(strategies, TRANSPORTS))
            random.shuffle(deck)
        strategy, transport = deck.pop()
        chosen = tuple(fault for fault in faults if random.random() < 0.5)
        yield Draw(number, strategy, transport, chosen, f"{seed}/{number}")
