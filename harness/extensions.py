"""Extension points: a package whose modules each offer one member. Adding one touches no other file."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


class BadExtension(Exception):
    """A member that can't be registered. The message says which file, what is wrong and what is expected."""


def members(package: ModuleType, constant: str, needs: tuple[str, ...]) -> dict[str, object]:
    """The members of an extension point, by name.

    Every public module of `package` may define `constant`, an object with a text `name` and the callables `needs`.
    Modules without the constant are helpers. Raises BadExtension at once when a member is wrong.
    """
    found: dict[str, object] = {}
    for info in pkgutil.iter_modules(package.__path__):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        member = getattr(module, constant, None)
        if member is None:
            continue
        register(found, member, needs, f"{module.__name__}.{constant}")
    return found


def register(found: dict[str, object], member: object, needs: tuple[str, ...], where: str) -> None:
    """Add one member to `found`, or say what is wrong with it."""
    name = getattr(member, "name", None)
    if not isinstance(name, str) or not name:
        raise BadExtension(f'{where} has no name: give it `name = "…"`, the word that people write for it.')
    for need in needs:
        if not callable(getattr(member, need, None)):
            raise BadExtension(
                f"{where} ({name!r}) has no method {need}(); an extension of this kind needs {', '.join(needs)}."
            )
    if name in found:
        raise BadExtension(f"{where}: the name {name!r} is taken by {type(found[name]).__name__}; choose another.")
    found[name] = member
