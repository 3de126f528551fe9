"""How a sentence names one dashboard, or several."""

from __future__ import annotations

from collections.abc import Collection


def dashboards(labels: Collection[str]) -> str:
    """`dashboard A`, or `dashboards A, B and C`."""
    *first, last = labels
    return f"dashboards {', '.join(first)} and {last}" if first else f"dashboard {last}"


def agreeing(labels: Collection[str], one: str, several: str) -> str:
    """The word that fits their number."""
    return one if len(labels) == 1 else several
