"""The wheel in an environment of its own, elsewhere: what it installs, that its commands work, and what is told there.

`make test` takes the dependencies from the environment of the tests; `make test-wheel` (HARNESS_WHEEL=whole) installs
them, does the same with an sdist on a machine without Node.js, and builds a report.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.installed import Installed, build, with_its_packages, with_our_packages

WHOLE = os.environ.get("HARNESS_WHEEL") == "whole"
KITCHEN = Path(__file__).parents[1] / "support" / "kitchen"

pytestmark = pytest.mark.slow
whole = pytest.mark.skipif(not WHOLE, reason="make test-wheel does")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    wheel = build("wheel", folder / "packages")
    return with_its_packages(wheel, folder) if WHOLE else with_our_packages(wheel, folder)


def test_it_installs_one_package_and_one_script(installed: Installed) -> None:
    files = [Path(name) for name in installed.files()]
    inside = {path.parts[0] for path in files if path.parts[0] != ".." and not path.parts[0].endswith(".dist-info")}
    scripts = {path.name for path in files if path.parts[0] == ".."}
    assert (inside, scripts) == ({"harness"}, {"harness"})


@whole
def test_the_setting_names_the_folder_of_runs(installed: Installed, tmp_path: Path) -> None:
    doctor = installed.run(installed.harness, "doctor", HARNESS_RUNS=str(tmp_path / "none"))
    assert re.search(r"^ok +runs ", doctor.stdout, re.MULTILINE), doctor.stdout
    (tmp_path / "file").touch()
    doctor = installed.run(installed.harness, "doctor", HARNESS_RUNS=str(tmp_path / "file"))
    assert f"{tmp_path / 'file'} is not a folder" in doctor.stdout


def test_it_verifies_and_leaves_its_runs_in_the_working_folder(installed: Installed) -> None:
    strategies = [] if WHOLE else ["--strategy", "broadcast"]
    done = installed.run(installed.harness, "verify", *strategies, "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    (report, *_) = re.findall(r"^report: (\S+)$", done.stdout, re.MULTILINE)
    assert report.startswith("reports/runs/broadcast-") and (installed.work / report).is_file()
    again = installed.run(installed.harness, "judge", Path(report).parent, "--quiet")
    assert again.returncode == 0, again.stderr


@whole
@pytest.mark.parametrize("name", ["room-mismatch", "wrong-process"])
def test_it_reproduces_a_documented_bug(installed: Installed, name: str, tmp_path: Path) -> None:
    done = installed.run(installed.harness, "reproduce", name, "--quiet", HARNESS_RUNS=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name.startswith(name) for path in tmp_path.iterdir()] == [True], "HARNESS_RUNS names the folder"


@whole
def test_it_finds_a_bug_in_its_own_copy_beside_packages_of_the_same_name(installed: Installed) -> None:
    """PyPI has a package `fixtures`, and so may the working folder; two-emit-paths is told by places in the code."""
    foreign = installed.work / "fixtures"
    foreign.mkdir()
    (foreign / "__init__.py").write_text("raise SystemExit('another package')")
    defects = ["room-mismatch", "two-emit-paths"]
    env = {"PYTHONPATH": str(installed.work), "PYTHONSAFEPATH": "1"}
    try:
        done = installed.run(installed.harness, "defects", "--quiet", "--only", *defects, **env)
    finally:
        shutil.rmtree(foreign)
    assert done.returncode == 0, done.stdout + done.stderr


def test_up_shows_how_to_start_the_cli(installed: Installed) -> None:
    argv = [str(installed.harness), "up", "--strategy", "broadcast"]
    where = {"cwd": installed.work, "env": installed.environment, "text": True}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, **where) as up:  # type: ignore[call-overload]
        try:
            shown = ""
            while "Ctrl-C" not in shown:
                line = up.stdout.readline()
                assert line, f"it ended: {shown}"
                shown += line
            (command,) = re.findall(r"^  (cd .+)$", shown, re.MULTILINE)
            assert f"{installed.harness} shannon do" in command
            for _ in range(2):  # a line that is shown is called again and again
                cli = subprocess.run(command, shell=True, capture_output=True, timeout=60, check=False, **where)  # type: ignore[call-overload]
                assert (cli.returncode, cli.stdout.count("Event: ")) == (0, 10), cli.stderr
        finally:
            up.send_signal(signal.SIGINT)
        assert up.wait(30) == 0


def test_a_target_file_is_written_and_tried(installed: Installed) -> None:
    shutil.copytree(KITCHEN, installed.work / "kitchen")
    file = Path("kitchen", "mine.toml")
    answers = [
        "name=kitchen",
        "process.server.command={python} server.py {port}",
        "cli.command={python} producer.py {server}",
    ]
    options = [part for answer in answers for part in ("--set", answer)]
    done = installed.run(installed.harness, "target", "init", file, "--yes", *options)
    assert (done.returncode, done.stderr) == (0, "")
    if not WHOLE:
        return
    tried = installed.run(installed.harness, "target", "check", file)
    assert f"found  {file}:" in tried.stdout and "Traceback" not in tried.stderr, tried.stdout + tried.stderr


CHECKOUT_WORDS = re.compile(r"[`.]make\b|\b[Rr]un make\b|`\.venv|\bcheckout\b|pip install -e")


def test_the_doctor_and_the_help_name_what_is_there(installed: Installed) -> None:
    shown = installed.run(installed.harness, "doctor")
    assert shown.returncode == 0, shown.stdout
    commands = re.findall(r"^    (\w+) ", installed.run(installed.harness, "--help").stdout, re.MULTILINE)
    assert "verify" in commands
    tried = [each for each in commands if each != "shannon"]
    for command in [(), *((each,) for each in (tried if WHOLE else tried[::4]))]:
        shown = installed.run(installed.harness, *command, "--help")
        assert CHECKOUT_WORDS.findall(shown.stdout) == []
        (docs,) = re.findall(r"^docs/ is (\S+)$", shown.stdout, re.MULTILINE)
        named = re.findall(r"docs/([\w-]+\.md)", shown.stdout)
        assert [page for page in named if not Path(docs, page).is_file()] == []


def test_what_is_missing_is_told_in_words_that_are_true_there(installed: Installed) -> None:
    without = {"HARNESS_BROWSER": "", "PATH": "", "PLAYWRIGHT_BROWSERS_PATH": str(installed.work / "none")}
    doctor = installed.run(installed.harness, "doctor", **without)
    assert doctor.returncode == 4
    assert f"{installed.python} -m playwright install chromium-headless-shell" in doctor.stdout
    told = [doctor.stdout]
    for command in (["verify", "--strategy", "broadcast", "--quiet"], ["report"], ["worlds", "--seeds", "1"]):
        done = installed.run(installed.harness, *command, **without)
        assert done.returncode in (2, 4) and "Traceback" not in done.stderr
        told.append(done.stderr)
    assert [CHECKOUT_WORDS.findall(text) for text in told] == [[]] * 4


@whole
def test_the_report_is_built_as_its_hint_says(installed: Installed) -> None:
    (installed.work / "test_it.py").write_text("def test_it():\n    pass\n")
    results = installed.work / "reports" / "allure-results"
    tests = installed.run(installed.python, "-m", "pytest", "-q", f"--alluredir={results}", "test_it.py")
    assert tests.returncode == 0, tests.stdout
    refused = installed.run(installed.harness, "report")
    assert refused.returncode == 4
    (hint,) = re.findall(r"`(npm install [^`]+)`", refused.stderr)
    installed.run(*hint.split())
    built = installed.run(installed.harness, "report")
    assert built.returncode == 0, built.stderr
    assert (installed.work / "reports" / "allure-report" / "single" / "index.html").is_file()


@whole
def test_an_sdist_needs_no_node_to_be_installed(tmp_path: Path) -> None:
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name in ("sh", "cat", "ls", "git", "uname"):
        if (program := shutil.which(name)) is not None:
            (bin_ / name).symlink_to(program)
    made = with_its_packages(build("sdist", tmp_path / "packages"), tmp_path / "sdist", PATH=str(bin_))
    done = made.run(made.harness, "verify", "--strategy", "broadcast", "--quiet", "--json", "out.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((made.work / "out.json").read_text())["runs"][0]["verdict"] == "passed"
