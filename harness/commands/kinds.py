"""Kinds of arguments: each makes a value of a text, or says what is wrong with it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path


def one_of(known: Iterable[str]) -> Callable[[str], str]:
    """One of some names; the nearest is told for another."""
    names = tuple(known)

    def name(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(names)}{nearest(text, names)}")
        return text

    name.names = names  # type: ignore[attr-defined]  # for `harness completion`
    return name


def new_file(text: str) -> Path:
    """A file that can be written: wrong use is told before the run, not after it."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"can't be written: there is no folder {path.parent}"
        raise argparse.ArgumentTypeError(f"{text} {what}. Name a file in a folder that is there.")
    return path


def new_folder(text: str) -> Path:
    """A folder that is there, or can be made in one that is."""
    path = Path(text)
    if path.is_dir() or (path.parent.is_dir() and not path.exists()):
        return path
    what = "is a file" if path.exists() else f"can't be made: there is no folder {path.parent}"
    raise argparse.ArgumentTypeError(f"{text} {what}. Name a folder, or one to be made in a folder that is there.")


def whole(text: str) -> int:
    """A whole number, as seeds are."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be an integer") from None


def port(text: str) -> int:
    """A port, 0 for a free one."""
    if not text.isdecimal() or int(text) > MOST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} must be a port: an integer from 0 to {MOST_PORT}")
    return int(text)


MOST_PORT = 65535


def address(text: str) -> tuple[str, int]:
    """A host and a port."""
    host, _, number = text.rpartition(":")
    if not host:
        raise argparse.ArgumentTypeError(f"{text!r} must be HOST:PORT")
    return host, port(number)


def count(text: str) -> int:
    """How often, from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a positive integer")
    return int(text)


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about a wrong word: the nearest right one, or nothing."""
    from harness import extensions  # only where something is wrong

    return extensions.nearest(word, known)


def rate(text: str) -> float:
    """A positive number of events a second. Raises ArgumentTypeError."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return found
