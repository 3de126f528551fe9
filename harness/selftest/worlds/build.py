"""A world as a folder that runs by itself: templates, `world.json` for them, `target.toml` for the harness."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.selftest.worlds.draw import World, to_dict
from harness.selftest.worlds.parts import Parts

TEMPLATES = Path(__file__).parent / "templates"
BOUND_MS, DELAY_S = 1500, 2.2
"""How late an event may be, and how late a bug makes one."""

PATIENCE_S, IMPATIENCE_S = 8.0, 0.7
"""How long a producer waits for an answer; less, where a bug keeps answers back."""

GOODS = ("item", "price", "note")
"""What an event is about, in the order of the arguments."""

UNANSWERED = ("name-unheard", "handler-raises")
SERVERS = {
    "asgi": "server_asgi.py",
    "aiohttp": "server_aiohttp.py",
    "wsgi": "server_wsgi.py",
    "flask": "server_flask.py",
    "node": "server_node.mjs",
}
PRODUCERS = {
    "python": "producer_python.py",
    "node": "producer_node.mjs",
    "http": "producer_http.py",
    "file": "producer_file.py",
}


def build(world: World, folder: Path) -> Path:
    """Write a world's folder and return its target file."""
    modules = TEMPLATES / "node_modules"
    folder.mkdir(parents=True, exist_ok=True)
    for name in files(world.parts):
        shutil.copyfile(TEMPLATES / name, folder / name)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(modules, target_is_directory=True)
    (folder / "world.json").write_text(json.dumps(settings(world), indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / "drawn.json").write_text(json.dumps(to_dict(world), indent=1, ensure_ascii=False) + "\n", "utf-8")
    target = folder / "target.toml"
    target.write_text(target_file(world), "utf-8")
    return target


def files(parts: Parts) -> list[str]:
    """The templates that a world of these parts needs."""
    found = [SERVERS[parts.server], PRODUCERS[parts.producer], "page.html", "page.js", f"view_{parts.page}.js"]
    found += ["package.json", "package-lock.json"]
    if parts.is_python:
        passing = "passing_async.py" if parts.server in ("asgi", "aiohttp") else "passing_threads.py"
        found += [passing, "desk.py", "frames.py", "web.py"]
    if parts.is_python or parts.producer != "node":
        found += ["settings.py", "diary.py"]
    if parts.producer != "node":
        found.append("reporting.py")
    if "node" in (parts.server, parts.producer):
        found.append("settings.mjs")
    if parts.server == "node":
        found.append("clerk.mjs")
    if parts.processes == "redis":
        found += ["broker.py", "door.py"]
    return found


def settings(world: World) -> dict[str, Any]:
    """What the templates read of a world."""
    names = list(world.names)
    is_unanswered = any(bug.mechanism.id in UNANSWERED for bug in world.bugs)
    return {
        **world.parts.to_dict(),
        "house": world.house,
        "names": names,
        "wire": ["update"] if world.parts.shape == "carrier" else names,
        "panels": panels(world),
        "delay_s": DELAY_S,
        "patience_s": IMPATIENCE_S if is_unanswered else PATIENCE_S,
        "script": [[name, goods] for name, goods in world.script],
        "bugs": [_bug(bug.mechanism.id, bug.events, bug.mechanism.pages) for bug in world.bugs],
    }


def _bug(mechanism: str, events: Iterable[str], pages: str) -> dict[str, Any]:
    return {"mechanism": mechanism.removesuffix("-for-one"), "events": list(events), "page": pages}


def panels(world: World) -> list[str]:
    """The names of the events that have a panel: two of those that surely come."""
    return [world.names[1], world.names[2]]


def target_file(world: World) -> str:
    """The target file of a world."""
    parts = world.parts
    said: dict[str, Any] = {
        "name": f"world-{world.seed}",
        "strategy": parts.contract,
        "replays": parts.replay,
        "blind": [] if parts.speaks_socketio else ["sent", "received"],
        "process": _processes(parts),
        "cli": _cli(parts),
        "events": _events(world),
        "page": _page(world),
        "bounds": {"latency_ms": BOUND_MS},
    }
    if not parts.state:
        said["blind"].append("applied")
    return f"# World {world.seed}, drawn by `harness worlds`.\n" + _toml(said)


def _processes(parts: Parts) -> dict[str, Any]:
    program = "{python}" if parts.is_python else "node"
    one: dict[str, Any] = {"command": [program, SERVERS[parts.server]], "ready": {"http": "/"}}
    env = {"PORT": "{port}", "EVENTS": "{shared}/events.jsonl"}
    seen = {"seen_by": parts.seen_by}
    if parts.processes == "redis":
        one |= seen
        joined = {**env, "REDIS": "redis://127.0.0.1:{broker.port}"}
        return {
            "broker": {
                "command": ["{python}", "broker.py", "{port}"],
                "ready": {"log": "Ready to accept connections"},
            },
            "north": {**one, "env": {**joined, "NAME": "north"}, "serves": True},
            "south": {**one, "env": {**joined, "NAME": "south", "EVENTS": "/dev/null"}, "serves": True},
            "door": {"command": ["{python}", "door.py", "{north}", "{south}"], "env": {"PORT": "{port}"}},
        }
    server = {"server": {**one, "env": env, **seen}}
    if parts.processes == "follower":
        second = {"PORT": "{port}", "FIRST": "{server}", "NAME": "second"}
        server["second"] = {**one, "env": second, "serves": True, **seen}
    return server


def _cli(parts: Parts) -> dict[str, Any]:
    program = "node" if parts.producer == "node" else "{python}"
    ids = {"session": "shift", "seq": "n"} if parts.ids else {}
    if parts.lines == "json":
        output: dict[str, Any] = {"json": True, "fields": {"name": "kind", **ids}}
    else:
        said = "" if parts.shape == "bytes" else "(?P<payload>.*)$"  # nothing is compared with bytes
        output = {"event": rf"^> (?P<name>\S+) {said}", "fields": {**ids, **_text(parts)}}
    cli = {"command": [program, PRODUCERS[parts.producer], "{server}", "{session}"], "output": output}
    if parts.producer == "file":
        cli["env"] = {"EVENTS": "{shared}/events.jsonl"}
    if parts.speaks_socketio:
        cli["seen_by"] = parts.seen_by
    return cli


def _events(world: World) -> dict[str, Any]:
    parts = world.parts
    ids = {"session": "shift", "seq": "n"} if parts.ids else {}
    message: dict[str, Any] = dict(ids)
    if parts.shape == "carrier":
        message |= {"carrier": "update", "name": "kind", "data": "body"}
    if parts.shape == "arguments" and parts.ids:
        message = {"session": "args.0", "seq": "args.1"}
        message["data"] = {key: f"args.{place}" for place, key in enumerate(GOODS, start=2)}
    message |= _text(parts)
    return {
        "sent": message,
        "received": message,
        "own": ["welcome", "begin", "shift-begun", "join", "bye", "tick"],
        **({"added": ["at"]} if parts.noise == "stamp" else {}),
        "declared": list(world.names),
        "terminal": [world.names[-1]],
        "terminal_ok": [world.names[-1]],
    }


def _text(parts: Parts) -> dict[str, str]:
    """How a text with ids is read."""
    groups = r"\|".join(f"(?P<{each}>[^|]*)" for each in ("shift", "n", *GOODS))
    return {"text": f"^{groups}$"} if parts.shape == "text" and parts.ids else {}


def _page(world: World) -> dict[str, Any]:
    parts = world.parts
    place = {"redis": "{door}", "follower": "{second}"}.get(parts.processes, "{server}")
    page: dict[str, Any] = {
        "url": f"{place}/" + ("?shift={session}" if parts.contract == "subscription" else ""),
        "connection": {"selector": "#status", "connected": "online"},
        "count": {"selector": "#count"},
        "panels": [
            {
                "name": name,
                "selector": f"#panel-{name}",
                "events": [name],
                "values": {"number": {"selector": "b", "counts": [name]}},
            }
            for name in panels(world)
        ],
    }
    items = _items(parts)
    if items:
        page["list"] = items
    if parts.state:
        ids = {"session": "shift", "seq": "n"} if parts.ids else {}
        data = {} if parts.shape == "bytes" else {"data": "data"}  # the page keeps the text that they are
        page["store"] = {"object": "house", "name": "kind", **data, **ids}
    return page


def _items(parts: Parts) -> dict[str, Any]:
    attributes = {"selector": "#list li", "name": "data-kind", "session": "data-shift", "seq": "data-n"}
    numbered = r"^(?P<name>[a-z]+) #(?P<seq>\d+) of (?P<session>\S+): "
    match parts.view:
        case "attributes":
            return attributes
        case "window":
            return {**attributes, "window": True, "note": {"selector": "#note"}}
        case "text":
            return {"selector": "#list li", "pattern": numbered if parts.ids else r"^(?P<name>[a-z]+): "}
        case "table":
            cells = r"^\s*(?P<seq>\d+)\s+(?P<name>[a-z]+)\s+(?P<session>\S+)\s"
            return {"selector": "#list tr", "pattern": cells if parts.ids else r"^\s*(?P<name>[a-z]+)\s"}
    return {}


def _toml(said: Mapping[str, Any]) -> str:
    """TOML with inline tables, but for the tables at the top and those of processes."""
    lines = [f"{key} = {_value(value)}" for key, value in said.items() if not isinstance(value, dict)]
    for key, table in said.items():
        if key == "process":
            for name, process in table.items():
                lines += ["", f"[process.{name}]", *(f"{part} = {_value(value)}" for part, value in process.items())]
        elif isinstance(table, dict):
            lines += ["", f"[{key}]", *(f"{part} = {_value(value)}" for part, value in table.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)
