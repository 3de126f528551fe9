"""The pytest plugin beside others: unrelated projects, and pytest-playwright, pytest-asyncio and PyPI's `fixtures`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.installed import Installed, NotInstalled, build, with_our_packages

pytestmark = pytest.mark.slow

MORE = os.environ.get("HARNESS_WHEEL") == "whole"
NEIGHBOURS = ("pytest-playwright", "pytest-asyncio", "fixtures")

OWN_NAMES = """
import pytest


def pytest_addoption(parser):
    parser.addoption("--browser", default="lynx", help="another kind of browser")
    parser.getgroup("mine").addoption("--output", dest="output", type=int, default=7)


def pytest_generate_tests(metafunc):
    if "dynamic" in metafunc.definition.name:
        metafunc.parametrize("strategy", ["x", "y"])


@pytest.fixture
def engine():
    return "steam"


@pytest.fixture
def scenario():
    from unittest.mock import MagicMock
    return MagicMock()  # whatever it is asked, it says yes
"""

UNRELATED = """
import pytest


@pytest.mark.parametrize("strategy", ["a", "b"])
def test_parameters(strategy):
    assert strategy in "ab"


def test_dynamic_parameters(strategy):
    assert strategy in "xy"


class TestFixtures:
    @pytest.fixture
    def strategy(self):
        return "mine"

    def test_own(self, strategy, engine, scenario):
        assert (strategy, engine) == ("mine", "steam")


def test_options(pytestconfig):
    assert (pytestconfig.getoption("--browser"), pytestconfig.getoption("--output")) == ("lynx", 7)


@pytest.mark.parametrize("run", [1])
@pytest.mark.parametrize("cli", [2])
def test_other_names(run, cli):
    assert (run, cli) == (1, 2)
"""


def project(folder: Path, **files: str) -> Path:
    """A folder with these modules and settings of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def run_pytest(folder: Path, *options: str) -> str:
    """A project's tests in a process of their own, beside the harness; warnings are errors."""
    argv = [sys.executable, "-W", "error", "-m", "pytest", "-q", f"--basetemp={folder.parent / 'runs'}", *options]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=180)
    return done.stdout + done.stderr


def test_a_project_of_the_same_words_is_left_alone(tmp_path: Path) -> None:
    said = run_pytest(project(tmp_path / "project", conftest=OWN_NAMES, test_unrelated=UNRELATED))
    assert re.search(r"^7 passed in", said, re.MULTILINE), said


@pytest.mark.parametrize("workers", ["1", *(["0"] if MORE else [])])
def test_its_allure_results_are_what_they_would_be(tmp_path: Path, workers: str) -> None:
    folder = project(tmp_path / "project", conftest=OWN_NAMES, test_unrelated=UNRELATED)

    def results(*options: str) -> list[dict[str, object]]:
        made = tmp_path / f"results-{len(options)}"
        run_pytest(folder, f"--alluredir={made}", "-n", workers, *options)
        others = [path.name for path in made.iterdir() if not path.name.endswith(("-result.json", "-container.json"))]
        assert others == []
        found = [json.loads(path.read_text()) for path in made.glob("*-result.json")]
        kept = ("name", "historyId", "testCaseId", "status", "parameters")
        return sorted(({name: each.get(name) for name in kept} for each in found), key=str)

    assert results() == results("-p", "no:harness") != []


def test_it_imports_next_to_nothing(tmp_path: Path) -> None:
    """That is what it costs a project that doesn't use it: 10 ms on a collection of 250; `make bench` measures it."""
    folder = project(tmp_path / "project", test_one="def test_one(): pass\n")

    def imported(*options: str) -> set[str]:
        argv = [sys.executable, "-X", "importtime", "-m", "pytest", "--collect-only", "-q", *options]
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=True, timeout=180)
        return set(re.findall(r"^import time:.*\|\s*([\w.]+)$", done.stderr, re.MULTILINE))

    parts = ("target", "allure", "browser", "scenario", "verdict", "fixtures", "message")
    ours = {
        "harness",
        "harness.locations",
        "harness.pytest_plugin",
        *(f"harness.pytest_plugin.{each}" for each in parts),
    }
    assert imported() - imported("-p", "no:harness") <= ours


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("neighbours")
    try:
        return with_our_packages(build("wheel", folder / "packages"), folder, *NEIGHBOURS)
    except NotInstalled as error:
        pytest.skip(f"pip could not install {', '.join(NEIGHBOURS)}: {error}")


LAUNCH = """
import os
import pytest


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": os.environ["HARNESS_BROWSER"], "args": ["--no-sandbox"]}
"""

RUN = """
import pytest


@pytest.mark.proves("P1", dashboards="A", strategies=["broadcast"])
def test_run(dashboard, cli):
    dashboard("A")
    assert cli().finish() == 0
"""

PAGE = """
def test_page(page):
    page.set_content("<p>hello</p>")
    assert page.text_content("p") == "hello"
"""

LOOPS = """
import asyncio
import fixtures
import pytest
import pytest_asyncio


@pytest_asyncio.fixture
async def answer():
    await asyncio.sleep(0)
    yield 42
    await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_awaits(answer):
    assert answer == 42


def test_runs_a_loop():
    async def one():
        return 1
    assert asyncio.run(one()) == 1


def test_uses_pypis_fixtures():
    with fixtures.TempDir() as folder:
        assert folder.path
"""


in_its_own_environment = pytest.mark.skipif(not MORE, reason="make test-wheel does: pip installs what is beside it")


@in_its_own_environment
@pytest.mark.parametrize(
    "order",
    [("run", "page", "loops", "run"), ("page", "run", "page"), ("run", "loops", "run", "loops")],
    ids=" ".join,
)
def test_it_shares_the_session(neighbours: Installed, order: tuple[str, ...]) -> None:
    """A Playwright that runs is used; without one, the loop of the thread is others' while their tests run."""
    tests = {"page": PAGE, "run": RUN, "loops": LOOPS}
    files = {f"test_{number}_{kind}": tests[kind] for number, kind in enumerate(order)}
    folder = project(neighbours.work / "-".join(order), conftest=LAUNCH, **files)
    done = neighbours.pytest(folder, "-o", "asyncio_default_fixture_loop_scope=function")
    expected = sum(3 if kind == "loops" else 1 for kind in order)
    assert f"{expected} passed" in done.stdout, done.stdout + done.stderr
    shutil.rmtree(folder)


OWN_PLAYWRIGHT = '''
import os
import pytest
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def tab():
    """A project's own, without pytest-playwright."""
    with sync_playwright() as driver:
        options = {"executable_path": os.environ["HARNESS_BROWSER"], "args": ["--no-sandbox"]}
        with driver.chromium.launch(**options) as browser:
            yield browser.new_page()
'''


@in_its_own_environment
@pytest.mark.parametrize("order", [("page", "run", "page"), ("run", "page", "run", "page")], ids=" ".join)
def test_a_projects_own_playwright_goes_on(neighbours: Installed, order: tuple[str, ...]) -> None:
    tests = {"page": PAGE.replace("page", "tab"), "run": RUN}
    files = {f"test_{number}_{kind}": tests[kind] for number, kind in enumerate(order)}
    folder = project(neighbours.work / f"own-{len(order)}", conftest=OWN_PLAYWRIGHT, **files)
    done = neighbours.pytest(folder, "-p", "no:playwright")
    assert f"{len(order)} passed" in done.stdout, done.stdout + done.stderr
