"""Sets of event keys as places in a ledger's table of keys: what is asked of whole sets is asked of columns. Pure."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, Sequence, Set, ValuesView
from functools import cached_property, reduce
from itertools import chain, filterfalse
from operator import or_
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar, overload

from harness.record.tables import Tables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np


def is_subset(keys: Iterable[str], others: Set[str]) -> bool:
    """Whether all keys are among others."""
    return keys <= others if isinstance(keys, Set) else all(map(others.__contains__, keys))


def without(keys: Iterable[str], others: Set[str]) -> Iterable[str]:
    """Those keys that are not among others, in their order."""
    if isinstance(keys, Keys) and isinstance(others, Keys):
        return keys - others
    return filterfalse(others.__contains__, keys)


def those_in(keys: Iterable[str], known: Set[str]) -> list[str]:
    """Those keys that are known, in their order, as often as they come."""
    members = known.each if isinstance(known, Keys) else known
    return [*filter(members.__contains__, keys)]


def union(sets: Iterable[Set[str]]) -> Set[str]:
    """All keys of some sets, in their order."""
    some = [each for each in sets if each]
    if len(some) < 2:
        return some[0] if some else frozenset()
    return reduce(or_, some) if all(isinstance(each, Keys) for each in some) else dict.fromkeys(chain(*some)).keys()


class Keys(KeysView[str], Sequence[str]):
    """Keys of one ledger, each once, in an order."""

    def __init__(self, tables: Tables, places: NDArray[Any]) -> None:
        self.tables, self.places = tables, places

    @cached_property
    def among(self) -> NDArray[np.bool_]:
        """Of every key of the ledger, whether it is one of these."""
        found = np.zeros(len(self.tables.key_seq), dtype=np.bool_)
        found[self.places] = True
        return found

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> set[Any]:
        return {*it}

    def _of(self, places: NDArray[Any]) -> Keys:
        return Keys(self.tables, places)

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[str]:
        return map(self.tables.keys.__getitem__, self.places.tolist())

    @cached_property
    def each(self) -> frozenset[str]:
        """The keys themselves, for who asks of many of them one by one."""
        return frozenset(self)

    def __contains__(self, key: object) -> bool:
        return key in self.each

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Keys: ...
    def __getitem__(self, index: int | slice) -> str | Keys:
        if isinstance(index, slice):
            return self._of(self.places[index])
        return self.tables.keys[int(self.places[index])]

    def __eq__(self, other: object) -> bool:
        if self._is_akin(other):
            return len(self) == len(other) and self <= other
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]  # as a set is

    def __le__(self, other: Set[Any]) -> bool:
        if self is other:
            return True
        if self._is_akin(other):
            return len(self) <= len(other) and bool(other.among[self.places].all())
        return super().__le__(other)

    def __ge__(self, other: Set[Any]) -> bool:
        return other <= self if self._is_akin(other) else super().__ge__(other)

    def __and__(self, other: Set[Any]) -> Keys | set[str]:  # type: ignore[override]
        if self._is_akin(other):
            return self if self is other else self._of(self.places[other.among[self.places]])
        return {*filter(self.each.__contains__, other)}

    def __sub__(self, other: Set[Any]) -> Keys | set[str]:  # type: ignore[override]
        if self._is_akin(other):
            return self._of(self.places[:0] if self is other else self.places[~other.among[self.places]])
        return super().__sub__(other) if other else self

    def __or__(self, other: Set[Any]) -> Keys | set[str]:  # type: ignore[override]
        if self._is_akin(other):
            return self.joined(other)
        return super().__or__(other) if other else self

    def joined(self, other: Keys) -> Keys:
        """These, and then those of the others that are not among them."""
        if self is other:
            return self
        new = other.places[~self.among[other.places]]
        return self._of(np.concatenate([self.places, new])) if len(new) else self

    def isdisjoint(self, other: Iterable[Any]) -> bool:
        """Whether no key is in both."""
        if self._is_akin(other):
            return not bool(other.among[self.places].any())
        return not any(each in self for each in other)

    def _is_akin(self, other: object) -> TypeGuard[Keys]:
        """Whether the other is of the same ledger, so that places can be compared."""
        return isinstance(other, Keys) and other.tables is self.tables


V = TypeVar("V")


class OfKeys(Mapping[str, V]):
    """What is told of each key of a set, of which `_keys` are the keys."""

    _keys: Keys

    def __contains__(self, key: object) -> bool:
        return key in self._keys.each

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def keys(self) -> Keys:
        """The set, whose members are looked for by columns."""
        return self._keys

    def values(self) -> ValuesView[V]:
        return _Values(self)

    def items(self) -> ItemsView[str, V]:
        return _Items(self)

    def each(self) -> Iterable[V]:
        """What is told of each key, in their order."""
        return map(self.__getitem__, self._keys)


class _Values(ValuesView[V]):
    """What is told of all keys, looked up at once."""

    _mapping: OfKeys[V]

    def __iter__(self) -> Iterator[V]:
        return iter(self._mapping.each())

    def __contains__(self, value: object) -> bool:
        return value in [*self._mapping.each()]


class _Items(ItemsView[str, V]):
    """The same with the keys."""

    _mapping: OfKeys[V]

    def __iter__(self) -> Iterator[tuple[str, V]]:
        return zip(self._mapping.keys(), self._mapping.each(), strict=True)
