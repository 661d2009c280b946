"""Training and decoding: rates, batches, schedules, drafts."""

from lawjax.laws.base import Law

LAWS: tuple[Law, ...] = ()
"""Every law of the family."""

__all__: list[str] = []
