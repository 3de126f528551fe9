"""How a sentence names one party, or several."""

from __future__ import annotations

from collections.abc import Collection


def dashboards(labels: Collection[str]) -> str:
    """`dashboard A`, or `dashboards A, B and C`."""
    return f"{agreeing(labels, 'dashboard', 'dashboards')} {listed(labels)}"


def listed(names: Collection[str]) -> str:
    """`A`, or `A, B and C`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def agreeing(labels: Collection[str], one: str, several: str) -> str:
    """The word that fits their number."""
    return one if len(labels) == 1 else several
