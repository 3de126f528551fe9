"""What a test says that fails by its verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.model import Verdict


def explain(verdict: Verdict, run_dir: Path) -> str:
    """A verdict as an assertion message: the hop line and the cause, then what differs, then where everything is."""
    from harness.reporting import sentences
    from harness.reporting.escape import clip, visible
    from harness.reporting.terminal import causes, differing, hop_line, paths

    lines = [hop_line(verdict), visible(sentences.headline(verdict))]
    if counted := sentences.counted(verdict):
        lines.append(visible(clip(counted, 300)))
    lines += [text for text, _ in causes(verdict)]
    lines += [f"unknown: {visible(clip(text, 300))}" for text in sentences.unknowns(verdict)[:20]]
    lines += [visible(clip(text, 300)) for text in sentences.remarks(verdict)]
    if differs := differing(verdict):
        lines += ["what differs:", *(f"  {text}" for text in differs)]
    return "\n".join([*lines, *paths(run_dir)])
