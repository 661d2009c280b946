"""Published coefficients. Mixtures of data."""

from lawjax.laws.records import Published

PUBLISHED: tuple[Published, ...] = ()
