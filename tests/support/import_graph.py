"""Which module imports which, read from the source, and what a table of layers makes of it.

An import counts wherever it stands: inside a function or under TYPE_CHECKING it is a dependency all the same.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ANYTHING = "*"


@dataclass(frozen=True, slots=True)
class Layer:
    """What the modules of one layer may import: layers of the same package below it, and packages of others."""

    below: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement's target, as a dotted name from the root."""

    target: str
    line: int


def modules(root: Path, package: str) -> Iterator[tuple[str, Path]]:
    """Every module of a package with its dotted name, `harness.taps.page` for harness/taps/page/__init__.py."""
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if "node_modules" not in parts:
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(name: str, path: Path, root: Path) -> Iterator[Import]:
    """What the module imports. `from package import module` counts as an import of the module."""
    here = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{start}.{alias.name}"
                yield Import(inner if _exists(inner, root) else start, node.lineno)


def violations(root: Path, package: str, layers: Mapping[str, Layer], strangers: tuple[str, ...] = ()) -> list[str]:
    """One sentence for each import that the table doesn't allow, and for each module that it doesn't know.

    `strangers` are packages beside this one which nothing in it may import.
    """
    found = []
    for name, path in modules(root, package):
        layer = layer_of(name, package, layers)
        where = path.relative_to(root)
        if layer is None:
            found.append(f"{where} belongs to no layer: say in the table what it may import.")
            continue
        found += [
            f"{where}:{each.line} imports {each.target}: {why}"
            for each in imports(name, path, root)
            if (why := _forbidden(each.target, layer, package, layers, strangers)) is not None
        ]
    return found


def circles(root: Path, package: str) -> list[list[str]]:
    """Modules that import each other, in whatever number of steps. A package and what lies in it are one family."""
    found = dict(modules(root, package))
    below = {
        name: {t.target for t in imports(name, path, root) if t.target in found and not _is_kin(name, t.target)}
        for name, path in found.items()
    }
    return [sorted(each) for each in _components(below) if len(each) > 1]


def _is_kin(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _components(below: Mapping[str, set[str]]) -> Iterator[set[str]]:
    """What can be reached from each other."""
    reach: dict[str, set[str]] = {}
    for start in below:
        seen, waiting = set[str](), [start]
        while waiting:
            for each in below[waiting.pop()] - seen:
                seen.add(each)
                waiting.append(each)
        reach[start] = seen
    told = set[str]()
    for start in below:
        if start in reach[start] and start not in told:
            together = {each for each in reach[start] if start in reach[each]}
            told |= together
            yield together


def layer_of(name: str, package: str, layers: Mapping[str, Layer]) -> str | None:
    """The layer of a module: the longest name in the table that it is or lies in. The package itself is ``""``."""
    parts = name.removeprefix(package).removeprefix(".").split(".")
    candidates = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((each for each in candidates if each in layers), None)


def _forbidden(
    target: str, layer: str, package: str, layers: Mapping[str, Layer], strangers: tuple[str, ...]
) -> str | None:
    top = target.partition(".")[0]
    rule = layers[layer]
    if top == package:
        other = layer_of(target, package, layers)
        if other in {None, "", layer} or other in rule.below or ANYTHING in rule.below:
            return None
        return f"{layer} may import of {package} only {', '.join(rule.below) or 'nothing'}"
    if top in strangers:
        return f"{package} knows nothing of {top}"
    if top in sys.stdlib_module_names or top in rule.packages or ANYTHING in rule.packages:
        return None
    return f"{layer} may import of other packages only {', '.join(rule.packages) or 'the standard library'}"


def _exists(name: str, root: Path) -> bool:
    path = root.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
