"""`harness target init`: the questions whose answers make a target file, and the file."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.extensions import STRATEGY, names, nearest
from harness.taps.agent import sees_into
from harness.taps.seen_by import taps
from harness.target import asyncapi
from harness.target.file.edit import with_key
from harness.target.file.places import path_of
from harness.target.file.read import check, keys
from harness.target.process import TargetError


@dataclass(frozen=True, slots=True)
class Question:
    """One key, what is asked for it, the answer that an empty line gives, and how the answer is written in TOML."""

    key: str
    text: str
    default: str = ""
    kind: str = "text"  # text, command, list, table
    needed: bool = False
    like: str = ""
    """The key whose answer an empty line takes over, where that was given."""
    runs: str = ""
    """The key of the command that the default depends on: who can see into what it starts."""
    unless: str = ""
    """Not asked where an answer before it, in the same part of the file, has this text."""


TAPS = "; ".join(f"{tap.name} ({tap.about})" for tap in taps().values())
"""Who may see what passes a process."""

QUESTIONS = (
    Question("name", "what do you call the system", "my-system", needed=True),
    Question("strategy", f"who is promised the events ({', '.join(names(STRATEGY))})", "broadcast", needed=True),
    Question("process.server.command", "how does the Socket.IO server start ({port} is a free port, if it takes one)",
             "node server.js", "command", needed=True),
    Question("process.server.env", "the variables that it reads its port and settings from, as PORT={port}, MODE=test",
             "PORT={port}", "table", unless="{port}"),
    Question("process.server.ready.http", "a path of it that answers once it is ready (empty: its port is enough)"),
    Question("process.server.seen_by", f"who sees into it: {TAPS}", runs="process.server.command"),
    Question("cli.command", "how does the producer do one task ({server}, {session}, {work})",
             "node producer.js {server}", "command", needed=True),
    Question("cli.env", "the variables that it reads, as RUN_ID={session} (empty: none)", kind="table",
             unless="{session}"),
    Question("cli.seen_by", f"who sees what it sends: {TAPS}", runs="cli.command"),
    Question("cli.output.event", "the pattern of a line that reports an event: groups name, payload (empty: none)",
             r"^Event: (?P<name>\S+)(?: (?P<payload>\{.*\}))?$"),
    Question("cli.output.fields.session", "the field of the line's JSON with the session (empty: none)"),
    Question("cli.output.fields.seq", "the field of it with the event's number (empty: none)"),
    Question("events.sent.carrier", "the one message that carries every event to the server (empty: each its own)"),
    Question("events.sent.session", "the field of what is sent with the session (empty: none)",
             like="cli.output.fields.session"),
    Question("events.sent.seq", "the field of it with the event's number (empty: none)", like="cli.output.fields.seq"),
    Question("events.received.carrier", "the one message that carries every event to the page (empty: each its own)"),
    Question("events.received.name", "the field of it with the event's name (empty: the message's name is it)"),
    Question("events.received.session", "the field of what is received with the session (empty: none)",
             like="events.sent.session"),
    Question("events.received.seq", "the field of it with the event's number (empty: none)", like="events.sent.seq"),
    Question("events.own", "messages that are not events, as hello (empty: none)", kind="list"),
    Question("page.url", "the address of the dashboard", "{server}/", needed=True),
    Question("page.connection.selector", "the element that says whether it is connected (empty: none)"),
    Question("page.connection.connected", "what that says when it is, as a pattern", "[Cc]onnected"),
    Question("page.count.selector", "the element with the number of events (empty: none)"),
    Question("page.list.selector", "one item of the list of events (empty: none)"),
    Question("page.list.pattern", "the pattern of its text, with a group name", r"(?P<name>\S+)"),
)  # fmt: skip

VARIABLE = re.compile(r"[A-Za-z_]\w*=")

NONE = "-"
"""Answers that there is none, where an empty line would take a default."""

BELONGS = {
    "page.connection.connected": "page.connection.selector",
    "page.list.pattern": "page.list.selector",
    "cli.output.fields.session": "cli.output.event",
    "cli.output.fields.seq": "cli.output.event",
}
"""Keys that mean nothing without another."""

INSTEAD = {
    "process.server": (("url", "compose"), ("command", "env", "ready.http", "seen_by")),
    "cli": (("shell", "requests", "append", "page"), ("command", "seen_by")),
}
"""Parts of the file: the keys that say in another way how it comes to be there, and what is not asked then."""


def by_flags(flags: Sequence[str]) -> dict[str, str]:
    """The answers of `--set KEY=VALUE`. Raises TargetError for a key that no target file has."""
    answers = {}
    for flag in flags:
        key, is_there, value = flag.partition("=")
        path = path_of(key.strip())
        if not is_there or path is None:
            raise TargetError(f"--set {flag}: write KEY=VALUE, as process.server.command='node server.js'.")
        known = keys(path[:-1])  # none where any key may stand, as in `env`
        if known and path[-1] not in known:
            where = f"in [{'.'.join(map(str, path[:-1]))}]" if len(path) > 1 else "at the top"
            near = nearest(str(path[-1]), known)
            there = f"; there is {', '.join(known)}." if near == "." else near
            raise TargetError(f"--set {flag}: there is no key {path[-1]} {where}{there}")
        answers[key.strip()] = value
    return answers


def ask(given: Mapping[str, str], read: Callable[[str], str] | None) -> dict[str, str]:
    """The answer to every question: as given, as read from a person, or its default; empty ones are left out.

    What is given of keys that no question asks for is kept.
    """
    answers: dict[str, str] = {}
    given = dict(given)
    for question in QUESTIONS:
        if (other := BELONGS.get(question.key)) is not None and not answers.get(other):
            continue
        if question.key not in given and _is_said_otherwise(question.key, given):
            continue
        part = question.key.rpartition(".")[0]
        is_said = any(question.unless in said for key, said in answers.items() if key.startswith(f"{part}."))
        if question.unless and is_said and question.key not in given:
            continue
        default = answers.get(question.like, question.default)
        if question.runs:
            default = "agent" if sees_into(shlex.split(answers.get(question.runs, ""))) else "proxy"
        answer = given.get(question.key)
        while answer is None:
            text = question.text.replace("(empty: none)", f"({NONE}: none)") if default else question.text
            told = f"{text} [{default}]: " if default else f"{text}: "
            answer = (read(told).strip() if read is not None else "") or default
        if answer and (answer != NONE or question.needed):
            variables, answers[question.key] = _variables(answer) if question.kind == "command" else ("", answer)
            if variables:
                given.setdefault(f"{part}.env", variables)
    asked = {question.key for question in QUESTIONS}
    return answers | {key: answer for key, answer in given.items() if key not in asked}


def _variables(command: str) -> tuple[str, str]:
    """The variables that a command begins with (`PORT=80 node x.js`), as TOML; and the rest of it."""
    if _is_toml(command):
        return "", command
    words = shlex.split(command)
    count = next((place for place, word in enumerate(words) if not VARIABLE.match(word)), len(words))
    pairs = (word.partition("=") for word in words[:count])
    said = ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, _, value in pairs)
    return (f"{{ {said} }}", shlex.join(words[count:])) if 0 < count < len(words) else ("", command)


def _is_said_otherwise(key: str, given: Mapping[str, str]) -> bool:
    """Whether what is given says in another way what the question of a key is about."""
    for part, (ways, left_out) in INSTEAD.items():
        said = {name.removeprefix(f"{part}.").split(".")[0] for name in given if name.startswith(f"{part}.")}
        if key.removeprefix(f"{part}.") in left_out and key.startswith(f"{part}.") and not said.isdisjoint(ways):
            return True
    return False


def to_toml(answers: Mapping[str, str]) -> str:
    """The answers as a target file: a table for each part, in the order of the questions."""
    tables: dict[str, list[str]] = {}
    for question in QUESTIONS:
        if (answer := answers.get(question.key)) is not None:
            table, key = _place(question.key)
            tables.setdefault(table, []).append(f"{key} = {_value(answer, question.kind)}")
    parts = ["\n".join([*([f"[{table}]"] if table else []), *lines]) for table, lines in tables.items()]
    where = "# What else can be said is in docs/target.md; `harness target --help` says where that is."
    return "\n\n".join([where, *parts]) + "\n"


def by_description(path: Path, file: Path) -> dict[str, str]:
    """The answers that an AsyncAPI document has: which events clients are told, and what they say. Raises TargetError.

    `file` is where the target file will be.
    """
    described = asyncapi.read(path)
    described.checker()
    info = described.document.get("info")
    title = re.sub(r"[^\w-]+", "-", str(info.get("title", ""))).strip("-") if isinstance(info, Mapping) else ""
    said = {"events.described": json.dumps(os.path.relpath(path.resolve(), file.resolve().parent))}
    said |= {"events.declared": json.dumps(list(described.told))} if described.told else {}
    return said | ({"name": title.lower()} if re.match("[A-Za-z]", title) else {})


def with_others(text: str, answers: Mapping[str, str]) -> str:
    """The file with the answers that no question asks for. Raises TargetError for one that has no place in it."""
    asked = {question.key for question in QUESTIONS}
    for key, answer in answers.items():
        if key in asked:
            continue
        path = [str(each) for each in path_of(key) or ()]
        changed = with_key(text, path, _said(path[-1], answer))
        if changed is None:
            raise TargetError(f"--set {key}: what is said of it already leaves no place for that.")
        text = changed
    return text


def _said(key: str, answer: str) -> Any:
    """What an answer is: a value as TOML writes it, the words of a command, or else a text."""
    with contextlib.suppress(tomllib.TOMLDecodeError):
        return tomllib.loads(f"value = {answer}")["value"]
    return shlex.split(answer) if key in ("command", "pipe") else answer


def demand_place(path: Path, force: bool) -> None:
    """Raises TargetError where no file can be written: before the first question, so that no answer is in vain."""
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"can't be written: there is no folder {path.parent}"
        raise TargetError(f"{path} {what}. Name a file in a folder that is there.")
    if path.exists() and not force:
        raise TargetError(f"{path} is there already: give another name, or --force to write over it.")


def write(path: Path, answers: Mapping[str, str], force: bool) -> None:
    """Write the file. Raises TargetError where it can't be written, or when the answers make no target."""
    demand_place(path, force)
    text = with_others(to_toml(answers), answers)
    check(text, path)
    path.write_text(text, "utf-8")


