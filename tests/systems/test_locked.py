"""A system behind HTTPS with a certificate of its own, and behind a login, by its file alone.

A sample of its forms; all with HARNESS_SYSTEMS=all (`make test-systems`).
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from harness.launch.readiness import wait_there
from harness.model import Answer, Hop
from harness.model.facts import StepBlocked
from harness.reporting import sentences
from harness.target.file import load
from harness.target.process import Command, Process, Ready, TargetError
from tests.support.verified import verified

NODE = Path(__file__).resolve().parents[2] / "fixtures" / "targets" / "node"
IS_WHOLE = os.environ.get("HARNESS_SYSTEMS") == "all"

TARGET = """\
extends = "{node}/target.toml"
name = "orders-locked"

[process.server]
command = ["node", "--import", "{{here}}/locked/locked.mjs", "server.js"]
env = {{ PORT = "{{port}}", KEY = "{folder}/key.pem", CERTIFICATE = "{folder}/mine.pem" }}
certificate = "{folder}/mine.pem"

[cli]
env = {{ NODE_EXTRA_CA_CERTS = "{folder}/mine.pem" }}

[bounds]
run_s = {run_s}

[page]
open = [{{ fill = "input", with = "cook {{dashboard}}" }}, {{ click = "text=Enter" }}, {{ wait = "{wait}" }}]
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl, which makes the certificates, is missing"),
]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two keys with certificates for this machine: `mine` and `other`."""
    folder = tmp_path_factory.mktemp("certificates")
    for name, key in (("mine", "key"), ("other", "other-key")):
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        made += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        files = ["-keyout", str(folder / f"{key}.pem"), "-out", str(folder / f"{name}.pem")]
        subprocess.run([*made, *files], check=True, capture_output=True)
    return folder


def locked(folder: Path, wait: str = "#status", run_s: int = 20) -> Path:
    path = folder / "target.toml"
    path.write_text(TARGET.format(node=NODE, folder=folder, wait=wait, run_s=run_s), "utf-8")
    return path


def test_a_system_behind_https_and_a_login_is_verified(certificates: Path) -> None:
    target = load(locked(certificates))
    found = verified(target)
    assert found.verdict.answer is Answer.PASSED, (sentences.verdict(found.verdict), found.verdict.unknowns)
    assert found.verdict.hops == {**dict.fromkeys(Hop, 10), Hop.APPLIED: None}


@pytest.mark.skipif(not IS_WHOLE, reason="one of the forms that only `make test-systems` tries")
def test_a_step_that_is_not_taken_names_its_bound_and_keeps_a_picture(certificates: Path) -> None:
    """The list is there and empty: it is not visible, and not missing."""
    target = load(locked(certificates, wait="#orders", run_s=5))
    found = verified(target)
    assert found.verdict.answer is Answer.UNKNOWN
    [blocked] = found.evidence.facts(StepBlocked)
    assert "within 5 s (bounds.run_s): wait '#orders'" in str(blocked.body)
    assert "It is there (1 times), and empty" in str(blocked.body)
    picture = found.folder / "screenshots" / "A-step-not-taken.png"
    assert picture.read_bytes().startswith(b"\x89PNG")


@contextmanager
def served(certificates: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "mine.pem", certificates / "key.pem")
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_with_another_certificate_than_the_file_says_is_refused(certificates: Path) -> None:
    mine, other = (
        Process("server", Command(()), Ready(), certificate=certificates / f"{name}.pem") for name in ("mine", "other")
    )
    with served(certificates) as url:
        assert wait_there(mine, url, 20) == url
        with pytest.raises(TargetError, match="has another certificate than the file says"):
            wait_there(other, url, 20)
    wrong = Process("server", Command(()), Ready(), certificate=certificates / "key.pem")
    with pytest.raises(TargetError, match="is not a certificate"):
        wait_there(wrong, url, 20)
