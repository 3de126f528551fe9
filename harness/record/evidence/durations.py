"""How long events took to each hop, at every dashboard that they came to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.model import SERVER_SIDE, Hop
from harness.record.evidence.recorded import Recorded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np


def percentiles_ms(evidence: Recorded, hop: Hop, shares: Sequence[int]) -> list[float] | None:
    """Those of the milliseconds from when an event was first seen anywhere to the hop; None where none came there."""
    took_ns = _took_ns(evidence, hop)
    return [float(ns) / 1e6 for ns in np.percentile(took_ns, shares)] if len(took_ns) else None


def _took_ns(evidence: Recorded, hop: Hop) -> NDArray[np.int64]:
    if hop in SERVER_SIDE:
        _, here, there = evidence.first_times(hop).beside(evidence.emitted)
        return here - there
    shown = evidence.shown[hop]
    took = [evidence.emitted.took(shown[load], seen)[1] for load, seen in evidence.page[hop].items()]
    return np.concatenate([np.zeros(0, dtype=np.int64), *took])
