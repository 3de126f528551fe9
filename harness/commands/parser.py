"""The command line: how it is read (the arguments are in arguments.py), and how a command is run.

Cheap: only the arguments of the command that is given are put together, and its module is imported when it is run.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import signal
import sys
from collections.abc import Sequence
from types import ModuleType

from harness.commands.arguments import COMMANDS
from harness.commands.kinds import nearest
from harness.locations import BUNDLE, IS_CHECKOUT

DOCUMENTATION = "" if IS_CHECKOUT else f"docs/ is {BUNDLE / 'docs'}"
EPILOG = f"""\
exit status: 0 as promised, 1 the system failed, 2 wrong use, 3 unknown (evidence is missing),
4 the harness or the machine broke

first run:   harness verify                            every strategy on the reference system
             harness reproduce room-mismatch           see the documented bug caught and blamed
             harness judge reports/runs/RUN            the verdict again, without browser or network
{DOCUMENTATION}"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; errors are one message, never a traceback for a user's mistake."""
    arguments = parse(sys.argv[1:] if argv is None else list(argv))
    if arguments.command is None:
        return 0 if arguments.version else 2
    command = importlib.import_module(f"harness.commands.{arguments.command}")
    try:
        status = _run(command, arguments)
        sys.stdout.flush()  # what is still kept back may find a closed pipe, too
        return status
    except KeyboardInterrupt:
        print("harness: interrupted; everything that was started is stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader has read enough, as `head` does; a shell's own programs end in this way
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:
        from harness.commands.errors import explain

        status, message = explain(error)
        print(f"harness: {message}", file=sys.stderr)
        return int(status)


def _run(command: ModuleType, arguments: argparse.Namespace) -> int:
    """Run a command. What it says of interruptions holds meanwhile; `shannon` is a program of its own."""
    if arguments.command == "shannon":
        return int(command.main(arguments))
    from harness.lib.interruption import STATUS, listening

    status, is_gentle = getattr(command, "INTERRUPTED_STATUS", STATUS), getattr(command, "INTERRUPTED_GENTLY", False)
    with listening(status, is_gentle):
        return int(command.main(arguments))


def parse(given: list[str]) -> argparse.Namespace:
    """The arguments; `command` is None when there is only a text to be shown, which is done. Exits on wrong use."""
    word = next((each for each in given if not each.startswith("-")), None)
    if given[:1] == ["shannon"]:  # its arguments are its own, --help among them
        return argparse.Namespace(command="shannon", arguments=given[1:])
    after: list[str] = []
    if word == "history" and given[0] == word:
        given, after = _divided(given)
    top = parser(word)
    if word is not None and word == given[0] and word not in COMMANDS:
        top.error(f"there is no command {word!r}{nearest(word, COMMANDS)}")
    arguments, unknown = top.parse_known_args(given)
    if unknown:
        told = top.commands.get(arguments.command, top)
        options = re.findall(r"(?<![\w-])--[a-z][\w-]*", told.format_help())
        is_option = unknown[0].startswith("--")
        told.error(f"there is no argument {unknown[0]!r} here{nearest(unknown[0], options) if is_option else '.'}")
    if arguments.version:
        from importlib.metadata import version

        print(f"harness {version('event-stream-harness')}")
    elif arguments.command is None:
        top.print_help()
    arguments.after = after
    return arguments


def _divided(given: list[str]) -> tuple[list[str], list[str]]:
    """The arguments of the command itself, and what stands after `--`."""
    place = given.index("--") if "--" in given else len(given)
    return given[:place], given[place + 1 :]


class Parser(argparse.ArgumentParser):
    """A parser that knows those of its commands."""

    commands: dict[str, argparse.ArgumentParser]


EVERY = ""


def parser(only: str | None = EVERY) -> Parser:
    """The command line, with the arguments of every command, of one, or of none: those take time to be found out."""
    top = Parser(
        prog="harness",
        description="Proves, hop by hop, that the events a CLI emits are what a dashboard shows; and when they are "
        "lost, names the first hop that lost them, the cause and the evidence.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="store_true", help="say which version this is")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=argparse.ArgumentParser)
    top.commands = {}
    for name, (about, fill) in COMMANDS.items():
        command = commands.add_parser(name, help=about)
        command.epilog = DOCUMENTATION
        command.formatter_class = argparse.RawDescriptionHelpFormatter  # or a path is broken at its hyphens
        if only in (EVERY, name):
            fill(command)
        top.commands[name] = command
    return top
