"""Kept traces without secrets: a trace of Playwright's holds every request and WebSocket message of the page.

The layout is that of Playwright 1.65 (a ZIP file): `trace.trace` and `trace.network` are JSON lines, WebSocket messages
are JSON lines in `resources/`, and so are the bodies of requests. A client's credentials are in the CONNECT packet
(`40{…}`), in headers and in cookies, which are taken out whole; elsewhere it is the name that marks a secret.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from harness.lib.secrets import REDACTED, SECRET, redact
from harness.taps.page.values import public_url

SEPARATOR = "\x1e"
"""Between the packets of one polling payload: https://socket.io/docs/v4/engine-io-protocol/."""

_CONNECT = re.compile(r"(40(?:/[^,{]*,)?)\{.*\Z", re.DOTALL)
_MESSAGE = re.compile(r"(4[2356](?:\d+-)?(?:/[^,\[]*,)?\d*)(\[.*)\Z", re.DOTALL)
_PACKED_CONNECT = b"\xa4type\x00"
"""How socket.io-msgpack-parser writes `type: 0`."""

_QUERY = re.compile(r"(?<=[?&])([\w.\[\]-]+)=([^&#\s\"'<>]*)")
"""One part of an address's query."""

TYPED = "__playwright_value_"
"""How a snapshot of the document says what stands in a field."""

_FORM = re.compile(r"[\w.%\[\]-]+=[^\s<>]*")
"""A form as browsers post it."""

_PICTURE = re.compile(r"resources/page@[^/]*\.jpe?g")
"""How the pictures of a page are called that are taken all the time; what it loaded itself has other names."""

LONGEST = 1_000_000
"""So much of a body is looked through for names of secrets."""

_FILLED = re.compile(r"(\s*fill\()\".*\"(\)\s*)", re.DOTALL)
"""How the log of a trace says what was typed; in which field, another line says."""

_HEADERS = re.compile(r"authorization|cookie", re.IGNORECASE)


def redact_trace(
    path: Path, clean_text: Callable[[bytes], bytes] = lambda data: data, has_pictures: bool = True
) -> None:
    """Take the secrets out of a trace, in place; `clean_text` takes out those that are known by their values.

    Without `has_pictures` those of the page are left out. A file that is not a trace is removed: what it
    holds is not known.
    """
    clean = path.with_suffix(".redacting")
    try:
        with zipfile.ZipFile(path) as trace, zipfile.ZipFile(clean, "w", zipfile.ZIP_DEFLATED) as redacted:
            for entry in trace.infolist():
                if not has_pictures and _PICTURE.fullmatch(entry.filename):
                    continue
                redacted.writestr(entry.filename, clean_text(_cleaned(entry.filename, trace.read(entry))))
        clean.replace(path)
    except (zipfile.BadZipFile, ValueError) as error:
        path.unlink(missing_ok=True)
        raise ValueError(f"{path}: its secrets could not be taken out ({error}), so it was not kept.") from None
    finally:
        clean.unlink(missing_ok=True)


def packets(payload: str) -> str:
    """A payload of Engine.IO, text, without the credentials and the secrets in its packets."""
    return SEPARATOR.join(_packet(each) for each in payload.split(SEPARATOR))


def _packet(text: str) -> str:
    if connect := _CONNECT.match(text):
        return f'{connect[1]}{{"redacted":true}}'
    if (message := _MESSAGE.match(text)) and SECRET.search(text):
        try:
            return message[1] + json.dumps(redact(json.loads(message[2])), separators=(",", ":"))
        except (ValueError, RecursionError):
            return message[1] + json.dumps([REDACTED])
    return text


def _cleaned(name: str, body: bytes) -> bytes:
    if name.endswith((".trace", ".network", ".jsonl")):
        return b"\n".join(_line(line) for line in body.split(b"\n"))
    if name.startswith("resources/") and body[:1] == b"4":
        return packets(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return _body(body) if name.startswith("resources/") and SECRET.search(body[:LONGEST].decode("latin-1")) else body


def _body(body: bytes) -> bytes:
    """The body of a request or an answer, where it is a form or JSON; anything else is left."""
    try:
        text = body.decode("utf-8")
        if _FORM.fullmatch(text):
            return _plain(f"?{text}")[1:].encode()
        return json.dumps(redact(json.loads(text)), separators=(",", ":")).encode() if text[:1] in "{[" else body
    except RecursionError:  # nested too deep to be searched, and a name in it says that there is a secret
        return json.dumps([REDACTED]).encode()
    except ValueError:
        return body


def _line(line: bytes) -> bytes:
    """One line of JSON, cleaned. A line that is not JSON is left out, empty ones stay."""
    if not line.strip():
        return line
    try:
        return json.dumps(_value(json.loads(line)), separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return b""


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(each) for each in value]
    return dict(_items(value)) if isinstance(value, dict) else value


def _items(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    marked = value.get("name", value.get("k"))  # a header or a cookie, or a value that a script returned
    is_typed = isinstance(at := value.get("selector"), str) and SECRET.search(at) is not None  # what a step fills in
    is_field = value.get("type") == "password" or (isinstance(marked, str) and SECRET.search(marked) is not None)
    for key, each in value.items():
        if (is_typed and key in ("value", "text")) or (is_field and key == TYPED):
            yield key, REDACTED
            continue
        if key in ("value", "v") and isinstance(marked, str) and (SECRET.search(marked) or _HEADERS.search(marked)):
            yield key, {"s": REDACTED} if key == "v" else REDACTED
        elif key == "cookies" and isinstance(each, list):
            yield key, [{**cookie, "value": REDACTED} for cookie in each if isinstance(cookie, dict)]
        elif isinstance(each, str):
            yield key, _TEXTS.get(key, _plain)(each)
        else:
            yield key, _value(each)


def _frame(data: str) -> str:
    """The data of a WebSocket message: text, or base64 of bytes."""
    try:
        if _PACKED_CONNECT in base64.b64decode(data, validate=True):
            return ""
    except (binascii.Error, ValueError):
        pass
    return packets(data)


def _plain(text: str) -> str:
    """Any other text: a snapshot of the document and a header may hold an address with a query."""
    return _QUERY.sub(lambda found: f"{found[1]}={REDACTED}" if SECRET.search(found[1]) else found[0], text)


def _logged(text: str) -> str:
    """A line of the trace's own log: what is typed is left out of it."""
    return _FILLED.sub(lambda found: f'{found[1]}"{REDACTED}"{found[2]}', _plain(text))


_TEXTS: dict[str, Callable[[str], str]] = {
    "data": _frame,
    "message": _logged,
    "text": packets,
    "url": public_url,
    "frameUrl": public_url,
}
"""What is done with the texts of some keys: a message's data, the body of a post, an address."""