def _place(key: str) -> tuple[str, str]:
    """The table that a key is written in, and the key there: `process.server`, `ready.http`."""
    parts = key.split(".")
    length = {"process": 2, "cli": 1, "events": 1, "page": 2}.get(parts[0], 0)
    if parts[:2] == ["cli", "output"]:
        length = 2
    length = min(length, len(parts) - 1)
    return ".".join(parts[:length]), ".".join(parts[length:])


def _is_toml(answer: str) -> bool:
    """Whether an answer is written as TOML has it already: `["a", "b"]`, `{ PORT = "1" }`."""
    if answer[:1] not in ("[", "{"):
        return False
    try:
        tomllib.loads(f"value = {answer}")
    except tomllib.TOMLDecodeError:
        return False
    return True


def _value(answer: str, kind: str) -> str:
    if kind == "command":
        return json.dumps(shlex.split(answer), ensure_ascii=False)
    if kind in ("list", "table") and _is_toml(answer):
        return answer
    if kind == "list":
        return json.dumps([each.strip() for each in answer.split(",")], ensure_ascii=False)
    if kind == "table":
        pairs = (each.partition("=") for each in answer.split(","))
        said = (f"{json.dumps(name.strip())[1:-1]} = {_value(value.strip(), 'text')}" for name, _, value in pairs)
        return f"{{ {', '.join(said)} }}"
    literal = "'" not in answer and "\n" not in answer and ("\\" in answer or '"' in answer)
    return f"'{answer}'" if literal else json.dumps(answer, ensure_ascii=False)
