"""mutmut with one change: the tests are collected once, and each mutant runs its own in a fork of that session.

mutmut by itself starts pytest anew for each of several thousand mutants, which costs far more than the tests. It still
makes the mutants, traces which tests reach which function, keeps the results and shows them (`mutmut show`, `browse`).
What survived and is not explained is tried again at every run, as the tests may be better by now; what was killed
stays killed until its function changes.

`python -m tests.support.mutation --max-children 2 [PATTERN …]` tries only those of a pattern, `harness.judge.judge*`.
"""

from __future__ import annotations

import json
import os
import pkgutil
import shutil
import sys
from collections.abc import Iterable
from importlib import import_module

import pytest
from _pytest.config import _prepareconfig
from mutmut import __main__ as mutmut
from mutmut.runners.harness import PytestRunner, collected_test_names
from mutmut.utils.file_utils import change_cwd
from mutmut.workers.isolation import ForkServerRunner, MutantRunner

from tests.support.survivors import MUTANTS, results, survivors

SURVIVED, UNTESTED = 0, 33

EXTENDED = ("harness.diagnosis", "harness.judge.properties", "harness.judge.strategies")
QUICK = ("test_readings", "judge/test_exactly", "judge/test_properties", "diagnosis/test_causes")
"""Files whose tests are quick and notice most: they go first, and among them those that are named after the mutant."""


class CollectedTests(PytestRunner):
    """The tests of the project, collected before the forks. Exit codes are those of pytest: 0 survived, 1 killed."""

    def warm_up(self) -> None:
        """Collect in the folder of the mutants, and keep the session open for the forks."""
        with change_cwd("mutants"):
            arguments = [*self._pytest_add_cli_args, *self._pytest_add_cli_args_test_selection]
            # No capture: it lets go of the streams that mutmut gives each fork, which is a warning, and so a failure.
            # No conftest: its watch over what tests leave costs ten times what a test of the judge does.
            settings = _prepareconfig(["--rootdir=.", "--noconftest", "-x", "-q", "-s", "--tb=no", *arguments])
            settings._do_configure()
            self._session = pytest.Session.from_config(settings)
            settings.hook.pytest_sessionstart(session=self._session)
            self._session.perform_collect()
            for package in EXTENDED:  # members are imported late, and each fork would do it anew
                for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
                    import_module(module.name)
        self._items = {item.nodeid: item for item in self._session.items}

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """Run some tests up to the first that fails; without a session, as mutmut does."""
        if not hasattr(self, "_session"):
            return super().run_tests(mutant_name=mutant_name, tests=tests)
        os.chdir(MUTANTS)
        for test in ordered(tests, mutant_name or ""):
            item = self._items[test]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self._session.testsfailed:
                return 1
        return 0


def ordered(tests: Iterable[str], mutant: str) -> list[str]:
    """Tests, those first that most likely notice: named after the mutant's module, then of a quick file."""
    module = mutant.rpartition(".")[0].rpartition(".")[2].replace("_", "-")

    def rank(test: str) -> tuple[bool, int, str]:
        place = next((index for index, name in enumerate(QUICK) if name in test), len(QUICK))
        return (f"-{module}]" not in test.replace("[", "-"), place, test)

    return sorted(tests, key=rank)


def try_open_ones_again() -> None:
    """Forget the results of mutants that had no test, or that survived and are not explained."""
    for module, codes in results():
        unexplained = {each.name for each in survivors(module, codes) if each.fate == "open"}
        for name, code in codes.items():
            if code == UNTESTED or name.rpartition(".")[2] in unexplained:
                codes[name] = None
        file = MUTANTS / f"{module}.meta"
        meta = json.loads(file.read_text())
        file.write_text(json.dumps({**meta, "exit_code_by_key": codes}, indent=4))


class ProvenForks(ForkServerRunner):
    """A server that forks for each mutant, and first for none: what kills the unchanged source proves nothing."""

    def startup(self) -> None:
        """Start the server. Raises SystemExit when a fork fails without a mutant."""
        super().startup()
        self.submit("none", sorted(collected_test_names()), cpu_time_limit=3600, estimated_time=60)
        if self.wait_for_result().exit_code != SURVIVED:
            self.shutdown()
            raise SystemExit("The tests fail without any mutant: run the files that [tool.mutmut] names by themselves.")


def runner(max_workers: int = 1) -> MutantRunner:
    """What mutmut asks for its runner."""
    return ProvenForks(max_workers=max_workers, test_runner_class=CollectedTests, test_runner_args={})


def main() -> None:
    """mutmut's `run`, with this runner; tests that are no more are taken out of its folder, which it leaves in."""
    shutil.rmtree(MUTANTS / "tests", ignore_errors=True)
    patterns = [argument for argument in sys.argv[1:] if "." in argument]
    try_open_ones_again()
    replaced = vars(mutmut)  # mutmut has no setting for either
    replaced["get_mutant_runner"] = runner
    collect = replaced["collect_source_file_mutation_data"]
    replaced["collect_source_file_mutation_data"] = lambda *, mutant_names: collect(mutant_names=patterns)
    mutmut.run([argument for argument in sys.argv[1:] if argument not in patterns])


if __name__ == "__main__":
    main()
