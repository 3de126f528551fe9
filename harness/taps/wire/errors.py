"""What the proxy's decoders can't read. Forwarding never depends on it: such a connection goes on, unseen."""

from __future__ import annotations

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""More than this is not gathered for one message: it is passed on and not decoded."""


class Undecodable(Exception):
    """Bytes that are not what was expected; the message says what, in a person's words."""
