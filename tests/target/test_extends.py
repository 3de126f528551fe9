"""Target files that extend others: what is different, whose line a mistake is on, circles."""

from __future__ import annotations

from pathlib import Path

from harness.target.file import load
from tests.support.shop import RIGHT, read, refusal


def test_a_file_extends_another_and_says_what_is_different(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(RIGHT, "utf-8")
    (tmp_path / "broken").mkdir()
    path = tmp_path / "broken" / "slow.toml"
    path.write_text('extends = "../shop.toml"\nname = "slow-shop"\n[process.server]\nenv.MODE = "{here}"\n', "utf-8")
    target = load(path)
    assert target.name == "slow-shop"
    assert target.server.command.env == {"PORT": "{port}", "MODE": str(tmp_path)}
    assert target.server.command.argv == ("node", "server.js", "{redis.port}")
    assert target.server.command.cwd == tmp_path


def test_what_an_extending_file_says_wrong_has_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "right.toml").write_text(RIGHT, "utf-8")
    assert refusal(tmp_path, 'extends = "right.toml"\n\n[page.list]\nselektor = "li"\n') == [
        "shop.toml:4: page.list.selektor: there is no such key here; did you mean selector?"
    ]


def test_a_file_extends_no_file_that_is_missing_wrong_or_extends_itself(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'extends = "none.toml"') == ["none.toml: there is no such file."]
    (tmp_path / "wrong.toml").write_text(RIGHT.replace("selector =", "selektor =", 1), "utf-8")
    assert refusal(tmp_path, 'extends = "wrong.toml"')[0].startswith("wrong.toml:2")
    (tmp_path / "right.toml").write_text(RIGHT, "utf-8")


def test_files_extend_each_other_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "right.toml").write_text(RIGHT, "utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "second.toml").write_text('extends = "../right.toml"\nname = "second"', "utf-8")
    target = read(tmp_path, 'extends = "deep/second.toml"\nprocess.server.env.MODE = "{here}"')
    assert target.name == "second" and target.server.command.env["MODE"] == str(tmp_path)


def test_files_that_extend_each_other_in_a_circle_are_named(tmp_path: Path) -> None:
    (tmp_path / "second.toml").write_text('extends = "shop.toml"', "utf-8")
    assert refusal(tmp_path, '# first\nextends = "second.toml"') == [
        "shop.toml:2: extends: it comes back to itself: shop.toml → second.toml → shop.toml; leave one out."
    ]
