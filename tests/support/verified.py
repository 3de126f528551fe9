"""Systems verified in this process, one after the other, with one browser: a new one takes two seconds of processor."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # conftest.py imports this, and most sessions verify nothing
    from harness.faults import Fault
    from harness.judging import Judged
    from harness.launch.resources import Resources
    from harness.target.spec import Target

_WARM: list[Resources] = []


@contextlib.contextmanager
def _warm() -> Iterator[Resources]:
    """The browser and the hub of this worker's session, started when a test first asks for them."""
    from harness.launch.resources import Resources

    if not _WARM:
        _WARM.append(Resources())
    yield _WARM[0]


@pytest.fixture(scope="session", autouse=True)
def browser_is_closed(nothing_is_left: None) -> Iterator[None]:
    """At the end of the session, before it is looked for what it left."""
    yield
    while _WARM:
        _WARM.pop().close()


def verified(
    target: Target, strategies: Sequence[str] | None = None, faults: Sequence[Fault] = (), seed: int = 1
) -> Judged:
    """The one run of a target, or of one of its strategies."""
    from harness.verify import verify

    asked = target.strategies if strategies is None else strategies
    [judged] = verify(target, asked, lambda text: None, faults, seed, _warm)
    return judged
