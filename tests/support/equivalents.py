"""Mutants that no test can kill, each with the reason: the line as it was and as it became, to why that is the same."""

from __future__ import annotations

EQUIVALENT: dict[tuple[str, str], str] = {
    (
        'detail = "" if outcome.key else outcome.detail',
        'detail = "XXXX" if outcome.key else outcome.detail',
    ): "any constant will do: what has a key is not told apart by its detail",
}
