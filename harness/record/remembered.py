"""Functions that are asked the same about one object again and again: computed once, and forgotten with the object."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

Asked = TypeVar("Asked")
P = ParamSpec("P")
R = TypeVar("R")


def remembered(function: Callable[Concatenate[Asked, P], R]) -> Callable[Concatenate[Asked, P], R]:
    """The function with its results kept, for each first argument as long as that lives. The others must be hashable.

    Results are shared: they must not be changed.
    """
    known: WeakKeyDictionary[Asked, dict[object, R]] = WeakKeyDictionary()

    @wraps(function)
    def asked(first: Asked, /, *args: P.args, **kwargs: P.kwargs) -> R:
        found = known.setdefault(first, {})
        key = (args, *sorted(kwargs.items()))
        if key not in found:
            found[key] = function(first, *args, **kwargs)
        return found[key]

    return asked
