"""Benchmarks: what the harness costs, beside a script of the same scenario that has no harness. `make bench` runs them.

Programs to run, not tests: no figure here fails a build.
"""
