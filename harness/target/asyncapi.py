"""AsyncAPI documents (2 and 3, YAML or JSON): the messages of a system, and what their payloads must be.

Payloads are described by JSON Schema, and compared by the library of that name (`pip install jsonschema pyyaml`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from harness.lib.ansi import printable
from harness.lib.documents import Misshapen, content
from harness.target.process import TargetError

MOST_STEPS = 20
"""So many references may lead from one to the next; more are a circle."""

LONGEST = 200
"""Characters of what is said of a payload."""


@dataclass(frozen=True, slots=True)
class Described:
    """The messages of a document: name to the JSON Schema of its payload, None for any. `told` are sent to clients."""

    schemas: Mapping[str, Mapping[str, Any] | None]
    told: tuple[str, ...]
    document: Mapping[str, Any] = field(repr=False)

    def checker(self) -> Checker:
        """Compares payloads with it. Raises TargetError where the library is missing, or a schema is not valid."""
        return Checker(self)


class Checker:
    """Says why a payload is not what its message says. A message that is not described may say anything."""

    def __init__(self, described: Described) -> None:
        kind = _library("jsonschema").Draft7Validator
        self._validators = {}
        for name, schema in described.schemas.items():
            if schema is None:
                continue
            whole = {**described.document, **schema}  # references are into the document
            try:
                kind.check_schema(schema)
            except Exception as error:  # noqa: BLE001  # its class is the library's
                text = str(getattr(error, "message", error))[:LONGEST]
                raise TargetError(f"the payload of message {name} is not a JSON Schema: {printable(text)}.") from None
            self._validators[name] = kind(whole)

    def __call__(self, name: str, payload: Any) -> str | None:
        """Where a payload is not as described, and what it had to be, without what it says; None for a right one."""
        validator = self._validators.get(name)
        if validator is None:
            return None
        try:
            errors = sorted(validator.iter_errors(payload), key=lambda error: ([*map(str, error.absolute_path)],))
        except Exception as error:  # noqa: BLE001  # a reference may lead nowhere
            return f"it can't be compared: {type(error).__name__}"
        if not errors:
            return None
        first = errors[0]
        where = ".".join(map(str, first.absolute_path)) or "the payload"
        must = json.dumps(first.validator_value, ensure_ascii=False, default=str)
        if first.validator == "required" and isinstance(first.instance, Mapping):
            must = ", ".join(name for name in first.validator_value if name not in first.instance)
            return printable(f"{where} lacks {must}")[:LONGEST]
        return printable(f"{where}: {first.validator} must be {must}")[:LONGEST]


def read(path: Path) -> Described:
    """The messages of a document. Raises TargetError."""
    try:
        text = content(path).decode("utf-8")
    except Misshapen as error:
        raise TargetError(f"{error}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise TargetError(f"{path}: it can't be read: {error}.") from None
    try:
        said = json.loads(text) if path.suffix == ".json" else _library("yaml").safe_load(text)
    except TargetError:
        raise
    except RecursionError:
        raise TargetError(f"{path}: it is nested too deeply.") from None
    except Exception as error:  # noqa: BLE001  # its class is the library's
        raise TargetError(f"{path}: {printable(str(error).splitlines()[0])}.") from None
    version = str(said.get("asyncapi", "")) if isinstance(said, Mapping) else ""
    if not re.match(r"[23]\.", version):
        raise TargetError(f"{path}: it is not an AsyncAPI document: the top has no `asyncapi: 2.x` or `3.x`.")
    found: dict[str, Mapping[str, Any] | None] = {}
    told: list[str] = []
    for name, message, is_told in _messages(said, version):
        payload = _at_reference(said, message.get("payload"))
        schema = (
            payload.get("schema", payload) if isinstance(payload, Mapping) and "schemaFormat" in payload else payload
        )
        found[name] = schema if isinstance(schema, Mapping) else None
        told += [name] if is_told and name not in told else []
    if not found:
        raise TargetError(f"{path}: it describes no message.")
    return Described(found, tuple(told), said)


def _messages(said: Mapping[str, Any], version: str) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every message of every channel: its name, itself, and whether clients are sent it."""
    channels = _mapping(said.get("channels"))
    if version.startswith("2"):
        for channel in map(_mapping, channels.values()):
            for way in ("subscribe", "publish"):  # as a client sees them
                message = _mapping(_mapping(channel.get(way)).get("message"))
                for each in _list(message["oneOf"]) if "oneOf" in message else [message] if message else ():
                    yield from _named(said, each, way == "subscribe")
        return
    sending = [op for op in map(_mapping, _mapping(said.get("operations")).values()) if op.get("action") == "send"]
    refs = {_mapping(op.get("channel")).get("$ref") for op in sending}
    chosen = {each.get("$ref") for op in sending for each in map(_mapping, _list(op.get("messages")))}
    for key, channel in channels.items():
        here = f"#/channels/{key}"
        for name, each in _mapping(_mapping(channel).get("messages")).items():
            is_told = here in refs and (not chosen or f"{here}/messages/{name}" in chosen)
            yield from _named(said, each, is_told, name)


def _named(
    said: Mapping[str, Any], message: Any, is_told: bool, key: str = ""
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """A message by its name, or else by the key that it stands under or is referred to by."""
    reference = _mapping(message).get("$ref", "")
    found = _mapping(_at_reference(said, message))
    name = found.get("name") or key or str(reference).rpartition("/")[2]
    if name:
        yield str(name), found, is_told


def _at_reference(said: Mapping[str, Any], value: Any) -> Any:
    """What is referred to, in the document itself."""
    for _ in range(MOST_STEPS):
        reference = value.get("$ref") if isinstance(value, Mapping) else None
        if not isinstance(reference, str):
            return value
        if not reference.startswith("#/"):
            raise TargetError(f"the reference {printable(reference)!r} leads out of the document: put it in.")
        value = said
        for part in reference[2:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, Mapping) or name not in value:
                raise TargetError(f"the reference {printable(reference)!r} leads nowhere.")
            value = value[name]
    raise TargetError(f"the reference {printable(str(reference))!r} leads back to itself.")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        package = {"yaml": "pyyaml"}.get(name, name)
        raise TargetError(
            f"AsyncAPI documents need the package {package}: pip install 'event-stream-harness[asyncapi]'."
        ) from None
