"""The text of a Socket.IO packet in its parts, as far as a client has to know them: type, namespace, id, the rest.

https://socket.io/docs/v4/socket-io-protocol/: `<type>[<attachments>-][<namespace>,][<id>][<JSON>]`
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = "0123456"

FENCE = "/__fence"
"""How the namespaces begin that the harness's fences ask for."""

_FORM = re.compile(r"([0-6])(?:(\d+)-)?(?:(/[^,]*)(?:,|$))?(\d*)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet in its parts; `json` is its JSON, unread."""

    type: str
    attachments: int
    namespace: str
    id: int | None
    json: str

    @property
    def text(self) -> str:
        """The packet as it is sent."""
        attached = f"{self.attachments}-" if self.attachments else ""
        space = "" if self.namespace == "/" else f"{self.namespace},"
        return f"{self.type}{attached}{space}{'' if self.id is None else self.id}{self.json}"


def parted(text: str) -> Packet | None:
    """The parts of a packet; None for what is not a packet."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    type_, attachments, namespace, number, body = found.groups()
    return Packet(type_, int(attachments or 0), namespace or "/", int(number) if number else None, body)
