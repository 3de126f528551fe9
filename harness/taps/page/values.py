"""What the script in the page hands out as text, read as data. All of it is hostile; what can't be read is None."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from harness.lib.secrets import REDACTED, SECRET
from harness.model.facts import WindowShown

UNREADABLE = "(unreadable)"

MOST = 2**53
"""JavaScript's numbers have gaps beyond it."""


def whole(number: object) -> int | None:
    """A number that a page shows, as far as JavaScript counts without gaps; None for other texts."""
    return int(number) if isinstance(number, int | float) and abs(number) <= MOST else None


def read_window(found: Mapping[str, Any]) -> WindowShown:
    """The note of a list that is shown in part."""
    return WindowShown(found["text"], whole(found["shown"]), whole(found["total"]))


def read_event(record: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Name and arguments of an EVENT packet."""
    args = read_json(record["text"], record["bytes"])
    if isinstance(args, list) and args and isinstance(args[0], str):
        return args[0], args[1:]
    return UNREADABLE, [record["text"][:200]]


def read_json(text: str, told: Sequence[Mapping[str, Any]] = ()) -> Any:
    """JSON text as data, None for other text. Binary attachments, of which size and SHA-1 are `told`, are described.

    As an agent describes them, that is: `{"_bytes": size, "sha1": …}`; without a digest where they are too many.
    """
    try:
        data = json.loads(text)
        return _attach(data, told) if told else data
    except (ValueError, RecursionError):
        return None


AFTER_UNREAD = "it came after a message that is not JSON"


def why_no_json(text: str) -> str | None:
    """Why a browser's parser refuses a text; None where it takes it.

    Python's own takes NaN and Infinity besides, and neither deep lists nor long numbers.
    """
    try:
        json.loads(text, parse_constant=_refuse, parse_int=len)
    except RecursionError:
        return None
    except json.JSONDecodeError as error:
        return f"{error.msg}, at character {error.pos}"
    except ValueError as error:
        return f"{error} is not JSON"
    return None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _attach(data: Any, told: Sequence[Mapping[str, Any]]) -> Any:
    if isinstance(data, dict):
        number = data.get("num")
        if data.get("_placeholder") is True and isinstance(number, int) and 0 <= number < len(told):
            size, sha1 = told[number].get("size"), told[number].get("sha1")
            return {"_bytes": size} if sha1 is None else {"_bytes": size, "sha1": sha1}
        return {name: _attach(value, told) for name, value in data.items()}
    return [_attach(value, told) for value in data] if isinstance(data, list) else data


def public_url(url: str) -> str:
    """A URL without user, password and the values of parameters that name a secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = [(name, REDACTED if SECRET.search(name) else value) for name, value in parse_qsl(parts.query, True)]
    text = "&".join(f"{quote(name)}={quote(value, safe='()')}" for name, value in query)
    fragment = REDACTED if SECRET.search(parts.fragment) else parts.fragment
    return urlunsplit((parts.scheme, host, parts.path, text, fragment))
