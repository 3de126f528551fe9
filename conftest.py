"""The harness's fixtures come with its installation (entry point pytest11). Here: what holds for all tests."""

from __future__ import annotations

from tests.support.leaks import nothing_is_left
from tests.support.signals import interrupts_are_heard
from tests.support.verified import one_browser
from tests.support.workers import pytest_collection_modifyitems, pytest_configure

__all__ = [
    "interrupts_are_heard",
    "nothing_is_left",
    "one_browser",
    "pytest_collection_modifyitems",
    "pytest_configure",
]
