"""Which records belong in the ledger of a run."""

from __future__ import annotations

from collections.abc import Sequence

from harness.model import Hop, Record, Sighting
from harness.model.facts import Published, TapTried, Unrouted


def is_observed(record: Record, taps: Sequence[Hop]) -> bool:
    """Whether the run has a tap for what a record tells; without one it isn't kept, only waited for.

    A page is looked at in any case: it may show panels and a status, and no events.
    """
    if isinstance(record, Sighting):
        return record.hop in taps
    if isinstance(record.body, TapTried):
        return any(hop in taps or hop is Hop.RENDERED for hop in record.body.hops)
    told_by = _TOLD_BY.get(type(record.body))
    return told_by is None or told_by in taps


_TOLD_BY = {Unrouted: Hop.ROUTED, Published: Hop.ROUTED}
"""Facts that the tap of one hop alone can tell."""
