"""The locustfile of `harness load --locust`: dashboards, and nobody else."""

from harness.load.locust import Dashboard

__all__ = ("Dashboard",)
