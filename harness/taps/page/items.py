"""Which event an item of a page's state is, and which one a row of its list shows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from harness.lib.numbers import whole_number
from harness.model import Event
from harness.record.identity import unnumbered_key
from harness.taps.page.spec import StoreSpec
from harness.taps.page.values import read_json

IdentifyItem: TypeAlias = Callable[[Mapping[str, Any]], Event | None]
"""The event that an item of the page's state is."""


@dataclass(frozen=True, slots=True)
class Items:
    """Identifies what the script in the page found. `names` are those that the page's store has for what items say."""

    names: StoreSpec
    identify: IdentifyItem

    def at_end(self, item: Mapping[str, Any]) -> Event | None:
        """The event that an item of the page's state is, as the state is at the end."""
        return self.read(item, data_of(item))

    def read(self, item: Mapping[str, Any], data: Any) -> Event | None:
        """The event that an item with that data is. Where the store has none of its own, none are compared."""
        event = self.identify(self._as_stored(item, data))
        if event is None or self.names.data is not None:
            return event
        key = unnumbered_key(event.name, event.session, None, None) if event.seq is None else event.key
        return replace(event, key=key, digest=None)

    def in_row(self, row: Mapping[str, Any]) -> Event | None:
        """The event that a row shows. Attributes are text, so the sequence number is read from it; data isn't shown."""
        said = row.get("seq")
        seq = None if said is None else whole_number(str(said).strip())
        if said is not None and seq is None:
            return None
        event = self.identify(self._as_stored({**row, "seq": seq}, None))
        if event is None:
            return None
        key = event.key if event.seq is not None else unnumbered_key(event.name, event.session, None, None)
        return replace(event, key=key, digest=None)

    def _as_stored(self, found: Mapping[str, Any], data: Any) -> dict[str, Any]:
        """What was found as the page has it, with the store's own names."""
        names = self.names
        values = {names.type: found.get("type"), names.session: found.get("session"), names.seq: found.get("seq")}
        return {**values, names.data or "data": data}


def data_of(item: Mapping[str, Any]) -> Any:
    """The data of an item, which the script hands over as JSON; None where it has none."""
    data = item.get("data")
    return None if data is None else read_json(data)
