"""The server that several tests share, and what each test gets of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.reference import Server, serving


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One broadcast server for the tests that leave it as it was."""
    with serving(tmp_path_factory.mktemp("server"), "broadcast", "--lease-s", "0.3") as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def session() -> str:
    return f"s-{uuid4().hex[:12]}"
