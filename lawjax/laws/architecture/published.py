"""Published coefficients. Architecture: vocabulary, experts, streams, sparsity, attention."""

from lawjax.laws.records import Published

PUBLISHED: tuple[Published, ...] = ()
