"""What answers for other origins that a page asks: nothing, or the files of a folder and nothing beside it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.launch.origins import answerer


class Asked:
    """A request that a page made, and what became of it."""

    def __init__(self, url: str) -> None:
        self.request = SimpleNamespace(url=url)
        self.became: Any = None

    def abort(self, why: str) -> None:
        self.became = why

    def fulfill(self, path: Path | None = None, status: int = 200, body: str = "") -> None:
        assert not body
        self.became = status if path is None else path.read_text()


def asked(answer: str, path: str) -> Any:
    route = Asked(f"https://fonts.example{path}")
    answerer(answer)(route)  # type: ignore[arg-type]  # as much of a route as is needed
    return route.became


def test_a_blocked_origin_answers_nothing() -> None:
    assert asked("block", "/a.css") == "blockedbyclient"


@pytest.mark.parametrize("path", ["/", "/no.css", "/../secret", "/%2e%2e/secret", "//etc/hostname", "/link"])
def test_a_folder_answers_with_its_own_files_alone(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "fonts"
    folder.mkdir()
    (folder / "a b.css").write_text("p {}")
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    assert asked(str(folder), path) == 404
    assert asked(str(folder), "/a%20b.css?v=1") == "p {}"
