"""The agent in the programs that people serve with and work with: their loops, their workers, their jobs.

They are installed into a folder of their own, which takes a network: `make test-versions` tries them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import socketio

from harness.launch.ports import claimed_port
from harness.taps.agent import AgentHub, RawRecord, environment

PATIENCE_S = 30.0
PROGRAMS = ("uvloop", "gunicorn", "rq", "hypercorn", "daphne")

pytestmark = pytest.mark.skipif(
    os.environ.get("HARNESS_VERSIONS") != "all", reason="`make test-versions` tries it: it takes a network"
)

ASYNC = """
import asyncio
import socketio

server = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(server)

@server.event
async def publish(sid, data):
    await server.emit("told", type(asyncio.get_running_loop()).__module__.split(".")[0])
    return "ok"
"""
SYNC = """
import socketio

server = socketio.Server(async_mode="threading")
app = socketio.WSGIApp(server)

@server.event
def publish(sid, data):
    server.emit("told", "threads")
    return "ok"
"""
UVICORN = ("-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", "0")
GUNICORN = ("-m", "gunicorn.app.wsgiapp", "app:app", "--bind", "127.0.0.1:0", "--worker-class", "gthread")
SERVERS = {
    "uvloop": (ASYNC, (*UVICORN, "--loop", "uvloop"), "uvloop"),
    "uvicorn's workers": (ASYNC, (*UVICORN, "--loop", "asyncio", "--workers", "2"), "asyncio"),
    "gunicorn's workers": (SYNC, (*GUNICORN, "--workers", "2", "--threads", "8"), "threads"),
    "hypercorn": (ASYNC, ("-m", "hypercorn", "app:app", "--bind", "127.0.0.1:{port}"), "asyncio"),
    "hypercorn's workers": (ASYNC, ("-m", "hypercorn", "app:app", "--bind", "127.0.0.1:{port}", "-w", "2"), "asyncio"),
    "daphne": (ASYNC, ("-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "app:app"), "asyncio"),
    "gunicorn, loaded before": (SYNC, (*GUNICORN, "--workers", "2", "--threads", "8", "--preload"), "threads"),
}
SERVES = "startup complete|Booting worker|Running on|Listening on TCP"
"""What they say when they do."""

BOTH = """
import sys, threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
import socketio

server = socketio.Server(async_mode="threading")

@server.event
def publish(sid, data):
    server.emit("told", data)
    return "ok"

class Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True

class Silent(WSGIRequestHandler):
    def log_request(self, *_):
        pass

web = make_server("127.0.0.1", 0, socketio.WSGIApp(server), Threads, Silent)
threading.Thread(target=web.serve_forever, daemon=True).start()
with socketio.SimpleClient() as client:
    client.connect(f"http://127.0.0.1:{web.server_port}", transports=["polling"])
    answer = client.call("publish", 1)
    print("%d.%d" % sys.version_info[:2], answer, client.receive()[0], flush=True)
web.shutdown()
"""
JOBS = """
import socketio

def tell(number, store):
    socketio.RedisManager(store, write_only=True).emit("done", {"number": number})
"""
WORK = """
import sys
from redis import Redis
from rq import Queue, Worker
from jobs import tell

store = Redis.from_url(sys.argv[1])
queue = Queue(connection=store)
for number in (1, 2):
    queue.enqueue(tell, number, sys.argv[1])
Worker([queue], connection=store).work(burst=True, logging_level="WARNING")
jobs = [queue.fetch_job(each) for each in queue.finished_job_registry.get_job_ids()]
print([job.get_status().value for job in jobs])
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """An environment in which they are there."""
    folder = tmp_path_factory.mktemp("programs")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(folder)]
    done = subprocess.run([*pip, *PROGRAMS], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"pip could not install {' '.join(PROGRAMS)}: {done.stderr[-300:]}")
    return {**os.environ, "PYTHONPATH": str(folder)}


