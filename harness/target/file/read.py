"""Reads a target file and says what is wrong with it: file, line, what, and the nearest right word."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harness.extensions import nearest
from harness.lib.ansi import printable
from harness.lib.documents import Misshapen, content
from harness.locations import documentation
from harness.target.file.build import build
from harness.target.file.cli import Cli
from harness.target.file.extend import over
from harness.target.file.fill import placeholders
from harness.target.file.places import line_of, places
from harness.target.file.processes import Process
from harness.target.file.schema import TargetFile
from harness.target.process import BLOCK, PLACEHOLDER, TargetError, tap
from harness.target.spec import Target

HELP = f"{documentation('target.md')} has every key; `harness target init` writes a file that is right."


SLIP = 0.85
"""So alike is a key to one of its own table that it is that one misspelt, and not another table's (difflib's ratio)."""


class WrongTarget(TargetError):
    """A target file that can't be used: every mistake in it, one a line, as `FILE:LINE: key: what is wrong`."""


def load(path: Path) -> Target:
    """The target that a file describes. Raises WrongTarget."""
    return build(read(path), home(path))


def read(path: Path) -> TargetFile:
    """The file, checked. Raises WrongTarget."""
    return check(_text(path), path)


def home(path: Path) -> Path:
    """The file whose folder is `{here}`, and where folders start: the one that all others of its line extend."""
    return _line(_text(path), path)[1]


def check(text: str, path: Path) -> TargetFile:
    """The same for the text of a file that is, or will be, at `path`. What it extends is checked on its own first."""
    base = _parsed(text, path).get("extends")
    said, root = _line(text, path)
    if isinstance(base, str):
        read(path.parent / base)
    try:
        target = TargetFile.model_validate(said)
    except ValidationError as error:
        raise WrongTarget(_told(path, text, _mistakes(error.errors()))) from None
    if wrong := [
        *_no_server(target),
        *_seen_in_parts(target),
        *_unanswered_port(target),
        *_unknown_placeholders(target, said),
        *_unknown_folders(target, root),
    ]:
        raise WrongTarget(_told(path, text, wrong))
    return target


def _text(path: Path) -> str:
    try:
        return content(path).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except Misshapen as error:
        raise WrongTarget(f"{error}.") from None
    except FileNotFoundError:
        raise WrongTarget(f"{path}: there is no such file.\n{HELP}") from None
    except OSError as error:
        raise WrongTarget(f"{path}: it can't be read: {error.strerror}. Name a target file.\n{HELP}") from None
    except UnicodeDecodeError as error:
        raise WrongTarget(f"{path}: it can't be read: {error}.") from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongTarget(_toml_mistake(path, str(error))) from None
    except RecursionError:
        raise WrongTarget(f"{path}: it can't be read as TOML: it is nested too deeply.") from None
    except ValueError:  # more digits than Python reads
        raise WrongTarget(f"{path}: it can't be read as TOML: a number in it is too long.") from None


def _line(text: str, path: Path) -> tuple[dict[str, Any], Path]:
    """What a file says over all that it extends, and the file at the end of that line. Raises WrongTarget."""
    said, here, way = _parsed(text, path), path, [path]
    told = said
    while isinstance(base := told.get("extends"), str):
        here = here.parent / base
        way.append(here)
        if here.resolve() in [each.resolve() for each in way[:-1]]:
            at = line_of(("extends",), places(text))
            circle = " → ".join(each.name for each in way)
            raise WrongTarget(f"{path}:{at}: extends: it comes back to itself: {circle}; leave one out.\n{HELP}")
        told = _parsed(_text(here), here)
        said = over(told, said)
    return said, here


def _told(path: Path, text: str, mistakes: Sequence[tuple[tuple[str | int, ...], str]]) -> str:
    found = places(text)
    lines = {(line_of(where, found), printable(f"{_dotted(where)}: {what}")) for where, what in mistakes}
    return "\n".join([*(f"{path}:{line}: {what}" for line, what in sorted(lines)), HELP])


def _dotted(where: Sequence[str | int]) -> str:
    """A path as people write it: `page.panels[2].selector`, counted from 1."""
    text = ""
    for each in where:
        text += f"[{each + 1}]" if isinstance(each, int) else f"{'.' if text else ''}{each}"
    return text or "the file"


def _toml_mistake(path: Path, said: str) -> str:
    """tomllib says `… (at line 3, column 7)`."""
    place = re.search(r" \(at line (\d+), column \d+\)| \(at end of document\)", said)
    line = place[1] if place is not None and place[1] else "1"
    what = said if place is None else said[: place.start()]
    return f"{path}:{line}: it is not TOML: {printable(what)}.\n{HELP}"


def _mistakes(errors: Sequence[ErrorDetails]) -> list[tuple[tuple[str | int, ...], str]]:
    """What is wrong. Where a text or a list may stand, the one that was not tried to be written says nothing."""
    told = [(_mistake(error), error["type"] in ("string_type", "list_type")) for error in errors]
    meant = [where for (where, _), is_other in told if not is_other]
    return [each for each, is_other in told if not (is_other and any(at[: len(each[0])] == each[0] for at in meant))]


