"""Stored runs, found again: an index of the folder of runs (`index.py`), and a page of it (`page.py`)."""