@contextmanager
def serving(argv: tuple[str, ...], folder: Path, env: Mapping[str, str]) -> Iterator[str]:
    """The address at which a program says that it serves; told to end, it ends by itself."""
    with claimed_port() as port, subprocess.Popen(  # port: of those that don't tell which one they have taken
        [sys.executable, *(word.format(port=port) for word in argv)],
        cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = ""
        try:
            for line in process.stdout:  # uvicorn tells its port, and its workers listen there later
                said += line
                found = re.search(r"127\.0\.0\.1:\d+", said)
                if found and re.search(SERVES, said):
                    break
            assert found, said
            yield f"http://{found[0]}"
        finally:
            process.terminate()
            said += process.communicate(timeout=PATIENCE_S)[0]
    assert "Traceback" not in said, said


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_s_workers_answer_and_are_seen(
    hub: AgentHub, tmp_path: Path, programs: Mapping[str, str], name: str
) -> None:
    source, argv, loop = SERVERS[name]
    (tmp_path / "app.py").write_text(source)
    records: list[RawRecord] = []
    hub.on("server", lambda _, record: records.append(record))
    env = environment(hub.path, "server", "server", programs)
    with serving(argv, tmp_path, env) as url, socketio.SimpleClient(request_timeout=PATIENCE_S) as client:
        client.connect(url, transports=["websocket"], wait_timeout=PATIENCE_S)
        assert client.call("publish", {"number": 1}, timeout=PATIENCE_S) == "ok"
        assert client.receive(timeout=PATIENCE_S) == ["told", loop]
        reply = hub.sync("server", PATIENCE_S)
        assert reply is not None and all(reply.hooks.values()) and reply.troubles == 0
    assert hub.wait_ended("server", PATIENCE_S)
    [routed] = [r for r in records if r["k"] == "route"]
    assert (routed["event"], len(routed["recipients"]), routed["where"]) == (
        "told",
        1,
        f"app.py:{place(source)} publish",
    )


def _pythons() -> dict[str, str]:
    """Version to program: those on the path, and those that pyenv keeps beside it."""
    kept = (Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions").glob("*/bin/python3.[0-9]*")
    found = [
        *(shutil.which(f"python3.{minor}") for minor in range(11, 20)),
        *(str(each) for each in sorted(kept) if re.fullmatch(r"python3\.\d+", each.name)),
    ]
    programs: dict[str, str] = {}
    for each in filter(None, found):
        ran = subprocess.run([each, "-c", ASK], capture_output=True, text=True, check=False)
        if ran.returncode == 0:  # pyenv's stand-ins for what it does not serve fail
            programs.setdefault(ran.stdout.strip(), each)
    return programs


ASK = "import sys; assert sys.version_info >= (3, 11); print('%d.%d' % sys.version_info[:2])"
PYTHONS = _pythons() if os.environ.get("HARNESS_VERSIONS") == "all" else {}


@pytest.mark.parametrize("version", PYTHONS)
def test_every_python_that_the_machine_has(hub: AgentHub, tmp_path: Path, version: str) -> None:
    """A server and its client in one process; what a program prints is the same with the agent."""
    python = PYTHONS[version]
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(tmp_path / "has")]
    done = subprocess.run([*pip, "python-socketio[client]"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{python} could not install python-socketio: {done.stderr[-300:]}")
    (tmp_path / "program.py").write_text(BOTH)
    records: list[RawRecord] = []
    hub.on("server", lambda _, record: records.append(record))
    bare = {**os.environ, "PYTHONPATH": str(tmp_path / "has")}

    def run(env: Mapping[str, str]) -> tuple[int, str, bool]:
        argv = [python, "-W", "ignore", "program.py"]
        ran = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
        return ran.returncode, ran.stdout, "Traceback" in ran.stderr  # a line of engineio's own comes now and then

    observed = run(environment(hub.path, "server", "server", bare))
    assert observed == run(bare) == (0, f"{version} ok told\n", False)
    assert hub.wait_ended("server", PATIENCE_S) and hub.whole("server")
    seen = [(r["k"], r["event"]) for r in records if r.get("event") in ("publish", "told")]
    assert {("send", "publish"), ("receive", "publish"), ("route", "told")} <= set(seen), seen
    assert not [r for r in records if r["k"] == "agent_error"], records


def place(source: str) -> int:
    return 1 + next(number for number, line in enumerate(source.splitlines()) if ".emit(" in line)


def test_jobs_that_a_worker_forks(hub: AgentHub, tmp_path: Path, programs: Mapping[str, str]) -> None:
    """RQ forks a process for each job, and ends it without a goodbye."""
    broker = Path(__file__).parents[3] / "fixtures" / "targets" / "redis" / "broker.py"
    (tmp_path / "jobs.py").write_text(JOBS)
    (tmp_path / "work.py").write_text(WORK)
    records: list[RawRecord] = []
    hub.on("cli:x", lambda _, record: records.append(record))
    with (
        claimed_port() as port,
        subprocess.Popen([sys.executable, str(broker), str(port)], stdout=subprocess.PIPE, text=True) as redis,
    ):
        try:
            assert redis.stdout is not None
            assert any("Ready to accept connections" in line for line in redis.stdout)
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "work.py", f"redis://127.0.0.1:{port}"],
                cwd=tmp_path, env=environment(hub.path, "cli:x", "client", programs),
                capture_output=True, text=True, timeout=PATIENCE_S, check=False,
            )  # fmt: skip
        finally:
            redis.kill()
    assert (done.returncode, done.stdout) == (0, "['finished', 'finished']\n"), done.stderr
    assert hub.wait_ended("cli:x", PATIENCE_S) and hub.whole("cli:x")
    told = [({"number": number}, f"jobs.py:{place(JOBS)} tell") for number in (1, 2)]
    for kind in ("route", "publish"):
        assert [(r["args"][0], r["where"]) for r in records if r["k"] == kind] == told
    assert len({r["pid"] for r in records if r["k"] == "hello"}) == 3
