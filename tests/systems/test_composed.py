"""A system whose server is a service of a Compose file, by its target file alone; Docker is a stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from harness.__main__ import main
from harness.model import Answer, Hop
from harness.reporting import sentences
from harness.target.file import load
from harness.target.process import TargetError
from tests.support import docker_stand_in
from tests.support.verified import verified

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
    found = verified(target)
    verdict = found.verdict
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.outcomes, verdict.unknowns)
    assert verdict.hops == dict(zip(Hop, (10, 10, 10, None, 10, None, 10), strict=True))
    assert [*(tmp_path / "state").glob("*/*")] == []


@pytest.mark.slow
@pytest.mark.parametrize("with_agent", [True, False])
def test_the_agent_is_in_a_service_whose_file_has_what_target_env_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], with_agent: bool
) -> None:
    file = file_of(tmp_path, 'compose = { service = "orders", port = 3000 }\nseen_by = "agent"')
    assert main(["target", "env", str(file)]) == 0
    said = yaml.safe_load(capsys.readouterr().out)["services"]["orders"]
    folders = [each.partition(":")[0] for each in said["volumes"]]
    assert all(Path(folder).is_dir() for folder in folders[:-1]) and folders[-1] == "${HARNESS_AGENT"
    server = {"argv": ["node", str(NODE / "server.js")], "environment": said["environment"] if with_agent else {}}
    for name, value in docker_stand_in.install(tmp_path, {"orders": server}).items():
        monkeypatch.setenv(name, value)
    target = load(file)
    found = verified(target)
    if with_agent:
        assert found.verdict.answer is Answer.PASSED, sentences.verdict(found.verdict)
        assert found.verdict.hops == dict(zip(Hop, (10, 10, 10, 10, 10, None, 10), strict=True))
    else:
        assert found.verdict.answer is Answer.UNKNOWN and "no agent" in sentences.verdict(found.verdict)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('compose = { service = "orders" }', "`compose.port` says at which port of its container"),
        ('compose = { service = "orders", port = 3000 }\nready.http = "/"', "leave `ready` out"),
        ('compose = { service = "--privileged", port = 3000 }', "service"),
    ],
)
def test_what_a_container_can_not_have_is_refused(tmp_path: Path, said: str, words: str) -> None:
    with pytest.raises(TargetError, match=words):
        load(file_of(tmp_path, said))
