"""What is known to be secret in a system before it has said anything: variables whose names say it, and its token."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from harness.record.masking import Mask
from harness.target.spec import Target


def known_secrets(target: Target, token_file: Path, environments: Iterable[Mapping[str, str]]) -> Mask:
    """A mask that knows them: of this process, of the target's commands, and of these environments beside them."""
    mask = Mask(target.secret_names, target.secret_patterns)
    commands = (
        target.do,
        *([] if target.pipe is None else [target.pipe]),
        *(each.command for each in target.processes),
    )
    everywhere = (os.environ, *(command.env for command in commands), *environments)
    known = [(name, value) for each in everywhere for name, value in each.items()]
    mask.learn(*(value for name, value in known if mask.is_secret(name) and _is_value(value)))
    mask.learn(
        *(
            step.text
            for page in target.each_page
            for step in (*page.opening, *page.choosing)
            if _is_typed(mask, step.what, step.selector)
        )
    )
    mask.learn(*(text for argv in (command.argv for command in commands) for text in _in_steps(mask, argv)))
    with contextlib.suppress(OSError):
        mask.learn(token_file.read_text("utf-8").strip())
    return mask


def _is_typed(mask: Mask, what: str, selector: str) -> bool:
    """Whether a step fills in something secret, as the selector of its element says."""
    return what == "fill" and mask.is_secret(selector)


def _in_steps(mask: Mask, argv: Iterable[str]) -> Iterator[str]:
    """What is filled in by steps on a page that a producer is, as its command has them."""
    for word in (each for each in argv if each.startswith("{")):
        with contextlib.suppress(ValueError, RecursionError):
            said = json.loads(word)
            steps = said.get("page", {}).get("steps", []) if isinstance(said, dict) else []
            yield from (each.get("with", "") for each in steps if _is_typed(mask, "fill", each.get("fill", "")))


def _is_value(text: str) -> bool:
    """Whether a variable's text is its value: not where that lies, and not what is still to be filled in."""
    return not text.startswith(("/", "./", "~")) and "{" not in text
