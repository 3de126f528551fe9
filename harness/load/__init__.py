"""Many dashboards at once: a thousand connections beside a page, each of them recorded as the page is.

A *client* is a dashboard without a page: it connects as the page was seen to (`watched.py`), says what the page said
(`behaviour.py`), and records each message. Clients live in processes of their own (`worker.py`, `client.py`), which
keep what they saw as columns (`log.py`) until the run is concluded; `crowd.py` starts them and writes what they saw
into the run's ledger (`told.py`). `workload.py` is what is done with a system meanwhile.
"""
