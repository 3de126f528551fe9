"""Where agents report to, for a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.taps.agent import AgentHub


@pytest.fixture
def hub() -> Iterator[AgentHub]:
    with AgentHub() as hub:
        yield hub
