"""The message queue of a manager that shares its events with other processes: where it is, and which channel of it."""

from __future__ import annotations

from typing import Any

from .encode import text, url

ADDRESSES = ("redis_url", "url", "kafka_url")
"""Where the library's managers keep the address that they were given."""


def publishes(manager: Any) -> bool:
    """Passes its events to other processes by a message queue; whom they reach there is not known here."""
    return hasattr(manager, "_publish")


def queue(manager: Any) -> str:
    """Inside of a JSON object: address without credentials, and channel; null where this manager has no such thing."""
    given = (getattr(manager, name, None) for name in ADDRESSES)
    address = next((url(each) for each in given if isinstance(each, str)), "null")
    return f'"queue":{address},"channel":{text(getattr(manager, "channel", None))}'
