"""Takes the documentation's pictures again: `make screenshots`. Each is what a person would see, of real runs."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness.launch.resources import Resources

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
COLUMNS = 132
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}", re.S)
"""Rich's SVG would load a font from the network; the reader's own monospace does."""

OWN_SERVER = """

_own = socketio.Server(async_mode="threading")
Publisher.open = Publisher.close = lambda self, *_: None
Publisher.publish = lambda self, event: _own.emit(event.type, event.envelope(), room=event.session)
"""
"""The documented run's other bug: a CLI that emits on a server object to which nobody connects."""


def main() -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory(prefix="harness-screenshots-") as folder:
        said = terminal("terminal.svg", "harness", "verify", "--quiet")
        reported = re.search(r"report: (\S+)/report\.md", said)
        assert reported is not None, said
        run = ROOT / reported[1]
        shutil.copy(run / "screenshots" / "A-after.png", IMAGES / "dashboard.png")
        failed = terminal("room-mismatch.svg", "harness", "reproduce", "room-mismatch", "--quiet")
        found = re.search(r"report: (\S+)/report\.md", failed)
        assert found is not None, failed
        history(Path(folder) / "system")
        with Resources() as resources:
            page(resources, ROOT / found[1] / "run.html", "run-page.png")
            watched(resources, ROOT / found[1])
            allure(resources, Path(folder))


def history(folder: Path) -> None:
    """States of the reference system, as if the documented bug had been looked for in it; their table into the page."""
    folder.mkdir()
    ignored = shutil.ignore_patterns("targets", "node_modules", "__pycache__")
    shutil.copytree(ROOT / "fixtures", folder / "fixtures", ignore=ignored)
    target = (ROOT / "tests" / "support" / "reference.toml").read_text("utf-8")
    (folder / "target.toml").write_text(target.replace('folder = "../.."', 'folder = "."'), "utf-8")
    routing, cli = folder / "fixtures/server/routing/broadcast.py", folder / "fixtures/cli/publisher.py"
    text, publisher = routing.read_text("utf-8"), cli.read_text("utf-8")
    git = ["git", "-c", "user.name=tester", "-c", "user.email=tester@example.org", "-C", str(folder)]
    _expect([*git, "init", "--quiet"], 0)
    for subject, file, content in (
        ("Every event goes to everybody", routing, text),
        ("A room for each session", routing, text.replace("return EVERYBODY", "return session")),
        ("Try: the CLI emits without the server", cli, publisher + OWN_SERVER),
        ("Try: and to everybody", routing, text),
        ("Back to the server", cli, publisher),
    ):
        file.write_text(content, "utf-8")
        _expect([*git, "add", "--all", "--force"], 0)
        _expect([*git, "commit", "--quiet", "--allow-empty", f"--message={subject}"], 0)
    table = folder.parent / "history.md"
    verify = ("harness", "verify", "--quiet", "--target", "target.toml", "--strategy", "broadcast")
    terminal(
        "history.svg",
        "harness",
        "history",
        "HEAD~4..HEAD",
        "--quiet",
        "--table",
        "../history.md",
        "--",
        *verify,
        cwd=folder,
    )
    document = ROOT / "docs" / "history.md"
    before, begin, rest = document.read_text("utf-8").partition("<!-- made by `make screenshots` -->\n")
    document.write_text(f"{before}{begin}\n{table.read_text('utf-8')}\n{rest[rest.index('<!-- end -->') :]}", "utf-8")


def terminal(name: str, *command: str, cwd: Path = ROOT) -> str:
    """Run a command on a terminal of its own, and draw what it shows; returns the text."""
    from rich.console import Console
    from rich.text import Text

    shown = on_terminal([str(Path(sys.executable).parent / command[0]), *command[1:]], cwd)
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    with console.file:
        text = Text.from_ansi(shown.replace("\r\n", "\n").replace(f"{ROOT}/", "").rstrip())
        console.print(Text(f"$ {' '.join(command)}", style="bold"), text, " ", sep="\n")  # or it cuts the last line
        svg = FONT_FACE.sub("", console.export_svg(title=" ".join(command[:2])))
    (IMAGES / name).write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", "utf-8")
    return text.plain


def on_terminal(argv: Sequence[str], cwd: Path, timeout_s: float = 300) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "COLUMNS": str(COLUMNS), "LINES": "60", "TERM": "xterm-256color"}
    parts: list[bytes] = []
    with subprocess.Popen(argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs):
        os.close(theirs)
        while select.select([ours], [], [], timeout_s)[0]:
            try:
                parts.append(os.read(ours, 65536))
            except OSError:  # Linux says EIO where the other end is closed
                break
    os.close(ours)
    return b"".join(parts).decode("utf-8", "replace")


def page(resources: Resources, path: Path, name: str) -> None:
    """A page as it opens."""
    if not path.is_file():
        raise SystemExit(f"{path} is not there: the run wrote no such page")
    context = resources.browser.new_context(viewport={"width": 1280, "height": 1100}, offline=True)
    try:
        opened = context.new_page()
        opened.goto(path.as_uri())
        opened.screenshot(path=IMAGES / name)
    finally:
        context.close()


def watched(resources: Resources, run: Path) -> None:
    """What `harness watch` shows of a run."""
    from harness.live.feed import Feed
    from harness.live.follower import seen
    from harness.live.runner import Runner
    from harness.live.server import Server

    runner = Runner([], ("broadcast",), lambda: None)
    feed = Feed(lambda: runner.told)
    with Server(feed, runner, run.parent) as server:
        feed.take(seen(run, is_judged=True))
        context = resources.browser.new_context(viewport={"width": 1280, "height": 1100})
        try:
            opened = context.new_page()
            opened.goto(server.url)
            opened.locator("#events tbody tr").first.wait_for()
            opened.screenshot(path=IMAGES / "watch.png")
        finally:
            context.close()
    runner.close()


def allure(resources: Resources, folder: Path) -> None:
    """The report of the documented run's scenarios, one of which fails as the page room-mismatch.md has it."""
    document = (ROOT / "docs" / "room-mismatch.md").read_text("utf-8")
    (folder / "test_mine.py").write_text(document.split('test_mine.py"\n')[1].split("```")[0])
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={folder}"]
    argv += [f"--alluredir={folder / 'results'}", f"--basetemp={folder / 'runs'}"]
    tests = [str(ROOT / "scenarios" / "test_each_strategy.py"), str(folder / "test_mine.py")]
    _expect([*argv, *tests], 1)
    argv = [sys.executable, "-m", "harness", "report", str(folder / "results")]
    argv += [f"--output={folder / 'report'}", f"--history={folder / 'history'}"]
    _expect(argv, 1)
    context = resources.browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    try:
        opened = context.new_page()
        opened.goto((folder / "report" / "single" / "index.html").as_uri())
        opened.get_by_test_id("nav-tab-categories").click()
        opened.get_by_text("room-mismatch").first.wait_for()
        opened.screenshot(path=IMAGES / "allure.png")
        opened.get_by_text("Every dashboard has every event").first.click()
        opened.get_by_text("received 10").first.wait_for()
        opened.screenshot(path=IMAGES / "allure-failed.png")
    finally:
        context.close()


def _expect(argv: Sequence[str], status: int) -> None:
    """Run a command that must end with this status: the one test must fail, and the others must not."""
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != status:
        raise SystemExit(f"{argv} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


if __name__ == "__main__":
    main()
