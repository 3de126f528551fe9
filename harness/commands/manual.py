"""The reference of the commands, from the parser: `python -m harness.commands.manual > docs/commands.md`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

HEAD = """\
# Commands

<!-- Made by `make docs` from the parser. Changes belong there. -->

Every command says by its status how it went: [exit codes](exit-codes.md).
"""


def markdown(parser: argparse.ArgumentParser) -> str:
    """One section a command, with all its arguments; of a command of commands, one for each of those."""
    return HEAD + "".join(_section(name, each, about) for name, each, about in _commands(parser))


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    for action in parser._actions:  # argparse has no public way to its commands
        if isinstance(action, argparse._SubParsersAction):
            about = {each.dest: each.help or "" for each in action._choices_actions}
            for name, command in action.choices.items():
                inner = list(_commands(command))
                yield from inner or [(command.prog, command, about.get(name, ""))]


def _section(name: str, parser: argparse.ArgumentParser, about: str) -> str:
    actions = [each for each in parser._actions if not isinstance(each, argparse._HelpAction)]
    text = f"\n## {name}\n\n{_sentence(parser.description or about)}\n"
    if actions:
        rows = "".join(f"| {_spelling(each)} | {_cell(_help(parser, each))} |\n" for each in actions)
        text += f"\n| argument | what it does |\n| --- | --- |\n{rows}"
    return text


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else ""


def _spelling(action: argparse.Action) -> str:
    name = action.metavar if isinstance(action.metavar, str) else action.dest
    name = "{" + ",".join(map(str, action.choices)) + "}" if action.choices and not action.metavar else name
    if not action.option_strings:
        return f"`{name}`" + (" …" if action.nargs in {"*", "+"} else "")
    takes = "" if action.nargs == 0 else f" {name}" + (" …" if action.nargs in {"*", "+"} else "")
    return ", ".join(f"`{option}{takes}`" for option in action.option_strings)


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    if not action.help:
        return ""
    return action.help % {**vars(action), "prog": parser.prog}


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    import sys

    from harness.commands.parser import parser

    sys.stdout.write(markdown(parser()))
