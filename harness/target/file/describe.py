"""The tables of docs/target.md, from the models: `python -m harness.target.file.describe [FILE]` renews them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from harness.extensions import is_own, names
from harness.target.file import fill
from harness.target.file.kinds import MemberOf
from harness.target.file.schema import TargetFile

BEGIN = "<!-- keys: written by `python -m harness.target.file.describe docs/target.md` -->"
END = "<!-- end of keys -->"


def keys() -> str:
    """Every table of a target file with its keys, and the placeholders, as Markdown."""
    parts = ["## Keys", *_tables(TargetFile, "", set()), "## Placeholders", *_placeholders()]
    return "\n\n".join(parts)


def renew(text: str) -> str:
    """The document with its generated part renewed. Raises ValueError when the marks are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the marks {BEGIN} and {END} are not both there")
    return f"{before}{BEGIN}\n\n{keys()}\n\n{END}{after}"


def _tables(model: type[BaseModel], path: str, told: set[type[BaseModel]]) -> Iterator[str]:
    told.add(model)
    title = f"### `[{path}]`" if path else "### At the top"
    rows = ["| key | value | default | what it says |", "| --- | --- | --- | --- |"]
    inner: list[tuple[type[BaseModel], str]] = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        kind, about = _value(field.annotation, field.metadata), _cell(field.description or "")
        rows.append(f"| `{key}` | {kind} | {_default(field)} | {about} |")
        for each in _models(field.annotation):
            below = f"{path}.{key}" if path else key
            inner.append((each, f"{below}.NAME" if get_origin(field.annotation) is dict else below))
    yield f"{title}\n\n{cleandoc(model.__doc__ or '')}\n\n" + "\n".join(rows)
    for each, below in inner:
        if each not in told:
            yield from _tables(each, below, told)


def _value(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    """A type in a writer's words."""
    if metadata and (members := _member(metadata)):
        return members
    kinds = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    if annotation in kinds:
        return kinds[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table"
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in inner)
    if origin is list:
        return f"list of {_value(inner[0])}"
    if origin is dict:
        return f"table of {_value(inner[1])}"
    if hasattr(annotation, "__metadata__"):
        return _member(annotation.__metadata__) or _value(annotation.__origin__)
    return " or ".join(_value(each) for each in inner if each is not type(None))


def _member(metadata: Iterable[Any]) -> str:
    """The names of the harness's own members, where only such names may stand; installed packages have more."""
    checks = (each.func for each in metadata if isinstance(each, AfterValidator))
    points = (check.point for check in checks if isinstance(check, MemberOf))
    return next((" or ".join(f"`{name}`" for name in names(p) if is_own(p, name)) for p in points), "")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default
    if value is None or value is PydanticUndefined or value in ([], {}) or isinstance(value, BaseModel):
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if value != "" else '`""`'


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _placeholders() -> Iterator[str]:
    for where, table in (
        ("In `command`, `pipe`, `env` and `folder` of every process and of the CLI, and in the page's `url` and steps:",
         fill.EVERYWHERE),
        ("Of a process:", fill.OF_A_PROCESS),
        ("Of the CLI:", fill.OF_THE_CLI),
        ("Of the page:", fill.OF_THE_PAGE),
    ):  # fmt: skip
        yield where + "\n\n" + "\n".join(f"- `{{{name}}}`: {what}" for name, what in table.items())


if __name__ == "__main__":
    document = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/target.md")
    document.write_text(renew(document.read_text("utf-8")), "utf-8")
