"""Target files: what is wrong is answered with file, line and the nearest right word; what is right is a target."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from harness.model import Hop
from harness.record.identity import Envelope, Recognized
from harness.target.file import WrongTarget, load
from harness.target.process import Step
from harness.target.reference import reference
from tests.support.shop import RIGHT, read, refusal


def test_a_right_file_becomes_a_target(tmp_path: Path) -> None:
    target = read(tmp_path, RIGHT)
    assert [process.name for process in target.processes] == ["redis", "server"]
    assert target.server.after == ("redis",)
    assert target.server.seen_by == "proxy"
    assert target.do.argv == (f"{tmp_path.resolve()}/produce.sh", "{server}")
    assert target.opening == (Step("click", "text=Orders"),)
    assert target.egress == Envelope(name=None, session=None, seq=None, data="")
    assert target.page.row is not None
    assert target.page.row.pattern == r"^(?<type>\S+)"
    assert target.taps == (Hop.EMITTED, Hop.RECEIVED, Hop.DELIVERED, Hop.RENDERED)


def test_items_may_be_known_by_what_the_server_puts_in(tmp_path: Path) -> None:
    panel = (
        "[[page.panels]]\nname = 'todos'\nselector = '#todos'\nevents = ['made']\n"
        "items = { opens = 'made', key = 'id', text = 'title', states = { made = '.*' } }\n"
    )
    target = read(tmp_path, f"{RIGHT}\n{panel}\n[events]\nadded = ['id']\n")
    assert target.added == ("id",)
    assert target.ingress.keeps_added and target.egress.keeps_added, "what was sent may already have them"


def test_a_name_may_be_known_on_one_side_alone(tmp_path: Path) -> None:
    target = read(tmp_path, f"{RIGHT}\n[events]\nnames = {{ a = 'b' }}\nsent.names = {{ put = 'is put' }}\n")
    assert dict(target.ingress.names) == {"a": "b", "put": "is put"}
    assert dict(target.egress.names) == {"a": "b"}


@pytest.mark.parametrize(
    ("right", "wrong", "line", "told"),
    [
        ('seen_by = "proxy"', 'seenby = "proxy"', 11, "there is no such key here; did you mean seen_by?"),
        ('seen_by = "proxy"', 'seen_by = "prox"', 11, "'prox' is not one of agent, nobody, proxy; did you mean proxy?"),
        ('"broadcast"', '"brodcast"', 2, "subscription; did you mean broadcast?"),
        ("{redis.port}", "{redsi.port}", 8, "nothing fills in {redsi.port}; did you mean redis.port?"),
        ('PORT = "{port}"', 'PORT = "{prot}"', 9, "nothing fills in {prot}; did you mean port?"),
        ('"#orders li"', '"#orders li["', 24, "is not a CSS selector"),
        ('"#orders li"', '"text=Orders"', 24, "which only Playwright knows"),
        ("pattern = '^(?P<name>", "pattern = '^(?P<name", 25, "is not a regular expression"),
        ("pattern = '^(?P<name>", "pattern = '^(?!x)(?P<name>", 25, "no search in linear time"),
        ("^> (?<name>", "^> (?<nome>", 16, "has no group `name`"),
        ('{ click = "text=Orders" }', '{ clik = "text=Orders" }', 20, "there is no such key here; did you mean click?"),
        ('ready.http = "/health"', 'ready.htp = "/health"', 10, "there is no such key here; did you mean http?"),
        ("[process.server]", "[proces.server]", 7, "there is no such key here; did you mean process?"),
        (
            'url = "{server}/"',
            'url = "{server}/"\nblind = ["sent"]',
            20,
            "it is a key of the file itself, above its first",
        ),
        ('seen_by = "proxy"', 'seen_by = "proxy"\nreroute = ["x"]', 12, "no such key here; it is a key of [page]."),
        ('seen_by = "nobody"', 'seen_by = "nobody"\nport = 3000', 16, 'say seen_by = "proxy" as well'),
        ('url = "{server}/"\n', "", 18, "it is missing, and needed"),
        ('count = { selector = "#count" }', "count = 5", 21, "and it is 5"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, right: str, wrong: str, line: int, told: str) -> None:
    assert right in RIGHT
    messages = refusal(tmp_path, RIGHT.replace(right, wrong, 1))
    mine = [message for message in messages if told in message]
    assert mine, messages
    assert mine[0].startswith(f"shop.toml:{line}: "), mine


@pytest.mark.parametrize("key", [r'"a\u001b[31mred"', r'"\u009b2J"', r'"a\nb"', r'"\u202eabc"'])
def test_a_key_can_not_control_the_terminal(tmp_path: Path, key: str) -> None:
    messages = refusal(tmp_path, f"{key} = 1\n{RIGHT}")
    assert any("there is no such key here" in message for message in messages)
    assert all(message.isprintable() for message in messages), messages


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    wrong = RIGHT.replace("seen_by", "seenby").replace('"#count"', '"#"')
    assert [message.split(":")[1] for message in refusal(tmp_path, wrong)] == ["11", "15", "21"]


def test_the_proxy_answers_at_no_port_that_a_process_has(tmp_path: Path) -> None:
    taken = RIGHT.replace('seen_by = "nobody"', 'seen_by = "proxy"\nport = 9').replace(
        'seen_by = "proxy"\n\n', "port = 9\n\n"
    )
    [message] = refusal(tmp_path, taken)
    assert message.startswith("shop.toml:16: cli.port: process server has port 9 itself")


def test_servers_are_seen_in_one_way(tmp_path: Path) -> None:
    second = '[process.second]\ncommand = ["node"]\nserves = true\nseen_by = "nobody"\n\n[cli]\n'
    [message] = refusal(tmp_path, RIGHT.replace("[cli]\n", second))
    assert message.startswith(
        "shop.toml:16: process.second.seen_by: server second is seen by nobody, and server server"
    )


def test_no_server_is_a_mistake(tmp_path: Path) -> None:
    assert "serves = true" in refusal(tmp_path, RIGHT.replace("[process.server]", "[process.web]"))[0]


def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, RIGHT.replace("[cli]", "[cli"))[0].startswith("shop.toml:13: it is not TOML: ")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    [message] = refusal(tmp_path, RIGHT.replace("[cli]", '[cli]\nfolder = "producr"'))
    assert message.startswith("shop.toml:14: cli.folder: there is no folder ")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WrongTarget, match=r"there is no such file"):
        load(tmp_path / "nothing.toml")


SEVERAL = """\
[events.received]
name = "args.0"
data = { item = "args.1.item" }
kinds = [{ name = "beat", message = "my_*", where = { "" = '^beat' } }]
"""


def test_events_are_told_apart_by_arguments_and_by_what_they_say(tmp_path: Path) -> None:
    target = read(tmp_path, RIGHT + SEVERAL)
    kinds = (Recognized("beat", {"": "^beat"}, "my_*"),)
    parts = {"item": "args.1.item"}
    assert target.egress == Envelope("*", "args.0", None, None, "", parts=parts, kinds=kinds)
    [message] = refusal(tmp_path, RIGHT + SEVERAL.replace("where", "wher"))
    assert message.startswith("shop.toml:29: events.received.kinds[1].wher: ") and "did you mean where?" in message


def test_a_text_is_read_by_a_pattern(tmp_path: Path) -> None:
    said = """[events.received]\nsession = "shift"\ntext = '^(?<shift>[^|]*)'\n"""
    assert read(tmp_path, RIGHT + said).egress.text == "^(?P<shift>[^|]*)"
    [message] = refusal(tmp_path, RIGHT + said.replace("*)", "*"))
    assert "events.received.text" in message


def test_every_item_may_be_of_one_name_and_entities_alone_are_removed(tmp_path: Path) -> None:
    said = "pattern = '^(?P<name>\\S+)'"
    assert said in RIGHT
    row = read(tmp_path, RIGHT.replace(said, 'called = "tick"')).page.row
    assert row is not None and row.constant == "tick"
    [message] = refusal(tmp_path, RIGHT.replace(said, f'{said}\ncalled = "tick"'))
    assert "either `called` says the name" in message
    items = 'items = { opens = "a", key = "id", text = "t", states = { a = "x" }, removes = ["b"] }'
    panel = f'[[page.panels]]\nname = "p"\nselector = "p"\nevents = ["a"]\n{items}\n'
    [message] = refusal(tmp_path, RIGHT + panel)
    assert "say `entities = true` too" in message
    [message] = refusal(tmp_path, RIGHT + panel.replace("removes", "ends"))
    assert "`ends` is about items that are known by their key" in message
    [message] = refusal(tmp_path, RIGHT + panel.replace("removes", "entities = true, ends"))
    assert "`ends` has 'b', which neither `states` nor `removes` has" in message


def test_a_value_counts_down_beside_what_it_counts(tmp_path: Path) -> None:
    panel = '[[page.panels]]\nname = "p"\nselector = "p"\nevents = ["a", "b"]\n'
    both = 'open = { selector = "b", counts = ["a"], less = ["b"] }, all = { selector = "i", counts = ["a"] }'
    value = f"values = {{ {both} }}\n"
    [read_panel] = [each for each in read(tmp_path, RIGHT + panel + value).panels if each.name == "p"]
    assert (read_panel.shows["open"].counts, read_panel.shows["open"].less) == (("a",), ("b",))
    assert read_panel.values == {"all": ("a",)}
    [message] = refusal(tmp_path, RIGHT + panel + value.replace('counts = ["a"], less', 'says = { a = "x" }, less'))
    assert "`less` stands beside `counts`" in message


def test_a_page_asks_other_origins_and_begins_with_what_is_stored(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "state.json").write_text("{}")
    origins = 'storage = "state.json"\norigins = { "https://a.example" = "block", "https://b.example" = "fonts" }\n'
    text = RIGHT.replace("[page]\n", f"[page]\n{origins}")
    target = read(tmp_path, text)
    assert target.origins == {"https://a.example": "block", "https://b.example": str(tmp_path / "fonts")}
    assert target.context_options == {"storage_state": tmp_path / "state.json"}
    [message] = refusal(tmp_path, text.replace('"block"', '"blok"'))
    assert "there is no " in message and "did you mean block?" in message
    [message] = refusal(tmp_path, text.replace("state.json", "stat.json"))
    assert message.startswith("shop.toml:19: page.storage: there is no file")


WRONG_VALUES = (
    "5",
    "-1",
    "true",
    '""',
    "[]",
    "[1]",
    "{}",
    "{ a = 1 }",
    '"{x}"',
    "1e400",
    "1979-05-27",
    '"\\u001b[2J"',
    "nan",
)


def test_every_mutant_of_a_file_is_read_or_told_by_its_line(tmp_path: Path) -> None:
    chance, lines = random.Random(3), RIGHT.splitlines()
    for _ in range(250):
        made = list(lines)
        at = chance.randrange(len(made))
        key, equals, _value = made[at].partition(" = ")
        made[at] = chance.choice(
            [f"{key}{equals}{chance.choice(WRONG_VALUES)}", made[at][: chance.randrange(60)], f"{made[at]}\n{made[at]}"]
        )
        file = tmp_path / "shop.toml"
        file.write_text("\n".join(made))
        told = complaint(file).splitlines()
        assert not told or told[0].startswith(str(file))
        assert all(line.isprintable() and "NoneType" not in line for line in told), told


def complaint(file: Path) -> str:
    """What is wrong with a file; empty for one that is right."""
    try:
        load(file)
    except WrongTarget as error:
        return str(error)
    return ""


def test_steps_that_open_a_page_may_choose_its_session() -> None:
    target = replace(reference(), choosing=(), answers=False, page_url="{server}/")
    assert not target.chooses_by_itself
    assert replace(target, opening=(Step("fill", "#room", "room of {session}"),)).chooses_by_itself
