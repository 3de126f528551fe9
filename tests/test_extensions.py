"""An extension is a module with one constant, here or in an installed package; a wrong one is refused, and says why."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import extensions
from harness.commands.environment import Lacking, installed_extensions
from harness.extensions import CAUSE, POINTS, STRATEGY, TAP, BadExtension, Point, check, members, names
from tests.support.branches import branches

RULE = """\
class Head: ...
class Rule:
    name, head = 'x', Head()
    def is_refuted(self, evidence, outcome): return False
    def explain(self, evidence, outcomes): return ()
RULE = Rule()
"""
WATCHED = """\
class Strategy:
    name = "x"
    refuses_sessions = announces_sessions = False
    def expectations(self, evidence): return ()
    def properties(self, evidence, settled): return ()
STRATEGY = Strategy()
"""
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution of one module: its name, its source, and its entry points by their groups."""
    before = {*sys.modules}

    def put(owner: str, source: str | None, group: str = CAUSE.group, point: str = "x", module: str = "") -> None:
        module = module or f"{owner}_module"
        if source is not None:
            (tmp_path / f"{module}.py").write_text(source)
        folder = tmp_path / f"{owner}-1.2.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {owner}\nVersion: 1.2\n")
        (folder / "entry_points.txt").write_text(f"[{group}]\n{point} = {module}\n")
        extensions.forget()

    monkeypatch.syspath_prepend(str(tmp_path))
    yield put
    monkeypatch.undo()
    extensions.forget()
    for name in {*sys.modules} - before:
        if name.endswith("_module"):
            del sys.modules[name]


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.constant)
def test_the_harness_s_own_members_are_all_right(point: Point) -> None:
    found = members(point)
    assert found and tuple(found) == names(point)
    assert [member.name for member in found.values()] == list(found)


def test_every_strategy_has_its_workload() -> None:
    assert names(extensions.WORKLOAD) == names(STRATEGY)


def test_nothing_is_told_apart_by_the_name_of_a_strategy() -> None:
    """But in the strategies themselves, and where the harness tries itself on the reference system."""
    folders = {"selftest", "strategies"}
    files = (path for path in extensions.HERE.rglob("*.py") if folders.isdisjoint(path.parts))
    found = [f"{path}:{line}" for path in files for line in branches(path.read_text("utf-8"), names(STRATEGY))]
    assert found == []
    assert [*branches("x != 'broadcast'", names(STRATEGY))] == [1]


def test_names_are_told_without_an_import() -> None:
    told = "import sys; from harness.extensions import POINTS, names; [names(p) for p in POINTS]; "
    told += "print(sorted(m[8:] for m in sys.modules if m.startswith('harness.')))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "['extensions', 'lib', 'lib.installed', 'locations']\n"


HEAD = type("Head", (), {})()


def rule(**has: object) -> object:
    """A rule that has these, and else what it needs."""
    right = {
        "name": "x",
        "head": HEAD,
        "explain": lambda self, evidence, outcomes: (),
        "is_refuted": lambda *all: False,
    }
    return type("Rule", (), {**right, **has})()


WRONG = [
    (object(), "RULE.head is missing, and has to be Head"),
    (rule(head=7), "RULE.head is int, and has to be Head"),
    (rule(name=None), 'RULE has no name: give it `name = "x"`'),
    (rule(name=""), "RULE has no name"),
    (rule(name=7), "RULE has no name"),
    (rule(name="y"), "RULE is called 'y' by itself, and 'x' by its file or entry point"),
    (rule(explain=None), "RULE has no method explain(evidence, outcomes)"),
    (rule(explain=1), "RULE has no method explain(evidence, outcomes)"),
    (
        rule(explain=lambda self, evidence: ()),
        "RULE.explain is called with evidence, outcomes, and takes something else",
    ),
    (type(rule()), "RULE is the class Rule, and has to be an object of it: Rule()"),
]


@pytest.mark.parametrize(("member", "told"), WRONG, ids=[told for _, told in WRONG])
def test_a_wrong_member_is_refused_with_where_what_and_the_page_that_helps(member: object, told: str) -> None:
    with pytest.raises(BadExtension) as refused:
        check(CAUSE, member, "x", "harness/diagnosis/x.py")
    text = str(refused.value)
    assert text.startswith(f"harness/diagnosis/x.py: {told}") and "docs/write-a-cause.md" in text


