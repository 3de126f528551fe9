"""Where code tells things apart by their names."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator


def branches(source: str, names: Collection[object]) -> Iterator[int]:
    """Lines where code compares something with one of the names, or picks by it."""
    for node in ast.walk(ast.parse(source)):
        compared = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        keys = node.keys if isinstance(node, ast.Dict) else []
        cases = [node.value] if isinstance(node, ast.MatchValue) else []
        for each in (*compared, *keys, *cases):
            if isinstance(each, ast.Constant) and each.value in names:
                yield each.lineno
