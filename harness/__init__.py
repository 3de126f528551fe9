"""A headless end-to-end verification harness for event streams: see README.md."""

__version__ = "0.1.0"