def test_an_attribute_has_its_type() -> None:
    class Half:
        name = "x"
        about = "half a tap"
        server_hops = ()

    with pytest.raises(BadExtension, match=r"TAP\.client_hops is missing, and has to be tuple"):
        check(TAP, Half(), "x", "here")
    Half.client_hops = "sent"  # type: ignore[attr-defined]
    with pytest.raises(BadExtension, match=r"TAP\.client_hops is str, and has to be tuple"):
        check(TAP, Half(), "x", "here")


def test_an_installed_package_adds_a_member(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install("mine", RULE)
    assert "x" in names(CAUSE) and members(CAUSE)["x"].explain(None, ()) == ()
    assert [*members(CAUSE)][-1] == "x" and not caplog.messages


@pytest.mark.parametrize(
    ("source", "more", "told"),
    [
        ("RULE = 1\n", {}, "RULE.head is missing, and has to be Head"),
        ("x = 1\n", {}, "the module has no RULE, an object with name, head, explain(evidence, outcomes)"),
        ("import nothing_of_that_name\n", {}, "can't be imported: ModuleNotFoundError: No module named"),
        ("raise RuntimeError('two\\nlines \\x1b[31m')\n", {}, "can't be imported: RuntimeError: two lines ?[31m."),
        ("raise SystemExit(3)\n", {}, "can't be imported: SystemExit: 3."),
        ("x = (\n", {}, "can't be imported: SyntaxError"),
        (None, {}, "can't be imported: ModuleNotFoundError"),
        (None, {"module": "any_module:RULE"}, "the entry point names an object; name its module, any_module."),
        (RULE, {"point": "room-mismatch"}, "the harness has a cause of that name; choose another."),
        (WATCHED, {"group": STRATEGY.group}, "the module has no WORKLOAD, an object with name, properties, dashboards"),
    ],
)
def test_a_wrong_package_is_left_out_and_one_line_says_why(
    install: Install, caplog: pytest.LogCaptureFixture, source: str | None, more: dict[str, str], told: str
) -> None:
    install("theirs", source, **more)
    install("mine", RULE.replace("'x'", "'mine'"), point="mine")
    point = STRATEGY if "group" in more else CAUSE
    found = members(point)
    assert "x" not in found and ("mine" in found) == (point is CAUSE)
    [line] = caplog.messages
    name = more.get("point", "x")
    assert line.startswith(f"harness: left out the {point.kind} {name!r} of theirs 1.2 ("), line
    assert told in line and "\n" not in line
    members(point)
    assert len(caplog.messages) == 1, "it is said once"


def test_two_packages_with_one_name_are_both_left_out(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install("one", RULE)
    install("two", RULE)
    assert "x" not in members(CAUSE)
    assert ["two 1.2 has one of that name too" in caplog.messages[0], "one 1.2" in caplog.messages[1]] == [True] * 2


def test_the_line_is_plain_on_standard_error_where_no_log_is_set_up() -> None:
    told = "from harness.extensions import _complain; _complain('left out x: why')"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == "harness: left out x: why\n"
    assert logging.lastResort is not None


FAULT = """\
class Fault:
    name, does = 'x', 'disturb'
    def inject(self, system, random): ...
FAULT = Fault()
"""


def test_doctor_lists_what_installed_packages_add(install: Install) -> None:
    install("acme", RULE)
    install("zeta", FAULT, extensions.FAULT.group)
    assert installed_extensions() == "cause x (acme 1.2), fault x (zeta 1.2)"


def test_doctor_says_what_is_left_out(install: Install) -> None:
    install("acme", RULE, point="y")
    with pytest.raises(Lacking, match=r"the cause 'y' of acme 1\.2 is left out: RULE is called 'x'") as told:
        installed_extensions()
    assert told.value.get == "mend acme, or uninstall it"


def test_doctor_without_installed_packages(install: Install) -> None:
    extensions.forget()
    assert installed_extensions() == "none beside the harness's own"
