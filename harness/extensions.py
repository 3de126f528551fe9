"""Extension points: what can be added to the harness, and how a member is found, checked and refused.

A member is a module with one constant, in the point's package here or in an installed package, which names the module
in an entry point of the point's group. Adding a member touches no other file. A wrong member of the harness itself
raises BadExtension; a wrong one of an installed package is left out, and one line says so: it can only take something
away that the system under test is then told to be missing, and never turns a failure into a success.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.lib.installed import may_have_entry_points
from harness.locations import documentation

HERE = Path(__file__).parent


class BadExtension(Exception):
    """A member that can't be registered. The message says where it is, what is wrong and what is expected."""


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One kind of member: where its members are, and what each must have.

    `methods` has the parameters that each method is called with, `attributes` the type of each attribute, by its name
    where it would have to be imported. Points with the same `group` belong together: a module of an installed package
    has the constants of all of them.
    """

    kind: str
    group: str
    package: str
    constant: str
    methods: Mapping[str, tuple[str, ...]]
    attributes: Mapping[str, type | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Added:
    """A member that an installed package adds: of which kind, of which distribution, and what is wrong with it."""

    kind: str
    name: str
    owner: str
    wrong: str | None


STRATEGY = Point(
    "strategy",
    "harness.strategies",
    "harness.judge.strategies",
    "STRATEGY",
    {"expectations": ("evidence",), "properties": ("evidence", "settled")},
    {"refuses_sessions": bool, "announces_sessions": bool},
)
WORKLOAD = Point(
    "strategy",
    "harness.strategies",
    "harness.run.workloads",
    "WORKLOAD",
    {"perform": ("run",)},
    {"properties": tuple, "dashboards": tuple, "needs_pipe": bool},
)
TAP = Point(
    "tap",
    "harness.taps",
    "harness.taps.seen_by",
    "TAP",
    {"at_server": ("place",), "at_client": ("place",)},
    {"about": str, "server_hops": tuple, "client_hops": tuple, "stands_in_front": bool},
)
CAUSE = Point(
    "cause",
    "harness.causes",
    "harness.diagnosis",
    "RULE",
    {"explain": ("evidence", "outcomes"), "is_refuted": ("evidence", "outcome")},
    {"head": "Head"},
)
FAULT = Point("fault", "harness.faults", "harness.faults", "FAULT", {"inject": ("system", "random")}, {"does": str})
REPORTER = Point(
    "reporter", "harness.reporters", "harness.reporting", "REPORTER", {"write": ("evidence", "verdict", "run_dir")}
)

POINTS = (STRATEGY, WORKLOAD, TAP, CAUSE, FAULT, REPORTER)
"""What can be added. The pages docs/write-a-<kind>.md show each."""


@cache
def members(point: Point) -> dict[str, Any]:
    """The members of a point by name: the harness's own, then those of installed packages.

    Raises BadExtension for a wrong one of the harness itself.
    """
    found = {name: _own(point, name) for name in _own_names(point)}
    return {**found, **{name: getattr(module, point.constant) for name, module in _installed(point.group).items()}}


def names(point: Point) -> tuple[str, ...]:
    """The names of the members, without importing any. One of an installed package may turn out to be wrong."""
    return tuple(dict.fromkeys((*_own_names(point), *(entry.name for entry in _entries(point.group)))))


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about a wrong name: the nearest right one, or nothing."""
    from difflib import get_close_matches

    near = get_close_matches(word, [*known], 1, 0.6)
    return f"; did you mean {near[0]}?" if near else "."


def is_own(point: Point, name: str) -> bool:
    """Whether a member is the harness's own, and not one of an installed package."""
    return name in _own_names(point)


def check(point: Point, member: object, name: str, where: str) -> None:
    """Raise BadExtension for a member that can't be registered by that name."""
    if wrong := _wrong(point, member, name):
        raise BadExtension(f"{where}: {wrong}.\n{_help(point)}")


def added() -> tuple[Added, ...]:
    """What installed packages add, right or wrong, by kind: their modules are imported for that."""
    kinds = {point.group: point.kind for point in POINTS}
    return tuple(
        Added(kind, entry.name, entry.owner, str(module) if isinstance(module, BadExtension) else None)
        for group, kind in kinds.items()
        for entry, module in _tried(group)
    )


def forget() -> None:
    """Look for members anew: packages were installed or removed."""
    for cached in (members, _own_names, _is_added_to, _entries, _tried, _installed):
        cached.cache_clear()


# The harness's own


@cache
def _own_names(point: Point) -> tuple[str, ...]:
    """A member has the name of its file or folder: `auto_discovery.py` is auto-discovery. The others are helpers."""
    folder = HERE.joinpath(*point.package.split(".")[1:])
    has_constant = re.compile(rf"^{point.constant}\b", re.MULTILINE)
    files = {path.stem: path for path in folder.glob("[!_]*.py")}
    files |= {path.parent.name: path for path in folder.glob("[!_]*/__init__.py")}
    found = (name for name, path in sorted(files.items()) if has_constant.search(path.read_text("utf-8")))
    return tuple(name.replace("_", "-") for name in found)


