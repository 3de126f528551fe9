"""From frozen dataclasses to JSON, by the types of their fields: what stands at its default is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_args, get_type_hints


def writer(cls: type[Any]) -> Callable[[Any], dict[str, Any]]:
    """What makes an object of a dataclass, without what is at its default."""
    if cls not in _WRITERS:
        _WRITERS[cls] = _writer(cls)
    return _WRITERS[cls]


_WRITERS: dict[Any, Callable[[Any], dict[str, Any]]] = {}


def _writer(cls: Any) -> Callable[[Any], dict[str, Any]]:
    hints = get_type_hints(cls)
    members = [(each.name, _default(each), _holds_dataclass(hints[each.name])) for each in fields(cls)]

    def write(value: Any) -> dict[str, Any]:
        told = {}
        for name, default, is_nested in members:
            found = getattr(value, name)
            if found is not default and found != default:
                told[name] = plain(found) if is_nested else found
        return told

    return write


def _default(each: Field[Any]) -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default


def _holds_dataclass(hint: Any) -> bool:
    return is_dataclass(hint) or any(map(_holds_dataclass, get_args(hint)))


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if is_dataclass(value):
        return writer(type(value))(value)
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
