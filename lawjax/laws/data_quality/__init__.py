"""Data quality: repetition, filtering, pruning, synthetic data."""

from lawjax.laws.base import Law

LAWS: tuple[Law, ...] = ()
"""Every law of the family."""

__all__: list[str] = []
