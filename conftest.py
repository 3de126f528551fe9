"""The harness's fixtures come with its installation (entry point pytest11). Here: the watch over all tests."""

from __future__ import annotations

from tests.support.leaks import nothing_is_left

__all__ = ["nothing_is_left"]
