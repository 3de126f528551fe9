"""A target file that is right, and what is read of it or answered to it when something in it is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.target.file import WrongTarget, load
from harness.target.spec import Target

RIGHT = """\
name = "shop"
strategy = "broadcast"

[process.redis]
command = ["redis-server", "--port", "{port}"]

[process.server]
command = ["node", "server.js", "{redis.port}"]
env = { PORT = "{port}", MODE = "test" }
ready.http = "/health"
seen_by = "proxy"

[cli]
command = ["./produce.sh", "{server}"]
seen_by = "nobody"
output = { event = '^> (?<name>\\S+)' }

[page]
url = "{server}/"
open = [{ click = "text=Orders" }]
count = { selector = "#count" }

[page.list]
selector = "#orders li"
pattern = '^(?P<name>\\S+)'
"""


def read(tmp_path: Path, text: str) -> Target:
    path = tmp_path / "shop.toml"
    path.write_text(text, "utf-8")
    return load(path)


def refusal(tmp_path: Path, text: str) -> list[str]:
    """The lines of the message, without the folder in front of the file."""
    with pytest.raises(WrongTarget) as caught:
        read(tmp_path, text)
    return str(caught.value).replace(f"{tmp_path}/", "").splitlines()[:-1]
