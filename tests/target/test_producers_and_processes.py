"""Target files: processes that run already or listen nowhere, and producers that are not commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.model import Hop
from tests.support.shop import RIGHT, read, refusal

THERE = """\
[process.server]
url = "http://localhost:3000/"
"""


def test_a_process_with_an_address_runs_already(tmp_path: Path) -> None:
    (tmp_path / "right.toml").write_text(RIGHT, "utf-8")
    target = read(tmp_path, f'extends = "right.toml"\n{THERE}')
    assert target.server.url == "http://localhost:3000" and not target.server.command.argv
    assert target.server.seen_by == "proxy" and target.is_shared


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('command = ["node"]', "with `url` it runs already: leave `command` out."),
        ("port = 3000\nenv = { A = '1' }", "with `url` it runs already: leave `env`, `port` out."),
        ('ready.log = "up"', "leave `ready.log` out"),
        ('seen_by = "agent"', 'say "proxy" or "nobody"'),
    ],
)
def test_what_only_a_started_process_has_is_refused_with_an_address(tmp_path: Path, more: str, told: str) -> None:
    (tmp_path / "right.toml").write_text(RIGHT, "utf-8")
    [message] = refusal(tmp_path, f'extends = "right.toml"\n{THERE}{more}\n')
    assert message.startswith("shop.toml:2: process.server: ") and told in message, message


def test_a_process_is_started_or_there(tmp_path: Path) -> None:
    [message] = refusal(tmp_path, RIGHT.replace('command = ["node", "server.js", "{redis.port}"]\n', ""))
    assert "or `url =" in message, message


def test_a_producer_without_output_is_silent_and_a_hop_may_be_blind_with_its_reason(tmp_path: Path) -> None:
    quiet = RIGHT.replace("output = { event = '^> (?<name>\\S+)' }\n", "")
    target = read(tmp_path, 'blind = { rendered = "a canvas" }\n' + quiet)
    assert target.output.silent and Hop.EMITTED not in target.taps and Hop.RENDERED not in target.taps
    assert target.blind_because == {Hop.RENDERED: "a canvas"} and target.ends is Hop.DELIVERED
    assert read(tmp_path, RIGHT).ends is Hop.RENDERED


MORE = """\
origins = { "https://cdn.example" = "cdn", "https://ads.example" = "block" }
reroute = ["http://localhost:4000"]
storage = "john.json"
"""
COMMAND = 'command = ["./produce.sh", "{server}"]\n'


@pytest.mark.parametrize(
    ("producer", "seen_by", "said"),
    [
        ('shell = "./produce.sh {server} | tee log"', "nobody", "./produce.sh {server} | tee log"),
        ('requests = [{ url = "{server}/a", json = { n = 1 }, event = "a" }]', "nobody", '"json": {"n": 1}'),
        ('append = { file = "{shared}/log", lines = ["> a"] }', "nobody", '"lines": ["> a"]'),
        (
            'page = { url = "{server}/a", steps = [{ fill = "#a", with = "b" }] }',
            "proxy",
            '{"fill": "#a", "with": "b"}',
        ),
    ],
)
def test_a_producer_may_be_no_command(tmp_path: Path, producer: str, seen_by: str, said: str) -> None:
    assert COMMAND in RIGHT
    text = RIGHT.replace(COMMAND, f"{producer}\n")
    if not producer.startswith("shell"):
        text = text.replace('seen_by = "nobody"\n', "")
    target = read(tmp_path, text)
    assert said in target.do.argv[-1] and target.cli_seen_by == seen_by
    assert (Hop.RECEIVED in target.taps) == (not producer.startswith(("requests", "append")))


def test_what_is_said_of_the_pages_holds_for_that_of_the_producer(tmp_path: Path) -> None:
    (tmp_path / "cdn").mkdir()
    (tmp_path / "john.json").write_text("{}")
    page = 'page = { url = "{server}/a", steps = [{ click = "#a" }] }\n'
    text = RIGHT.replace(COMMAND, page).replace('seen_by = "nobody"\n', "").replace("[page]\n", "[page]\n" + MORE)
    told = json.loads(read(tmp_path, text).do.argv[-1])["page"]
    assert told["origins"] == {"https://cdn.example": str(tmp_path / "cdn"), "https://ads.example": "block"}
    assert told["reroute"] == {"http://localhost:4000": "{server}"}
    assert told["options"] == {"storage_state": str(tmp_path / "john.json")}
    plain = json.loads(read(tmp_path, text.replace(MORE, "")).do.argv[-1])["page"]
    assert {*plain} == {"url", "steps"}


@pytest.mark.parametrize(
    ("producer", "told"),
    [
        ("", "and it says none"),
        (f'{COMMAND}shell = "a"\n', "and it says `command` and `shell`"),
        ('requests = [{ url = "{sever}/a" }]\n', "nothing fills in {sever}; did you mean server?"),
        ('requests = [{ url = "/a", json = {}, body = "" }]\n', "a request says `json` or `body`, not both"),
        ('page = { url = "/a", steps = [] }\n', "at least 1 item"),
    ],
)
def test_a_producer_is_one_thing(tmp_path: Path, producer: str, told: str) -> None:
    messages = refusal(tmp_path, RIGHT.replace(COMMAND, producer))
    assert any(told in message for message in messages), messages


def test_lines_that_are_appended_need_to_be_read(tmp_path: Path) -> None:
    text = RIGHT.replace(COMMAND, 'append = { file = "a", lines = ["a"] }\n')
    [message] = refusal(tmp_path, "\n".join(line for line in text.splitlines() if not line.startswith("output")))
    assert "`append` needs `output`" in message


def test_a_server_behind_https_is_seen_by_no_proxy(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("")
    text = RIGHT.replace('seen_by = "proxy"', 'seen_by = "proxy"\ncertificate = "cert.pem"')
    [message] = refusal(tmp_path, text)
    assert "the wire proxy does not speak TLS" in message
    target = read(tmp_path, text.replace('seen_by = "proxy"\n', ""))
    assert (
        target.context_options == {"ignore_https_errors": True} and target.server.certificate == tmp_path / "cert.pem"
    )
    (tmp_path / "right.toml").write_text(RIGHT, "utf-8")
    there = read(tmp_path, 'extends = "right.toml"\nprocess.server.url = "https://shop.example"')
    assert there.server.seen_by == "nobody" and there.context_options == {}


@pytest.mark.parametrize(
    ("worker", "listens"),
    [
        ('command = ["jobs"]', False),
        ('command = ["jobs"]\nready.log = "ready"', False),
        ('command = ["jobs", "{port}"]', True),
        ('command = ["jobs"]\nenv = { PORT = "{port}" }', True),
        ('command = ["jobs"]\nready.log = "at (?P<url>.*)"', True),
        ('command = ["jobs"]\nready.http = "/"', True),
        ('command = ["jobs"]\nready.tcp = true', True),
        ('command = ["jobs"]\nport = 0\nready.log = "at (?P<port>.*)"', True),
        ('command = ["jobs"]\nserves = true\nseen_by = "proxy"', True),
    ],
)
def test_a_process_that_is_neither_told_nor_asked_for_a_port_has_none(
    tmp_path: Path, worker: str, listens: bool
) -> None:
    found = read(tmp_path, RIGHT.replace("[cli]", f"[process.worker]\n{worker}\n\n[cli]", 1))
    assert {each.name: each.listens for each in found.processes} == {"redis": True, "server": True, "worker": listens}


def test_a_process_that_others_ask_for_must_have_a_port(tmp_path: Path) -> None:
    asked = RIGHT.replace("[cli]", '[process.worker]\ncommand = ["jobs"]\n\n[cli]', 1)
    found = read(tmp_path, asked.replace('"{server}"]', '"{server}", "{worker}"]'))
    assert all(each.listens for each in found.processes)