def _mistake(error: ErrorDetails) -> tuple[tuple[str | int, ...], str]:
    """Where the mistake is, as the file has it, and a sentence."""
    where = tuple(each for each in error["loc"] if not _is_internal(each))
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        name, known = str(where[-1]), keys(where[:-1])
        is_slip = bool(get_close_matches(name, known, 1, SLIP))
        return where, f"there is no such key here{(not is_slip and _elsewhere(name)) or _nearest(name, known)}"
    if kind == "missing":
        return where, "it is missing, and needed."
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return where, f"{error['input']!r} is not one of {', '.join(allowed)}{_nearest(str(error['input']), allowed)}"
    if kind == "value_error":
        return where, str(context.get("error"))
    return where, f"{error['msg']}, and it is {error['input']!r}."


def _is_internal(each: str | int) -> bool:
    """Whether pydantic put this into a path for itself: the member of a union that it tried, a dictionary's key."""
    return isinstance(each, str) and (each == "[key]" or "literal[" in each or each.startswith(("list[", "function-")))


def keys(where: Sequence[str | int]) -> list[str]:
    """The keys that a table may have, by their names in the file."""
    model = _model(TargetFile, where)
    return [] if model is None else [field.alias or name for name, field in model.model_fields.items()]


def _elsewhere(name: str) -> str:
    """The end of a sentence: the one other table that has the key; empty where none or several have."""
    where = [table for table, model in _tables(TargetFile, "") if name in model.model_fields]
    if len(where) != 1:
        return ""
    return f"; it is a key of {f'[{where[0]}]' if where[0] else 'the file itself, above its first table'}."


def _tables(model: type[BaseModel], name: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """A table and those in it of which there is one each, by their names in the file."""
    yield name, model
    for inner, field in model.model_fields.items():
        is_one = get_origin(field.annotation) not in (list, dict)
        for each in (field.annotation, *get_args(field.annotation)) if is_one else ():  # it may be left out
            if isinstance(each, type) and issubclass(each, BaseModel):
                yield from _tables(each, f"{name}.{field.alias or inner}".strip("."))


def _model(model: type[BaseModel], where: Sequence[str | int]) -> type[BaseModel] | None:
    """The model of the table at a path below `model`."""
    if not where:
        return model
    for name, field in model.model_fields.items():
        if (field.alias or name) == where[0]:
            inner = next(_models(field.annotation), None)
            rest = where[1:]
            while rest and inner is not None and (isinstance(rest[0], int) or _is_table_of_tables(field.annotation)):
                rest = rest[1:]
                break
            return None if inner is None else _model(inner, rest)
    return None


def _is_table_of_tables(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is dict


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _nearest(word: str, words: Sequence[str]) -> str:
    """The end of a sentence: the nearest right word, or all there are."""
    near = nearest(word, words)
    return f"; there is {', '.join(words)}." if words and near == "." else near


def _seen_in_parts(target: TargetFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Several servers are one party of the record: who sees a part of them would take the rest for lost."""
    servers = {name: process.seen_by for name, process in target.process.items() if target.serves(name)}
    first = next(iter(servers), "")
    for name, seen_by in servers.items():
        if seen_by != servers[first]:
            told = f"server {name} is seen by {seen_by}, and server {first} by {servers[first]}: see all in one way."
            yield ("process", name, *(("seen_by",) if "seen_by" in target.process[name].model_fields_set else ())), told


def _unanswered_port(target: TargetFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The port that is written into the producer must be the wire proxy's alone."""
    port = target.cli.port
    if port is None:
        return
    if not tap(target.cli.seen_by).stands_in_front:
        yield ("cli", "port"), f'it is the wire proxy that answers at {port}: say seen_by = "proxy" as well.'
    for name, process in target.process.items():
        if process.port == port:
            yield (
                ("cli", "port"),
                f"process {name} has port {port} itself, and the wire proxy can't answer there too: start {name} at "
                'another one, or leave the producer unseen (seen_by = "nobody", without port).',
            )


def _no_server(target: TargetFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if not any(target.serves(name) for name in target.process):
        near = _nearest("server", list(target.process)).replace("did you mean", "is it")
        yield ("process",), f"none is the Socket.IO server: call it server, or give it `serves = true`{near}"


def _unknown_placeholders(target: TargetFile, said: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Placeholders that nothing fills in."""
    for path, text in _texts(said):
        known = placeholders(target, path)
        for found in PLACEHOLDER.finditer(text if known else ""):
            if found[1] not in known:
                yield path, f"nothing fills in {found[0]}{_nearest(found[1], sorted(known))}"


def _texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _unknown_folders(target: TargetFile, path: Path) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Folders and files that are not there."""
    here = path.resolve().parent
    parts: list[tuple[tuple[str, ...], Process | Cli]] = [(("cli",), target.cli)]
    parts += [(("process", name), process) for name, process in target.process.items()]
    for where, part in parts:
        for key, folder in (("folder", part.folder), ("work", part.work.copy_from)):
            if folder is not None and "{" not in folder and not (here / folder).is_dir():
                yield (*where, key), f"there is no folder {here / folder}."
    for at, origin, how in ((at, *each) for at, page in target.each_page for each in page.origins.items()):
        if how != BLOCK and not (here / how).is_dir():
            near = _nearest(how, [BLOCK])
            yield (
                (*at, "origins", origin),
                f"it is answered by `block` or a folder, and there is no {here / how}{near}",
            )
    files: list[tuple[tuple[str, ...], str | None]] = [
        ((*at, "storage"), page.storage) for at, page in target.each_page
    ]
    files.append((("events", "described"), target.events.described))
    files += [(("process", name, "certificate"), process.certificate) for name, process in target.process.items()]
    for where, file in files:
        if file is not None and not (here / file).is_file():
            yield where, f"there is no file {here / file}."
