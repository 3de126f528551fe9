"""AsyncAPI documents: which messages they have, what is compared with them, and what is wrong with them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from harness.__main__ import main
from harness.model import Hop
from harness.target import asyncapi
from harness.target.file import load
from harness.target.process import TargetError

NODE = Path(__file__).resolve().parents[2] / "fixtures" / "targets" / "node"

THREE: dict[str, Any] = {
    "asyncapi": "3.0.0",
    "info": {"title": "Kitchen Line", "version": "1"},
    "channels": {
        "line": {
            "messages": {
                "ordered": {"payload": {"type": "object", "properties": {"qty": {"type": "integer", "minimum": 1}}}},
                "ping": {"name": "are-you-there"},
            }
        },
        "till": {"messages": {"paid": {"payload": {"schemaFormat": "x", "schema": {"type": "number"}}}}},
    },
    "operations": {
        "tell": {"action": "send", "channel": {"$ref": "#/channels/line"}},
        "hear": {"action": "receive", "channel": {"$ref": "#/channels/till"}},
    },
}


def written(folder: Path, said: object) -> Path:
    path = folder / "asyncapi.json"
    path.write_text(json.dumps(said))
    return path


def test_version_2_names_its_messages_by_their_references() -> None:
    described = asyncapi.read(NODE / "asyncapi.yaml")
    assert described.told == ("placed", "paid", "served", "closed") == tuple(described.schemas)


def test_version_3_says_by_its_operations_what_clients_are_told(tmp_path: Path) -> None:
    described = asyncapi.read(written(tmp_path, THREE))
    assert described.told == ("ordered", "are-you-there")
    assert described.schemas["paid"] == {"type": "number"} and described.schemas["are-you-there"] is None


@pytest.mark.parametrize(
    ("name", "payload", "why"),
    [
        ("paid", {"shift": "a", "n": 1, "item": "tea", "price": 2.5}, None),
        ("paid", {"shift": "a", "n": 1, "item": "tea"}, "the payload lacks price"),
        ("paid", {"shift": "a", "n": 1, "item": "tea", "price": "2.5"}, 'price: type must be "number"'),
        ("closed", {"orders": 0}, "orders: minimum must be 1"),
        ("closed", None, 'the payload: type must be "object"'),
        ("another", {"anything": 1}, None),
    ],
)
def test_a_payload_is_compared_and_never_quoted(name: str, payload: object, why: str | None) -> None:
    assert asyncapi.read(NODE / "asyncapi.yaml").checker()(name, payload) == why


def test_every_event_that_is_seen_on_the_wire_is_compared() -> None:
    target = load(NODE / "described.toml")
    assert target.described
    for envelope in (target.ingress, target.egress):
        right = envelope.read("paid", [{"shift": "a", "n": 1, "item": "tea", "price": 2.5}])
        wrong = envelope.read("paid", [{"shift": "a", "n": 1, "item": "tea"}])
        assert right is not None and right.rest == {} and wrong is not None
        assert wrong.rest == {"invalid": "the payload lacks price"}
    assert load(NODE / "target.toml").egress.read("paid", [{"shift": "a", "n": 1}]).rest == {}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"openapi": "3.0.0"}, "it is not an AsyncAPI document"),
        ([], "it is not an AsyncAPI document"),
        ({"asyncapi": "2.0.0"}, "it describes no message"),
        (THREE | {"channels": {"a": {"messages": {"b": {"$ref": "#/no"}}}}}, "leads nowhere"),
        (THREE | {"channels": {"a": {"messages": {"b": {"$ref": "other.yaml"}}}}}, "leads out of the document"),
        (THREE | {"x": {"$ref": "#/x"}, "channels": {"a": {"messages": {"b": {"$ref": "#/x"}}}}}, "back to itself"),
        (THREE | {"channels": {"a": {"messages": {"b": {"payload": {"type": 7}}}}}}, "message b is not a JSON Schema"),
    ],
)
def test_what_is_wrong_with_a_document_is_told(tmp_path: Path, said: object, told: str) -> None:
    with pytest.raises(TargetError, match=told):
        asyncapi.read(written(tmp_path, said)).checker()


def test_a_target_file_begins_with_a_description(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = written(tmp_path, THREE)
    (tmp_path / "shop").mkdir()
    file = tmp_path / "shop" / "target.toml"
    assert main(["target", "init", str(file), "--yes", "--from", str(document), "--set", "name=mine"]) == 0
    said = tomllib.loads(file.read_text("utf-8"))
    assert said["name"] == "mine"
    assert said["events"] == {"described": "../asyncapi.json", "declared": ["ordered", "are-you-there"]}
    assert load(file).described and Hop.DELIVERED in load(file).taps
    assert main(["target", "init", str(file), "--yes", "--force", "--from", str(tmp_path / "no.yaml")]) == 2
    assert "can't be read" in capsys.readouterr().err
