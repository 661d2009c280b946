"""Downstream: from loss to what people want."""

from lawjax.laws.base import Law

LAWS: tuple[Law, ...] = ()
"""Every law of the family."""

__all__: list[str] = []
