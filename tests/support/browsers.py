"""The browser of the tests that need a page: the harness's own, one for a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from harness.stack import Machine


@pytest.fixture(scope="session")
def browser(machine: Machine) -> Browser:
    """The browser, headless."""
    return machine.browser
