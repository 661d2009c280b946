"""Published coefficients. Data quality: repetition, filtering, pruning, synthetic data."""

from lawjax.laws.records import Published

PUBLISHED: tuple[Published, ...] = ()
