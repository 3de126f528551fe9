"""The facts of a ledger by kind, each observer's in its own order; those of a stored ledger are made when asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from harness.model import AnyFact, B, Body, Fact
from harness.model.facts import Acknowledged
from harness.record.columns import Facts
from harness.record.distinct import distinct
from harness.record.evidence.keys import Keys, OfKeys
from harness.record.evidence.observers import by_observer, in_order
from harness.record.evidence.times import Times
from harness.record.tables import Tables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np

key_of = attrgetter("body.key")


class Told(ABC):
    """Facts by kind."""

    @abstractmethod
    def of(self, kind: type[B]) -> Sequence[Fact[B]]:
        """All facts of a kind."""

    @abstractmethod
    def observers(self) -> set[str]:
        """Who told any."""

    @abstractmethod
    def began_ns(self) -> int:
        """When the first of all was told; 0 for none."""

    @abstractmethod
    def keys(self, kind: type[Body]) -> Set[str]:
        """The keys that facts of a kind name."""

    @abstractmethod
    def acknowledged(self) -> Mapping[str, bool]:
        """Event key to whether an acknowledgement said yes."""

    @abstractmethod
    def kinds(self, kind: type[B]) -> Iterable[tuple[Fact[B], int]]:
        """One fact for all of an observer that say the same but for their keys, and how many those are."""

    @abstractmethod
    def firsts(self, kind: type[B], is_wanted: Callable[[B], bool]) -> Times:
        """When each event was first named by a fact of a kind; what it says beside the key is wanted, or it is not."""

    @abstractmethod
    def about(self, kind: type[B], key: str) -> Sequence[Fact[B]]:
        """The facts of a kind that name an event."""

    @abstractmethod
    def at_once(self, kind: type[Body]) -> bool:
        """Whether an observer told two facts of a kind at the same nanosecond."""


def told(facts: Iterable[AnyFact]) -> Told:
    """The facts of a ledger by kind."""
    return Stored(facts) if isinstance(facts, Facts) and facts.tables.is_unambiguous else Plain(facts)


class Plain(Told):
    """Facts that are objects already."""

    def __init__(self, facts: Iterable[AnyFact]) -> None:
        self._by_kind: dict[type[Body], list[AnyFact]] = defaultdict(list)
        self._by_key: dict[type[Body], dict[str, list[AnyFact]]] = {}
        for _, listed in by_observer(facts):
            for fact in listed:
                self._by_kind[type(fact.body)].append(fact)

    def of(self, kind: type[B]) -> Sequence[Fact[B]]:
        return cast("list[Fact[B]]", self._by_kind.get(kind, []))

    def observers(self) -> set[str]:
        return {fact.observer for facts in self._by_kind.values() for fact in facts}

    def began_ns(self) -> int:
        return min((fact.at_ns for facts in self._by_kind.values() for fact in facts), default=0)

    def keys(self, kind: type[Body]) -> Set[str]:
        return {*map(key_of, self._by_kind.get(kind, ()))} - {None}

    def acknowledged(self) -> Mapping[str, bool]:
        found: dict[str, bool] = {}
        for fact in self.of(Acknowledged):
            if fact.body.ok or fact.body.key not in found:
                found[fact.body.key] = fact.body.ok
        return found

    def kinds(self, kind: type[B]) -> Iterable[tuple[Fact[B], int]]:
        return ((fact, 1) for fact in self.of(kind))

    def firsts(self, kind: type[B], is_wanted: Callable[[B], bool]) -> Times:
        found: dict[str, int] = {}
        for fact in self.of(kind):
            if is_wanted(fact.body):
                found.setdefault(key_of(fact), fact.at_ns)
        return Times.of(found)

    def about(self, kind: type[B], key: str) -> Sequence[Fact[B]]:
        if kind not in self._by_key:
            found = self._by_key[kind] = defaultdict(list)
            for fact in self._by_kind.get(kind, ()):
                found[key_of(fact)].append(fact)
        return cast("Sequence[Fact[B]]", self._by_key[kind].get(key, ()))

    def at_once(self, kind: type[Body]) -> bool:
        places = Counter((fact.observer, fact.at_ns) for fact in self._by_kind.get(kind, ()))
        return any(count > 1 for count in places.values())


class Answers(OfKeys[bool]):
    """Event key to whether any of its answers said yes."""

    def __init__(self, tables: Tables, keys: NDArray[Any], said: NDArray[np.bool_]) -> None:
        first = np.unique(keys, return_index=True)[1]
        self._keys = Keys(tables, keys[np.sort(first)])
        self.yes = Keys(tables, distinct(keys[said]))
        """Those that were answered with yes."""

    def each(self) -> Iterable[bool]:
        said: list[bool] = self.yes.among[self._keys.places].tolist()
        return said

    def __getitem__(self, key: str) -> bool:
        if key not in self._keys:
            raise KeyError(key)
        return key in self.yes


class Stored(Told):
    """Facts of a stored ledger."""

    def __init__(self, facts: Facts) -> None:
        self._facts, self._tables = facts, facts.tables
        self._made: dict[type[Body], Sequence[AnyFact]] = {}
        self._by_key: dict[type[Body], tuple[NDArray[Any], NDArray[Any]]] = {}
        self._kinds: dict[type[Body], list[tuple[AnyFact, int]]] = {}
        texts = self._tables.texts
        named = [place for _, place in in_order({texts[place]: place for place in distinct(facts.observer).tolist()})]
        rank = np.zeros(len(texts), dtype=np.int64)
        rank[named] = np.arange(len(named))
        order = np.lexsort((facts.n, rank[facts.observer]))
        self._rows = {texts[place]: order[facts.kind[order] == place] for place in distinct(facts.kind).tolist()}
        said = np.unique(facts.kind * np.int64(1 << 31) + facts.data, return_index=True)[1]
        facts.at(said.tolist())  # whatever can't be read is said so now

    def _of(self, kind: type[Body]) -> NDArray[Any]:
        nothing: NDArray[Any] = np.empty(0, dtype=np.intp)
        rows: NDArray[Any] = self._rows.get(kind.kind, nothing)
        return rows

    def of(self, kind: type[B]) -> Sequence[Fact[B]]:
        if kind not in self._made:
            self._made[kind] = self._facts.at(self._of(kind).tolist())
        return cast("Sequence[Fact[B]]", self._made[kind])

    def observers(self) -> set[str]:
        return {self._tables.texts[place] for place in distinct(self._facts.observer).tolist()}

    def began_ns(self) -> int:
        return int(self._facts.at_ns.min()) if len(self._facts) else 0

    def keys(self, kind: type[Body]) -> Set[str]:
        places = self._facts.key[self._of(kind)]
        return Keys(self._tables, distinct(places[places >= 0]))

    def acknowledged(self) -> Mapping[str, bool]:
        rows, said = self._of(Acknowledged), cast("NDArray[np.bool_]", np.zeros(0, dtype=np.bool_))
        if (self._facts.key[rows] < 0).any():
            return Plain(self._facts).acknowledged()
        column = self._facts.data
        kinds, first, which = np.unique(column[rows], return_index=True, return_inverse=True)
        if len(kinds):
            told = cast("list[Fact[Acknowledged]]", self._facts.at(rows[first].tolist()))
            said = np.array([fact.body.ok for fact in told], dtype=np.bool_)[which]
        return Answers(self._tables, self._facts.key[rows], said)

    def kinds(self, kind: type[B]) -> Sequence[tuple[Fact[B], int]]:
        if kind not in self._kinds:
            rows, facts, column = self._of(kind), self._facts, self._facts.data
            said = facts.observer[rows] * np.int64(1 << 31) + column[rows]  # neither is below 0
            _, first, counts = np.unique(said, return_index=True, return_counts=True)
            self._kinds[kind] = [*zip(facts.at(rows[first].tolist()), counts.tolist(), strict=True)]
        return cast("Sequence[tuple[Fact[B], int]]", self._kinds[kind])

    def firsts(self, kind: type[B], is_wanted: Callable[[B], bool]) -> Times:
        rows, facts, column = self._of(kind), self._facts, self._facts.data
        if (facts.key[rows] < 0).any():
            return Plain(self._facts).firsts(kind, is_wanted)
        _, first, which = np.unique(column[rows], return_index=True, return_inverse=True)
        said = cast("list[Fact[B]]", facts.at(rows[first].tolist()))
        rows = rows[np.array([is_wanted(fact.body) for fact in said], dtype=np.bool_)[which]]
        first = np.unique(facts.key[rows], return_index=True)[1]
        rows = rows[np.sort(first)]
        return Times(Keys(self._tables, facts.key[rows]), facts.at_ns[rows])

    def about(self, kind: type[B], key: str) -> Sequence[Fact[B]]:
        if kind not in self._by_key:
            rows = self._of(kind)
            order = np.argsort(self._facts.key[rows], kind="stable")
            self._by_key[kind] = self._facts.key[rows[order]], rows[order]
        keys, rows = self._by_key[kind]
        if len(keys) and keys[0] < 0:
            return [fact for fact in self.of(kind) if key_of(fact) == key]
        place = self._tables.place_of_key.get(key, -2)
        first, last = np.searchsorted(keys, (place, place + 1))
        return cast("Sequence[Fact[B]]", self._facts.at(rows[first:last].tolist()))

    def at_once(self, kind: type[Body]) -> bool:
        rows = self._of(kind)
        observer, at = self._facts.observer[rows], self._facts.at_ns[rows]
        order = np.lexsort((at, observer))
        observer, at = observer[order], at[order]
        return bool(((observer[1:] == observer[:-1]) & (at[1:] == at[:-1])).any())
