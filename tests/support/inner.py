"""How pytest is run within a test."""

from __future__ import annotations

ALONE = ("-p", "no:cacheprovider", "-p", "no:anyio", "-p", "no:hypothesispytest", "-p", "no:platformdirs")
"""Without a cache, and without plugins of packages that happen to be here: they are two fifths of its start."""
