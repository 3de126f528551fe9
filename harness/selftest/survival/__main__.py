"""Plays each fault under each strategy with as many seeds as are asked for, and writes docs/faults.md.

A campaign can be made in parts: `--part FILE` keeps each outcome as it comes, and what is in the file already is not
played again; `--merge FILE …` makes the page of several of them.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

from harness.faults.promises import PROMISES
from harness.selftest.survival.outcome import PartError, Survived, merged, read_part
from harness.selftest.survival.page import markdown
from harness.selftest.survival.playing import cells


def main(arguments: list[str] | None = None) -> int:
    """Play the table; status 1 where a promise was not kept, 2 for a file that can't be used."""
    parser = argparse.ArgumentParser(prog="python -m harness.selftest.survival", description=__doc__)
    add = parser.add_argument
    add("--seeds", type=int, default=20, metavar="N", help="how many for each cell (default: 20)")
    add("--first", type=int, default=1, metavar="SEED", help="the first of them (default: 1)")
    add("--fault", nargs="+", default=[], choices=list(PROMISES), metavar="NAME", help="which faults (default: all)")
    add("--for-s", type=float, metavar="S", help="no fault lasts longer than that")
    add("--part", type=Path, metavar="FILE", help="keep the outcomes there, and go on with what it has")
    add("--merge", nargs="+", type=Path, default=[], metavar="FILE", help="play nothing: the page of these parts")
    add("--table", type=Path, metavar="FILE", help="write the page there")
    asked = parser.parse_args(arguments)
    try:
        played = merged(asked.merge) if asked.merge else _play(asked)
    except PartError as error:
        parser.exit(2, f"{error}\n")
    if asked.table is not None:
        asked.table.write_text("\n".join(markdown(played, asked.for_s)) + "\n", "utf-8")
    return int(any(_broken(each) for each in played))


def _play(asked: argparse.Namespace) -> list[Survived]:
    played = [] if asked.part is None else read_part(asked.part)
    done = {each.cell for each in played}  # also what broke: to play it again would hide that
    seeds = range(asked.first, asked.first + asked.seeds)
    with contextlib.ExitStack() as closing:
        kept = None if asked.part is None else closing.enter_context(asked.part.open("a", encoding="utf-8"))
        for each in cells(seeds, asked.fault, asked.for_s, done):
            played.append(each)
            if kept is not None:
                kept.write(each.line() + "\n")
                kept.flush()
            sys.stdout.write(f"{each.fault}, {each.strategy}, seed {each.seed}: {_broken(each) or 'kept'}\n")
            sys.stdout.flush()
    return played


def _broken(each: Survived) -> str:
    return "; ".join(each.broken(PROMISES[each.fault][each.strategy]))


if __name__ == "__main__":
    sys.exit(main())
