"""Where a module reads prose: what it decides by words that were made for people. Read from the source.

Prose is a sentence made for people: what `harness.reporting.sentences` returns, a rule's sentence, evidence and remedy,
a property's note. Such text may be printed, and nothing may depend on what it says.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SENTENCES = {"sentence", "remedy", "note"}
"""Attributes of blames and properties that hold sentences."""

READERS = {"startswith", "endswith", "split", "rsplit", "partition", "rpartition", "find", "index", "removeprefix"}
PATTERNS = {"match", "search", "fullmatch", "findall", "finditer"}


def readings(path: Path) -> Iterator[str]:
    """One line for each place in a module that decides by prose."""
    tree = ast.parse(path.read_text("utf-8"), str(path))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = {id(each) for function in functions for each in ast.walk(function)}
    outside = [node for node in ast.walk(tree) if id(node) not in inside]
    found = {*_readings(path.name, outside)}
    for function in functions:
        found |= {*_readings(path.name, list(ast.walk(function)))}
    yield from sorted(found)


def _readings(name: str, nodes: list[ast.AST]) -> Iterator[str]:
    prose = _Prose(nodes)
    for node in nodes:
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            others = [side for side in sides if not prose.has(side)]
            if len(others) < len(sides) and not (others and all(map(_is_empty, others))):
                yield f"{name}:{node.lineno} compares prose"
            elif any(map(_is_sentence, sides)):
                yield f"{name}:{node.lineno} compares with a sentence"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_layout = node.func.attr == "split" and not node.args  # white space alone
            if node.func.attr in READERS and not is_layout and prose.has(node.func.value):
                yield f"{name}:{node.lineno} takes prose apart"
            elif node.func.attr in PATTERNS and any(map(prose.has, node.args)):
                yield f"{name}:{node.lineno} matches prose"


class _Prose:
    """Which expressions of a function are prose: what sentences are made by or kept in, and names given to such."""

    def __init__(self, nodes: list[ast.AST]) -> None:
        self._names: set[str] = set()
        given = [(target, value) for node in nodes for target, value in _given(node)]
        for _ in given:  # a name may be given to another
            known = len(self._names)
            for target, value in given:
                if self.has(value):
                    self._names |= {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
            if len(self._names) == known:
                break

    def has(self, node: ast.AST) -> bool:
        """Whether an expression is a sentence, or has one in it."""
        return any(map(self._is, ast.walk(node)))

    def _is(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self._names
        if not isinstance(node, ast.Attribute):
            return False
        return node.attr in SENTENCES or (isinstance(node.value, ast.Name) and node.value.id == "sentences")


def _given(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Which names are given to which expressions."""
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.For | ast.comprehension):
        yield node.target, node.iter


def _is_sentence(node: ast.expr) -> bool:
    """Whether it is a text of several words, such as no name, key or code is: with what stands for it filled in."""
    if isinstance(node, ast.JoinedStr):
        return (
            len("".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values).split()) > 1
        )
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value.split()) > 1


def _is_empty(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (None, "")
