"""From the target's values to JSON, at the moment they are seen: the target may change them right afterwards."""

from __future__ import annotations

import json
import re
from _json import encode_basestring_ascii as quote
from collections.abc import Callable
from hashlib import sha1
from typing import Any

from .wire import SECRET

REDACTED = "[redacted]"
_SECRET_IN_URL = re.compile(r"([?&][^=&#]*(?:" + "|".join(SECRET) + r")[^=&#]*=)[^&#]*", re.IGNORECASE)
_USER_IN_URL = re.compile(r"//[^/@\s]*@")
_ATTACHED = re.compile(r'\{"_bytes":(\d+),"sha1":')


def value(anything: Any) -> str:
    """JSON text in ASCII. Secrets are out; bytes and what JSON doesn't know are described."""
    kind = type(anything)
    if kind is int or kind is str:  # ids and rooms: a text alone is under no key that sounds secret
        return quote(anything) if kind is str else int.__repr__(anything)
    try:
        encoded = _encode(anything)
    except (TypeError, ValueError, RecursionError):
        return _encode(_plain(anything, False, 0))
    small = encoded.lower()
    for word in SECRET:
        if word in small:
            return _encode(_plain(anything, False, 0))
    return encoded


def text(anything: Any) -> str:
    """A JSON string, or null for None."""
    if anything is None:
        return "null"
    return quote(anything if type(anything) is str else str(anything)[:300])


def room(given: Any) -> str:
    """A room as JSON: the text itself, None as null, several as a list, anything else with its type: `<int 7>`.

    python-socketio keeps rooms in a dict, where 7 and "7" are two.
    """
    if given is None:
        return "null"
    if isinstance(given, str):
        return quote(given)
    if isinstance(given, (list, tuple, set)):
        return "[" + ",".join([room(each) for each in given]) + "]"
    return quote(f"<{type(given).__name__} {str(given)[:200]}>")


def sids(members: Any) -> str:
    """A JSON list of Socket.IO ids."""
    return "[" + ",".join([quote(str(sid)) for sid in members]) + "]"


def size_of(told: str) -> int:
    """How much a message is, as it was told: its text, and the bytes that it describes, which go beside."""
    attached = _ATTACHED.findall(told) if '"_bytes":' in told else ()
    return len(told) + sum(map(int, attached))


def url(address: Any) -> str:
    """A JSON string of an address without the secrets in its query or the user in front of its host."""
    shown = _USER_IN_URL.sub("//[redacted]@", str(address))
    return quote(_SECRET_IN_URL.sub(rf"\1{REDACTED}", shown)[:1000])


def _describe(anything: Any) -> Any:
    if isinstance(anything, (bytes, bytearray, memoryview)):
        raw = bytes(anything)
        return {"_bytes": len(raw), "sha1": sha1(raw, usedforsecurity=False).hexdigest()}
    try:
        return repr(anything)[:200]
    except Exception:  # a __repr__ of the target that fails
        return f"<{type(anything).__name__}>"


def _encoder() -> Callable[[Any], str]:
    """What JSONEncoder.encode makes anew for every value, made once where this Python lets us: a third of its time."""
    plain = json.JSONEncoder(separators=(",", ":"), default=_describe)
    try:
        chunks = json.encoder.c_make_encoder(  # type: ignore[attr-defined]
            None, _describe, quote, None, ":", ",", False, False, True
        )
        if "".join(chunks([{"a": 1}], 0)) != '[{"a":1}]':
            return plain.encode
    except (AttributeError, TypeError, ValueError):
        return plain.encode
    return lambda anything: "".join(chunks(anything, 0))


_encode = _encoder()


def _plain(anything: Any, secret: bool, depth: int) -> Any:
    """A copy that JSON can hold. Under a key that sounds secret every text is replaced.

    Numbers stay: a count of tokens is not secret, and dashboards show it.
    """
    if depth > 100:
        return "[too deep]"
    if isinstance(anything, dict):
        return {
            str(key): _plain(item, secret or any(word in str(key).lower() for word in SECRET), depth + 1)
            for key, item in anything.items()
        }
    if isinstance(anything, (list, tuple)):
        return [_plain(item, secret, depth + 1) for item in anything]
    if anything is None or isinstance(anything, (bool, int, float)):
        return anything
    if secret:
        return REDACTED
    return anything if isinstance(anything, str) else _describe(anything)
