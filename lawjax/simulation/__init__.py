"""Simulated runs, and real small models to learn from."""

from lawjax.simulation.runs import simulate

__all__ = ["simulate"]
