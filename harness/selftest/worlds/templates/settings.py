"""What this world is: the parts it was drawn from, the bugs that are in it, and how its events look on the wire."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WORLD: dict[str, Any] = json.loads((HERE / "world.json").read_text("utf-8"))
BUGS: dict[str, dict[str, Any]] = {bug["mechanism"]: bug for bug in WORLD["bugs"]}
MARK = re.compile(r"K\d\d")


def mark(anything: Any) -> str:
    """The mark of an event, which is somewhere in its text whatever its shape: `K07`. Empty where it is no event."""
    found = MARK.search(repr(anything))
    return found[0] if found else ""


def hits(mechanism: str, anything: Any) -> bool:
    """Whether a bug is in this world, and strikes at this event."""
    return mechanism in BUGS and mark(anything) in BUGS[mechanism]["events"]


def is_in(mechanism: str) -> bool:
    """Whether a bug is in this world."""
    return mechanism in BUGS


def wrap(name: str, shift: str, number: int, goods: dict[str, Any]) -> tuple[str, list[Any]]:
    """An event as a Socket.IO message: its name and its arguments."""
    ids = {"shift": shift, "n": number} if WORLD["ids"] else {}
    match WORLD["shape"]:
        case "carrier":
            return "update", [{"kind": name, **ids, "body": goods}]
        case "arguments":
            return name, [*ids.values(), goods["item"], goods["price"], goods["note"]]
        case "text":
            return name, ["|".join(str(each) for each in (*ids.values(), *goods.values()))]
        case "bytes":
            return name, ["|".join(str(each) for each in (*ids.values(), *goods.values())).encode()]
    return name, [{**ids, **goods}]


def told(name: str, shift: str, number: int, goods: dict[str, Any]) -> Any:
    """The same as the producer's lines have it."""
    if WORLD["shape"] == "carrier" or (WORLD["shape"] == "arguments" and WORLD["ids"]):
        return {**({"shift": shift, "n": number} if WORLD["ids"] else {}), **goods}
    _, arguments = wrap(name, shift, number, goods)
    told = [each.hex() if isinstance(each, bytes) else each for each in arguments]
    return told if len(told) > 1 else told[0]


def shift_of(arguments: list[Any]) -> str:
    """The session of a message; empty where messages name none."""
    first = arguments[0] if arguments else None
    if isinstance(first, dict):
        return str(first.get("shift", ""))
    return str(first).partition("|")[0] if WORLD["ids"] else ""


def falsified(anything: Any) -> Any:
    """The message with its price rounded and its note cut: what careless code does to figures and long texts."""
    if isinstance(anything, dict):
        return {
            key: "cut" if key == "note" else 7 if key == "price" else falsified(value)
            for key, value in anything.items()
        }
    if isinstance(anything, list):
        return [falsified(each) if isinstance(each, dict | list) else each for each in anything[:-1]] + [
            falsified(anything[-1]) if isinstance(anything[-1], dict | list) else _cut(anything[-1])
        ]
    return anything


def renamed(arguments: list[Any]) -> list[Any]:
    """The message with its price under another name."""
    return [_in_goods(arguments[0], lambda goods: {{"price": "cost"}.get(key, key): goods[key] for key in goods})]


def as_text(arguments: list[Any]) -> list[Any]:
    """The message with its price as a text."""
    return [_in_goods(arguments[0], lambda goods: {**goods, "price": str(goods["price"])})]


def with_note_of(arguments: list[Any], other: list[Any]) -> list[Any]:
    """The message with another one's note: what an object that is used again and again brings about."""
    note = other[0].get("body", other[0])["note"]
    return [_in_goods(arguments[0], lambda goods: {**goods, "note": note})]


def stamped(arguments: list[Any]) -> list[Any]:
    """The message with the time of its arrival."""
    return [_in_goods(arguments[0], lambda goods: {**goods, "at": round(time.time() * 1000)})]


def _in_goods(message: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The message with another body, which is the message itself where it has none."""
    return {**message, "body": change(message["body"])} if "body" in message else change(message)


def unreported(arguments: list[Any]) -> list[Any]:
    """A message that looks like this one, and is of an event that never was."""

    def other(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: 900 + each if key == "n" else other(each) for key, each in value.items()}
        return re.sub(r"K\d(\d)", r"K9\1", value) if isinstance(value, str) else value

    if WORLD["shape"] == "arguments" and WORLD["ids"]:
        shift, number, *rest = arguments
        return [shift, 900 + number, *(other(each) for each in rest)]
    if WORLD["shape"] == "text" and WORLD["ids"]:
        shift, number, *rest = arguments[0].split("|")
        return ["|".join([shift, str(900 + int(number)), *(other(each) for each in rest)])]
    return [other(each) for each in arguments]


def _cut(last: Any) -> Any:
    return last[: max(len(last) - 6, 8)] if isinstance(last, str | bytes) else last
