"""Which system pytest's scenarios are for: `--harness-target FILE`, `harness_target` in the settings, or neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.locations import documentation

if TYPE_CHECKING:
    from harness.target.spec import Target

TARGET_HELP = (
    f"the target file of the system under test ({documentation('target.md')}); without one it is the reference system"
)
_TARGET = pytest.StashKey["Target"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which system is under test: on the command line, or for good in the project's settings."""
    group = parser.getgroup("harness", "event stream harness")
    group.addoption("--harness-target", metavar="FILE", help=TARGET_HELP)
    parser.addini("harness_target", f"{TARGET_HELP}; from the settings' own folder", type="string")


def pytest_configure(config: pytest.Config) -> None:
    """A target file that is wrong is told before anything is collected."""
    name_of(config)


def target_of(config: pytest.Config) -> Target:
    """The system under test. Raises pytest.UsageError for a target file that is wrong."""
    if _TARGET not in config.stash:
        config.stash[_TARGET] = _read_target(config)
    return config.stash[_TARGET]


def name_of(config: pytest.Config) -> str:
    """The name of the system that a target file is given for, else an empty text: nothing is read for it then."""
    is_given = config.getoption("harness_target") or config.getini("harness_target")
    return target_of(config).name if is_given else ""


def _read_target(config: pytest.Config) -> Target:
    from harness.target.process import TargetError
    from harness.target.reference import reference

    given, kept = config.getoption("harness_target"), config.getini("harness_target")
    path = config.invocation_params.dir / given if given else config.rootpath / kept if kept else None
    try:
        if path is None:
            return reference()
        from harness.target.file import load

        return load(path)
    except TargetError as error:
        raise pytest.UsageError(str(error)) from None
