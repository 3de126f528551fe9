"""What `harness watch` is made of: a page that shows a run while it is recorded.

`follower.py` reads the ledger of the newest run as it grows, made by any command; `state.py` says what it
shows, with the numbers of the reports; `runner.py` makes runs, at a click or when files change
(`changes.py`); `feed.py` and `server.py` tell pages.
"""
