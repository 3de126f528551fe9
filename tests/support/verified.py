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

_SESSION: list[pytest.FixtureRequest] = []


@pytest.fixture(scope="session", autouse=True)
def one_browser(request: pytest.FixtureRequest, nothing_is_left: None) -> Iterator[None]:
    """Lets tests that ask for no fixture use the browser and the hub of the worker's session."""
    _SESSION.append(request)
    yield
    _SESSION.clear()


@contextlib.contextmanager
def shared() -> Iterator[Resources]:
    """What the scenarios use: a second user of Playwright's driver would keep its loop the thread's (`park`).

    Without a session of pytest (`python -m tests.support.foreign`) there is none but this.
    """
    from harness.launch import playwright_driver
    from harness.launch.resources import Resources

    if not _SESSION:
        with Resources() as alone:
            yield alone
        return
    yield _SESSION[0].getfixturevalue("harness_resources")
    playwright_driver.park()


def verified(
    target: Target, strategies: Sequence[str] | None = None, faults: Sequence[Fault] = (), seed: int = 1
) -> Judged:
    """The one run of a target, or of one of its strategies."""
    from harness.launch.resources import Resources
    from harness.verify import verify

    asked = target.strategies if strategies is None else strategies
    used = shared if _SESSION else Resources  # outside of pytest, as by `make foreign`: a browser of its own
    [judged] = verify(target, asked, lambda text: None, faults, seed, used)
    return judged
