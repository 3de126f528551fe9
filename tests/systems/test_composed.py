"""A system whose server is a service of a Compose file, by its target file alone; Docker is a stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.model import Answer, Hop
from harness.reporting import sentences
from harness.target.file import load
from harness.target.spec import TargetError
from harness.verify import verify
from tests.support import docker_stand_in

NODE = Path(__file__).resolve().parents[2] / "fixtures" / "targets" / "node"


def file_of(folder: Path, said: str) -> Path:
    file = folder / "composed.toml"
    file.write_text(f'extends = "{NODE / "target.toml"}"\nname = "composed"\n[process.server]\n{said}\n', "utf-8")
    return file


@pytest.mark.slow
def test_a_service_is_verified_and_nothing_of_it_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = {"argv": ["node", str(NODE / "server.js")]}
    for name, value in docker_stand_in.install(tmp_path, {"orders": server}).items():
        monkeypatch.setenv(name, value)
    target = load(file_of(tmp_path, 'compose = { service = "orders", port = 3000 }'))
    [found] = verify(target, target.strategies, lambda text: None)
    verdict = found.verdict
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.outcomes, verdict.unknowns)
    assert verdict.hops == dict(zip(Hop, (10, 10, 10, None, 10, None, 10), strict=True))
    assert [*(tmp_path / "state").glob("*/*")] == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('compose = { service = "orders" }', "`compose.port` says at which port of its container"),
        ('compose = { service = "orders", port = 3000 }\nseen_by = "agent"', "no agent comes into a container"),
        ('compose = { service = "orders", port = 3000 }\nready.http = "/"', "leave `ready` out"),
        ('compose = { service = "--privileged", port = 3000 }', "service"),
    ],
)
def test_what_a_container_can_not_have_is_refused(tmp_path: Path, said: str, words: str) -> None:
    with pytest.raises(TargetError, match=words):
        load(file_of(tmp_path, said))
