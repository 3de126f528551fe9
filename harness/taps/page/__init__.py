"""The page tap: what reaches a dashboard's connections (delivered), its state (applied) and its document (rendered)."""

from __future__ import annotations

from harness.taps.page.reference import REFERENCE
from harness.taps.page.script import install
from harness.taps.page.spec import CounterSpec, PageSpec, PanelSpec, RowSpec, StatusSpec, StoreSpec, WindowSpec
from harness.taps.page.tap import PageTap, PageTapError

__all__ = [
    "REFERENCE",
    "CounterSpec",
    "PageSpec",
    "PageTap",
    "PageTapError",
    "PanelSpec",
    "RowSpec",
    "StatusSpec",
    "StoreSpec",
    "WindowSpec",
    "install",
]
