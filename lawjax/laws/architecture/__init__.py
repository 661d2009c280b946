"""Architecture: vocabulary, experts, streams, sparsity, attention."""

from lawjax.laws.base import Law

LAWS: tuple[Law, ...] = ()
"""Every law of the family."""

__all__: list[str] = []