def _own(point: Point, name: str) -> object:
    module = importlib.import_module(f"{point.package}.{name.replace('-', '_')}")
    member = getattr(module, point.constant)
    check(point, member, name, f"{module.__name__}.{point.constant}")
    return member


# Those of installed packages


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry point: `name` and `module` as the distribution `owner` (name and version) says them."""

    name: str
    module: str
    owner: str


@cache
def _is_added_to() -> bool:
    return may_have_entry_points("harness.")  # as the group of every point begins


@cache
def _entries(group: str) -> tuple[Entry, ...]:
    if not _is_added_to():
        return ()
    from importlib.metadata import entry_points

    found = []
    for each in entry_points(group=group):
        owner = "?" if each.dist is None else f"{each.dist.name} {each.dist.version}"
        found.append(Entry(each.name, each.value, owner))
    return tuple(sorted(found, key=lambda each: (each.owner, each.name)))


@cache
def _installed(group: str) -> dict[str, ModuleType]:
    """The modules of installed packages that are right, by name. What is wrong with the others is logged, once."""
    kind = next(point.kind for point in POINTS if point.group == group)
    for entry, module in _tried(group):
        if isinstance(module, BadExtension):
            _complain(f"left out the {kind} {entry.name!r} of {entry.owner} ({entry.module}): {module}")
    return {entry.name: module for entry, module in _tried(group) if not isinstance(module, BadExtension)}


@cache
def _tried(group: str) -> tuple[tuple[Entry, ModuleType | BadExtension], ...]:
    """Each entry point of a group with its module, or with what is wrong with it."""
    points = [point for point in POINTS if point.group == group]
    entries, found = _entries(group), list[tuple[Entry, ModuleType | BadExtension]]()
    for entry in entries:
        rivals = [each.owner for each in entries if each.name == entry.name and each != entry]
        try:
            found.append((entry, _load(entry, points, rivals)))
        except BadExtension as error:
            found.append((entry, error))
    return tuple(found)


def _load(entry: Entry, points: list[Point], rivals: list[str]) -> ModuleType:
    """The module of an entry point. Raises BadExtension."""
    if any(is_own(point, entry.name) for point in points):
        raise BadExtension(f"the harness has a {points[0].kind} of that name; choose another.")
    if rivals:
        raise BadExtension(f"{', '.join(rivals)} has one of that name too; uninstall one of them.")
    if ":" in entry.module:
        raise BadExtension(f"the entry point names an object; name its module, {entry.module.partition(':')[0]}.")
    try:
        module = importlib.import_module(entry.module)
    except (Exception, SystemExit) as error:  # of another's code; told in one line
        raise BadExtension(f"it can't be imported: {type(error).__name__}: {error}.") from error
    for point in points:
        if wrong := _wrong(point, getattr(module, point.constant, None), entry.name):
            raise BadExtension(f"{wrong}. {_help(point)}")
    return module


def _complain(text: str) -> None:
    """One line on standard error, or wherever the program's log goes."""
    import logging

    line = " ".join(text.split())
    logging.getLogger("harness").warning("harness: %s", "".join(c if c.isprintable() else "?" for c in line))


# What is asked of a member


def _wrong(point: Point, member: object, name: str) -> str | None:
    """What is wrong with a member, in one sentence without its end; None when it is right."""
    return next(_mistakes(point, member, name), None)


def _mistakes(point: Point, member: object, name: str) -> Iterator[str]:
    if member is None:
        yield f"the module has no {point.constant}, an object with {_expected(point)}"
        return
    if isinstance(member, type):
        yield f"{point.constant} is the class {member.__name__}, and has to be an object of it: {member.__name__}()"
    for attribute, kind in point.attributes.items():
        found, wanted = getattr(member, attribute, None), kind if isinstance(kind, str) else kind.__name__
        if wanted not in (each.__name__ for each in type(found).__mro__):
            told = "is missing" if found is None else f"is {type(found).__name__}"
            yield f"{point.constant}.{attribute} {told}, and has to be {wanted}"
    called = getattr(member, "name", None)
    if not isinstance(called, str) or not called:
        yield f'{point.constant} has no name: give it `name = "{name}"`, the word that people write for it'
    elif called != name:
        yield f"{point.constant} is called {called!r} by itself, and {name!r} by its file or entry point"
    for method, parameters in point.methods.items():
        function = getattr(member, method, None)
        if not callable(function):
            yield f"{point.constant} has no method {method}({', '.join(parameters)})"
        elif not _takes(function, len(parameters)):
            yield f"{point.constant}.{method} is called with {', '.join(parameters)}, and takes something else"


def _takes(function: Callable[..., object], count: int) -> bool:
    """Whether a function can be called with so many arguments; what says nothing of itself is believed."""
    from inspect import signature

    try:
        signature(function).bind(*[None] * count)
    except ValueError:
        return True
    except TypeError:
        return False
    return True


def _expected(point: Point) -> str:
    methods = (f"{method}({', '.join(parameters)})" for method, parameters in point.methods.items())
    return ", ".join(("name", *point.attributes, *methods))


def _help(point: Point) -> str:
    return f"{documentation(f'write-a-{point.kind}.md')} shows one that is right."
