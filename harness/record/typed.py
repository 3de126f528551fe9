"""From JSON to frozen dataclasses, by the types of their fields; plain.py is the way back.

Read are texts, numbers, flags, `None`, enums of numbers, tuples, mappings by text, other dataclasses and `Json`, which
is anything. An integer has at most 100 digits and a number is finite, so that all that was read can be reckoned with.
What is not as its type says is a `Misfit`, which names the place and says what is expected there. Names that a class
does not have are ignored: a later version wrote them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import IntEnum
from math import isfinite
from sys import intern
from types import NoneType, UnionType
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

Reader: TypeAlias = Callable[[Any], Any]
"""From JSON to a value. Raises Misfit."""

LARGEST = 10**100
"""Below it are the ids of Socket.IO, which have up to 100 digits."""
_SHOWN = 60
"""Characters that an error shows of what it found."""


class Misfit(ValueError):
    """A value that is not what it should be. The message names the place in it, as `panels.skills.values`."""

    def __init__(self, expected: str, found: object, place: str = "") -> None:
        super().__init__(expected, found, place)
        self.expected, self.found, self.place = expected, found, place

    def within(self, outer: str) -> Misfit:
        """The same, seen from what holds the value."""
        dot = "." if self.place and not self.place.startswith("[") else ""
        return Misfit(self.expected, self.found, f"{outer}{dot}{self.place}")

    def __str__(self) -> str:
        where = f"`{json.dumps(self.place)[1:-1][:_SHOWN]}`" if self.place else "it"
        if self.found is MISSING:
            return f"{where} is missing, and must be {self.expected}"
        return f"{where} must be {self.expected}, and is {_shown(self.found)}"


def _shown(found: object) -> str:
    try:
        text = json.dumps(found)
    except (TypeError, ValueError, RecursionError):
        return f"a {type(found).__name__}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


@dataclass(frozen=True, slots=True)
class _Member:
    """A field. `exact` are the types that need no reading; texts are kept once for all that say the same."""

    name: str
    exact: frozenset[type]
    is_text: bool
    read: Reader
    is_required: bool


def reader(cls: type[T]) -> Callable[[Any], T]:
    """What makes a dataclass of an object."""
    if cls not in _READERS:
        _READERS[cls] = _reader(cls)
    return _READERS[cls]


_READERS: dict[Any, Reader] = {}


def _reader(cls: Any) -> Reader:
    hints = get_type_hints(cls)
    members = [_member(each, hints[each.name]) for each in fields(cls)]

    def read(data: Any) -> Any:
        if type(data) is not dict:
            raise Misfit("an object", data)
        values = {}
        for member in members:
            name = member.name
            if name in data:
                found = data[name]
                kind = type(found)
                if kind is str and member.is_text:
                    values[name] = intern(found)
                elif kind in member.exact:
                    values[name] = found
                else:
                    try:
                        values[name] = member.read(found)
                    except Misfit as misfit:
                        raise misfit.within(name) from None
            elif member.is_required:
                raise Misfit(_expected(hints[name]), MISSING, name)
        return cls(**values)

    return read


def _member(each: Field[Any], hint: Any) -> _Member:
    kinds = _union(hint)
    exact = frozenset({kind for kind in kinds if kind in (bool, NoneType)})
    is_required = each.default is MISSING and each.default_factory is MISSING
    return _Member(each.name, exact, str in kinds, _of(hint), is_required)


def _union(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _of(hint: Any) -> Reader:
    """The reader of one type."""
    kinds = _union(hint)
    if Any in kinds:
        return lambda found: found
    readers = {kind: _single(kind) for kind in kinds}
    if len(readers) == 1:
        return next(iter(readers.values()))
    expected = _expected(hint)

    def read(found: Any) -> Any:
        misfits = []
        for each in readers.values():
            try:
                return each(found)
            except Misfit as misfit:
                misfits.append(misfit)
        deeper = [each for each in misfits if each.place]
        raise deeper[0] if deeper else Misfit(expected, found)

    return read


def _single(kind: Any) -> Reader:
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _listed(args[0], tuple)
    if origin is Sequence:
        return _listed(args[0], list)
    if origin is Mapping:
        return _mapped(args[1])
    if is_dataclass(kind):
        return reader(kind)  # type: ignore[arg-type]  # a class, as the dispatch above has it
    if issubclass(kind, IntEnum):
        return _numbered(kind)
    return _SCALARS[kind]


def _listed(inner: Any, make: Callable[[list[Any]], Any]) -> Reader:
    read, expected = _of(inner), f"a list of {_plural(inner)}"

    def read_list(found: Any) -> Any:
        if type(found) is not list:
            raise Misfit(expected, found)
        if inner is Any:
            return make(found)
        if inner is str:
            try:
                return make([*map(intern, found)])
            except TypeError:
                pass  # one of them is not a text: read them one by one, to say which
        values = []
        for index, each in enumerate(found):
            try:
                values.append(read(each))
            except Misfit as misfit:
                raise misfit.within(f"[{index}]") from None
        return make(values)

    return read_list


def _mapped(inner: Any) -> Reader:
    read = _of(inner)

    def read_mapping(found: Any) -> Any:
        if type(found) is not dict:
            raise Misfit("an object", found)
        values = {}
        for name, each in found.items():
            try:
                values[name] = read(each)
            except Misfit as misfit:
                raise misfit.within(name) from None
        return values

    return read_mapping


def _numbered(kind: type[IntEnum]) -> Reader:
    known = {int(each): each for each in kind}
    expected = f"an integer from {min(known)} to {max(known)}"

    def read_enum(found: Any) -> Any:
        if type(found) is not int or found not in known:
            raise Misfit(expected, found)
        return known[found]

    return read_enum


def _text(found: Any) -> Any:
    if type(found) is not str:
        raise Misfit("a text", found)
    return intern(found)


def _flag(found: Any) -> Any:
    if type(found) is not bool:
        raise Misfit("true or false", found)
    return found


def _nothing(found: Any) -> Any:
    if found is not None:
        raise Misfit("null", found)


def whole(found: Any) -> int:
    """An integer that a float can hold too."""
    if type(found) is not int or not -LARGEST < found < LARGEST:
        raise Misfit("an integer", found)
    return found


def _number(found: Any) -> Any:
    if type(found) is float and isfinite(found):
        return found
    if type(found) is int and -LARGEST < found < LARGEST:
        return found
    raise Misfit("a finite number", found)


_SCALARS: Mapping[Any, Reader] = {str: _text, bool: _flag, NoneType: _nothing, int: whole, float: _number}
_WORDS: Mapping[Any, str] = {
    str: "a text", bool: "true or false", NoneType: "null", int: "an integer", float: "a finite number",
}  # fmt: skip


def _plural(kind: Any) -> str:
    if kind is str:
        return "texts"
    return "integers" if isinstance(kind, type) and issubclass(kind, int) else "values"


def _expected(hint: Any) -> str:
    """What a field must be, in words."""

    def one(kind: Any) -> str:
        if get_origin(kind) in (tuple, Sequence):
            return "a list"
        return "anything" if kind is Any else _WORDS.get(kind, "an object")

    return " or ".join(one(kind) for kind in _union(hint))
