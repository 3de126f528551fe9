"""Mutants that no test can kill, each with the reason: the line as it was and as it became, to why that is the same."""

from __future__ import annotations

EQUIVALENT: dict[tuple[str, str], str] = {}
