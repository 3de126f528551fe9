"""The line that `harness up` shows works in a shell, again and again."""

from __future__ import annotations

import subprocess

import pytest

from harness.commands.up import SESSION, _quoted


@pytest.mark.parametrize("text", [SESSION, f"a b's {SESSION} $HOME `x`", f"--session={SESSION}"])
def test_a_session_is_made_anew_and_all_else_is_as_it_was(text: str) -> None:
    said = subprocess.run(["sh", "-c", f"printf %s {_quoted(text)}"], capture_output=True, text=True, check=True).stdout
    before, after = text.split(SESSION)
    assert said.startswith(f"{before}by-hand-") and said.endswith(after)
    assert said[len(before) + len("by-hand-") : len(said) - len(after)].isdecimal()


@pytest.mark.parametrize("text", ["", "plain", "it's $HOME; rm"])
def test_a_word_without_a_session_is_one_word(text: str) -> None:
    argv = ["sh", "-c", f'f() {{ printf "%s %s" $# "$1"; }}; f {_quoted(text)}']
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == f"1 {text}"
