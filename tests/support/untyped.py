"""Where a module asks a fact by the name of a field, which no type checker sees. Read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

MAPPINGS = {"asdict", "astuple", "plain", "vars"}
"""What makes a mapping of a body, whose fields are then asked for by name."""


def accesses(path: Path) -> Iterator[str]:
    """One line for each place: `x.data["…"]`, `x.body.get("…")`, `getattr(x.body, …)`, `plain(x.body)["…"]`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Subscript) and _is_untyped(node.value):
            yield f"{path.name}:{node.lineno} asks by a name"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get" and _is_untyped(node.func.value):
                yield f"{path.name}:{node.lineno} asks by a name"
            elif node.func.attr in ("items", "keys", "values") and _is_body(node.func.value):
                yield f"{path.name}:{node.lineno} takes a body for a mapping"
        elif isinstance(node, ast.Call) and _is_called(node, "getattr") and _is_body(node.args[0]):
            yield f"{path.name}:{node.lineno} asks by a name"


def _is_called(node: ast.Call, name: str) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == name


def _is_untyped(node: ast.expr) -> bool:
    """A body, or a mapping of one."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAPPINGS:
        return any(map(_is_body, node.args))
    return _is_body(node)


def _is_body(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("data", "body")
