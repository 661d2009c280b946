"""Precision: bits and number formats."""

from lawjax.laws.base import Law

LAWS: tuple[Law, ...] = ()
"""Every law of the family."""

__all__: list[str] = []
