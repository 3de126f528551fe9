"""What messages say at each hop of a run on paper, and what else they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.model import Hop, Sighting, Told
from harness.record.digests import digest

Rest = Mapping[str, Any]


def saying(sighting: Sighting, said: Mapping[Hop, Any], rest: Mapping[Hop, Rest] | None = None) -> Sighting:
    """The sighting with `said` as its data at its hop, and with a `rest` of its message; None is not shown."""
    data, more = said.get(sighting.hop), (rest or {}).get(sighting.hop)
    known = None if data is None else digest(data)
    told = Told(data, more, None if more is None else digest(more))
    event = replace(sighting.event, digest=known, told=told)
    return replace(sighting, event=event, detail={**sighting.detail, **event.rest})
