"""Digests of data: what is the same has the same one, in whatever order its keys are and whichever library wrote it."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import blake2b
from typing import Any


def digest(data: Any) -> str:
    """64 bits over the canonical JSON of `data`: keys sorted, 1.0 equal to 1, for JavaScript has one kind of number."""
    return blake2b(canonical(data).encode(), digest_size=8).hexdigest()


def canonical(data: Any) -> str:
    """`data` as that JSON."""
    return _encode(_plain(data))


def digest_within_reason(data: Any) -> str | None:
    """The digest, or None for data that is nested deeper than JSON in Python goes: it can't be compared."""
    try:
        return digest(data)
    except RecursionError:
        return None


def _encoder() -> Callable[[Any], str]:
    """What JSONEncoder.encode makes anew for every value, made once where this Python lets us."""
    plain = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
    try:
        chunks = json.encoder.c_make_encoder(  # type: ignore[attr-defined]
            None, plain.default, json.encoder.encode_basestring_ascii, None, ":", ",", True, False, True
        )
        if "".join(chunks([{"b": "é", "a": 1}], 0)) != '[{"a":1,"b":"\\u00e9"}]':
            return plain.encode
    except (AttributeError, TypeError, ValueError):
        return plain.encode
    return lambda anything: "".join(chunks(anything, 0))


_encode = _encoder()


def _plain(data: Any) -> Any:
    if isinstance(data, str):
        return data
    if isinstance(data, float):
        return int(data) if data.is_integer() else data
    if isinstance(data, dict):
        return {str(name): _plain(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data
