"""Where the reference dashboard shows what."""

from __future__ import annotations

from harness.taps.page.spec import CounterSpec, PageSpec, PanelSpec, RowSpec, StatusSpec, StoreSpec, WindowSpec

REFERENCE = PageSpec(
    row=RowSpec('[data-testid="event-row"]', "data-type", "data-session", "data-seq", "data-index"),
    counter=CounterSpec('[data-testid="event-count"]', "data-count"),
    status=StatusSpec('[role="status"][data-connection]', "data-connection", "connected"),
    panel=PanelSpec("section[data-panel]", "data-panel", "data-session", "data-value"),
    window=WindowSpec('[data-testid="stream-window"]', "data-shown", "data-total"),
    store=StoreSpec("shannonDashboard", connection="connection", connected="connected"),
    windowed=True,
)
