"""Where a module asks a fact by the name of a field, which no type checker sees. Read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

UNTYPED = {"asdict", "astuple", "plain"}
"""What makes a mapping of a dataclass."""


def accesses(path: Path) -> Iterator[str]:
    """One line for each place: `x.data["…"]`, `x.data.get("…")`, the same of `body`, and bodies made to mappings."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Subscript) and _is_body(node.value):
            yield f"{path.name}:{node.lineno} asks by a name"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_body(node.func.value):
            if node.func.attr in ("get", "items", "keys", "values"):
                yield f"{path.name}:{node.lineno} asks by a name"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            is_made = node.func.id in UNTYPED or (node.func.id == "getattr" and _is_name_free(node))
            if is_made and node.args and _is_body(node.args[0]):
                yield f"{path.name}:{node.lineno} makes a mapping of a body"


def _is_body(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("data", "body")


def _is_name_free(call: ast.Call) -> bool:
    return len(call.args) > 1 and not isinstance(call.args[1], ast.Starred)
